"""The images of the stages: built by the command line, lean, without privileges, and run as their READMEs show."""

import importlib
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from ckgqa.bundle import ROOT, STAGES
from ckgqa.images.engine import connect
from ckgqa.images.plan import Image, image_name, plan_images, stage_images
from ckgqa.runtime.program import Command
from ckgqa.runtime.settings import flags_of

# On a fresh machine the first test builds every image, torch among them, and runs the stages' tests inside.
pytestmark = [pytest.mark.docker, pytest.mark.timeout(3000)]

BLOCK = re.compile(r"```(?:bash|sh)\n(.*?)```", re.DOTALL)
RUN = re.compile(r"^docker run (?:.*\\\n)*.*$", re.MULTILINE)
# Each takes what those before have made; a command's name stands where not all of a stage's commands come at once.
FLOW = (
    "preprocess duie",
    "train_casrel",
    "neptune_load",
    "preprocess questions",
    "train_jointbert",
    "register_model",
    "answer",
    "notify",
)
SERVING_MEGABYTES = 600
PING = "import urllib.request as u; u.urlopen('http://127.0.0.1:{}/ping', timeout=5)"
ANSWERER, ANSWERERS_PORT, PORT = "ckgqa/answer serve", 8000, 8080  # a model serves where SageMaker expects it
START_S = 60
UNKNOWN_USER = "12345:54321"
# What builds or installs programs, and what an installation leaves behind.
UNWANTED = """
for tool in gcc cc g++ make ld pip pip3 hatchling hatch; do command -v "$tool"; done
python -c 'import pip' 2>/dev/null && echo "pip's package"
find / -xdev \\( -name .cache -o -name '*.whl' -path '/tmp/*' -o -path /tmp/pip -o -path /tmp/added \\) 2>/dev/null
find /opt/ckgqa -writable
true
"""


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    with connect() as client:
        yield client


