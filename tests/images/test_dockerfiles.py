"""Every Dockerfile, torch-gpu's too, which no test can build, keeps the rules of the house."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ckgqa.bundle import ROOT

DOCKERFILES = sorted([*ROOT.glob("images/*/Dockerfile"), *ROOT.glob("components/*/Dockerfile")])
STAGE_DOCKERFILES = [file for file in DOCKERFILES if file.parent.parent.name == "components"]
SERVING_STARTS, PROGRAM_STARTS = "FROM ${SERVE_PARENT} AS serve-packages\n", "FROM ${PARENT} AS packages\n"
# A serving image's stages have the names of a program's behind `serve`.
AS_PROGRAM = {
    "SERVE_PARENT": "PARENT", "requirements-serve": "requirements", "serve-packages": "packages",
    "serve-test": "test", "AS serve\n": "AS program\n", "FROM serve ": "FROM program ",
}  # fmt: skip


def images_of(dockerfile: Path) -> dict[str, str]:
    """Give the Dockerfile's text for each image that it makes, as if it made that one alone."""
    text = dockerfile.read_text(encoding="utf-8")
    if SERVING_STARTS not in text:
        return {dockerfile.parent.name: text}
    head, rest = text.split(SERVING_STARTS)
    serving, program = rest.split(PROGRAM_STARTS)
    comment, own, other = head.splitlines(keepends=True)[:3]
    serving = f"{comment}{other}\n{SERVING_STARTS}{serving}"
    for name, usual in AS_PROGRAM.items():
        serving = serving.replace(name, usual)
    return {
        dockerfile.parent.name: f"{comment}{own}\n{PROGRAM_STARTS}{program}",
        f"{dockerfile.parent.name}-serve": serving,
    }


IMAGES = {name: text for file in DOCKERFILES for name, text in images_of(file).items()}
STAGE_IMAGES = {name: text for file in STAGE_DOCKERFILES for name, text in images_of(file).items()}

each_file = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.parent.name)
each = pytest.mark.parametrize("text", IMAGES.values(), ids=list(IMAGES))
each_stage = pytest.mark.parametrize(("name", "text"), STAGE_IMAGES.items(), ids=list(STAGE_IMAGES))


def stages(text: str) -> dict[str, list[str]]:
    """Map each build stage to its instructions, continued lines joined; what precedes the first is under ''."""
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found: dict[str, list[str]] = {"": []}
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("FROM "):
            found[line.split(" AS ")[1]] = [line]
        else:
            found[list(found)[-1]].append(line)
    return found


@each_file
def test_hadolint_finds_nothing(dockerfile: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", dockerfile], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@each
def test_it_builds_from_its_declared_parent_and_from_no_moving_tag(text: str) -> None:
    found = stages(text)
    assert re.fullmatch(r"ARG PARENT=(ckgqa/[a-z-]+|[a-z]+:[0-9][\w.-]*)", found[""][0])
    sources = {instructions[0].split()[1] for name, instructions in found.items() if name}
    assert sources <= {"${PARENT}", "program"}
    assert ":latest" not in text


@each
def test_what_remains_is_labelled_and_runs_as_a_user_without_privileges(text: str) -> None:
    program = stages(text)["program"]
    labels = next(line for line in program if line.startswith("LABEL"))
    assert all(f"org.opencontainers.image.{label}=" in labels for label in ("title", "description"))
    assert [line for line in program if line.startswith("USER")] == ["USER 10001"]


@each
def test_nothing_is_installed_in_the_stage_that_remains(text: str) -> None:
    remains = "\n".join(stages(text)["program"])
    assert not re.search(r"( install |apt-get|curl|wget|ensurepip)", remains)


@each
def test_whatever_pip_installs_is_held_to_the_pinned_versions(text: str) -> None:
    lines = [line for instructions in stages(text).values() for line in instructions if " install " in line]
    assert lines
    assert all("-c /opt/ckgqa/constraints.txt" in line or "--no-deps" in line for line in lines)


@pytest.mark.parametrize("name", ["torch-cpu", "torch-gpu"])
def test_threads_of_torch_do_not_spin_while_they_wait(name: str) -> None:
    settings = [
        line
        for line in stages((ROOT / "images" / name / "Dockerfile").read_text(encoding="utf-8"))["program"]
        if line.startswith("ENV")
    ]
    assert any("OMP_WAIT_POLICY=PASSIVE" in line.split() for line in settings)


@each_stage
def test_a_stage_runs_its_tests_and_its_program_is_its_entrypoint(name: str, text: str) -> None:
    found = stages(text)
    serving = name.endswith("-serve")  # its last stage is its tests, since the program's stages follow
    assert list(found)[:4] == ["", "packages", "program", "test"]
    assert found["program"][-1] == f'ENTRYPOINT ["python", "-m", "ckgqa_{name.removesuffix("-serve")}"]'
    assert "-m pytest" in found["test"][-1]
    assert list(found.values())[4:] == ([] if serving else [[f"FROM program AS {list(found)[-1]}"]])


@each_stage
def test_a_stage_differs_from_another_only_where_it_must(name: str, text: str) -> None:
    """The outline is one: a change of it in one stage alone is forgotten in the others."""

    def outline(name: str, text: str) -> str:
        text = text.replace(name.removesuffix("-serve"), "").replace("torch-cpu", "base")
        text = re.sub(r"^#.*\n|image\.(title|description)=.*", "", text, flags=re.MULTILINE)
        # Which packages test a serving image, and which tests run in it, is its own business.
        text = re.sub(r"pytest pytest-timeout.*", "", text)
        text = re.sub(r"PytestUnknownMarkWarning.*?(?=\n\nFROM|\Z)", "", text, flags=re.DOTALL)
        return re.sub(r"FROM program AS (?!test)\w+", "", text).rstrip()

    first = STAGE_DOCKERFILES[0].parent.name
    assert outline(name, text) == outline(first, STAGE_IMAGES[first])