@pytest.fixture(scope="module")
def images() -> dict[str, Image]:
    """Build what changed, with its tests, as a user does; the table with the sizes goes to the test's output."""
    planned = plan_images()
    command = [sys.executable, "-c", "from ckgqa.cli.main import entry; entry()", "images", "build"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stderr
    built = ["base", "torch-cpu", *stage_images(planned)]
    assert all(re.search(rf"{planned[name].tag}.*│ +\d+ │ +\d+ │", done.stdout) for name in built)
    return {name: planned[name] for name in built}


def sh(client: docker.DockerClient, image: Image, script: str, user: str | None = None) -> str:
    """Run a shell script in a container without a network and return what it prints."""
    container = {"entrypoint": ["sh", "-c"], "network_mode": "none", "user": user, "remove": True, "stderr": True}
    return client.containers.run(image.tag, [script], **container).decode()


def test_every_image_is_labelled_and_without_privileges(client: docker.DockerClient, images: dict[str, Image]) -> None:
    titles = set()
    for image in images.values():
        config = client.images.get(image.tag).attrs["Config"]
        labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
        assert labels["ckgqa.content-hash"] == image.hash
        assert {"title", "description", "version", "licenses"} <= labels.keys()
        titles.add(labels["title"])
        assert config["User"] == "10001"
        assert sh(client, image, "id -u") == "10001\n"
    assert len(titles) == len(images)


def test_nothing_is_inside_that_builds_or_installs_or_can_be_changed(
    client: docker.DockerClient, images: dict[str, Image]
) -> None:
    assert {name: sh(client, image, UNWANTED) for name, image in images.items()} == dict.fromkeys(images, "")


def test_tests_are_not_inside(client: docker.DockerClient, images: dict[str, Image]) -> None:
    for stage in STAGES:
        script = "ls /opt/ckgqa; python -c 'import pytest' 2>&1 | tail -n 1"
        said = sh(client, images[image_name(stage)], script)
        assert said == "constraints.txt\nsrc\nvenv\nModuleNotFoundError: No module named 'pytest'\n"


def test_torch_is_the_cpus(client: docker.DockerClient, images: dict[str, Image]) -> None:
    said = sh(client, images["train-casrel"], "python -c 'import torch; print(torch.__version__, torch.version.cuda)'")
    assert re.fullmatch(r"2\.13\.0(\+cpu)? None\n", said)


def test_what_serves_is_small_and_has_no_torch(client: docker.DockerClient, images: dict[str, Image]) -> None:
    serving = images["train-jointbert-serve"]
    assert client.images.get(serving.tag).attrs["Size"] <= SERVING_MEGABYTES * 10**6
    for package in ("torch", "transformers", "onnx"):
        assert "ModuleNotFoundError" in sh(client, serving, f"python -c 'import {package}' 2>&1 | tail -n 1")


@pytest.mark.parametrize("stage", STAGES)
def test_the_program_answers_any_user_without_a_network(
    client: docker.DockerClient, images: dict[str, Image], stage: str
) -> None:
    tag = images[image_name(stage)].tag
    for user in (None, UNKNOWN_USER):
        said = client.containers.run(tag, ["--help"], network_mode="none", user=user, read_only=True, remove=True)
        assert said.decode().startswith(f"usage: python -m ckgqa_{stage} ")
    with pytest.raises(docker.errors.ContainerError) as refused:
        client.containers.run(tag, ["no-such-command"], network_mode="none", remove=True)
    assert refused.value.exit_status == 2


def docker_commands(stage: str) -> list[str]:
    """Return the `docker run` commands in a stage's README, continued lines joined."""
    blocks = BLOCK.findall((ROOT / "components" / stage / "README.md").read_text(encoding="utf-8"))
    return [command.replace("\\\n", " ") for block in blocks for command in RUN.findall(block)]


def commands_at(step: str) -> tuple[str, list[str]]:
    """Return the stage of a step of the flow, and the commands in its README that belong to this step."""
    stage, _, name = step.partition(" ")
    return stage, [command for command in docker_commands(stage) if not name or name in command.split()]


def commands_of(stage: str) -> Sequence[Command]:
    """Return the table of a stage's commands."""
    return importlib.import_module(f"ckgqa_{stage}.__main__").COMMANDS


def test_every_command_of_every_stage_takes_part_in_the_flow() -> None:
    shown: dict[str, set[str]] = {}
    for stage, commands in map(commands_at, FLOW):
        shown.setdefault(stage, set()).update(word for command in commands for word in command.split())
    missing = {stage: {one.name for one in commands_of(stage)} - shown.get(stage, set()) for stage in STAGES}
    assert not any(missing.values()), missing


def test_each_stage_runs_as_its_readme_shows(
    client: docker.DockerClient, images: dict[str, Image], tmp_path: Path
) -> None:
    """On the bundled sample, without a network; each stage works on what the READMEs before it have made."""
    sample = [sys.executable, "-m", "ckgqa.sample", "--output", "build/sample.zip", "--texts", "build/texts.jsonl"]
    subprocess.run(sample, cwd=tmp_path, check=True)
    for step in FLOW:
        stage, commands = commands_at(step)
        with ExitStack() as services:
            for command in commands:
                isolated = command if "--network" in command else command.replace("run", "run --network none", 1)
                done = subprocess.run(
                    ["bash", "-c", isolated], cwd=tmp_path, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, f"{command}\n{done.stderr}"
                if " -d " in command:
                    port = ANSWERERS_PORT if ANSWERER in " ".join(command.split()) else PORT
                    services.enter_context(answering(client.containers.get(done.stdout.strip()), port))
                else:
                    for output in outputs(stage, command):
                        place = tmp_path / output.replace("/data", "build")
                        assert place.exists(), f"{command}\n{output} is not there"


@contextmanager
def answering(container: Container, port: int) -> Iterator[None]:
    """Hold a service that was started in the background to its /ping, and after the block to its end."""
    try:
        deadline = time.monotonic() + START_S
        while container.exec_run(["python", "-c", PING.format(port)]).exit_code != 0:
            assert time.monotonic() < deadline, container.logs().decode()
            time.sleep(0.2)
        yield
        container.kill("SIGTERM")
        assert container.wait(timeout=START_S)["StatusCode"] == 0
    finally:
        container.remove(force=True)


def outputs(stage: str, command: str) -> list[str]:
    """Return the values of a command's output flags, as its program declares them."""
    words = shlex.split(command)
    table = {entry.name: entry.settings for entry in commands_of(stage)}
    settings = next(table[word] for word in words if word in table)
    flags = [flag.option for flag in flags_of(settings) if flag.kind == "output"]
    return [words[words.index(flag) + 1] for flag in flags]
