"""Every Dockerfile follows the same conventions, also that of torch-gpu, which no test builds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ckgqa.bundle import ROOT
from ckgqa.images.plan import image_name

DOCKERFILES = sorted([*ROOT.glob("images/*/Dockerfile"), *ROOT.glob("components/*/Dockerfile")])
STAGE_DOCKERFILES = [file for file in DOCKERFILES if file.parent.parent.name == "components"]
SERVING_STARTS, PROGRAM_STARTS = "FROM ${SERVE_PARENT} AS serve-packages\n", "FROM ${PARENT} AS packages\n"
# A serving image's stages have the names of a program's behind `serve`.
AS_PROGRAM = {
    "SERVE_PARENT": "PARENT", "requirements-serve": "requirements", "serve-packages": "packages",
    "serve-test": "test", "AS serve\n": "AS program\n", "FROM serve ": "FROM program ",
}  # fmt: skip


def images_of(dockerfile: Path) -> dict[str, str]:
    """Return the Dockerfile's text for each image that it makes, as if it made only that image."""
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

each_file = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.parent.name)
each = pytest.mark.parametrize("text", IMAGES.values(), ids=list(IMAGES))


def stages(text: str) -> dict[str, list[str]]:
    """Map each build stage to its instructions, continued lines joined; the lines before the first are under ''."""
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    instructions: dict[str, list[str]] = {"": []}
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("FROM "):
            instructions[line.split(" AS ")[1]] = [line]
        else:
            instructions[list(instructions)[-1]].append(line)
    return instructions


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


# The lines of a stage's Dockerfile that are its own; `note` explains why some tests do not run in the image.
DESCRIPTION = r'org\.opencontainers\.image\.description="(?P<description>[^"]+)"\n.*?\n\n(?P<note>(?:# .*?\n)?)'
OWN_LINES = re.compile(
    r"# \w+: (?P<purpose>[^\n]*)\n"
    r"ARG PARENT=ckgqa/(?P<parent>[\w-]+)\n.*"
    rf"{DESCRIPTION}FROM program AS test\n.*"
    r"PytestUnknownMarkWarning \\\n(?P<ignored>(?: +--ignore [^\n]+\n)?) +-m .*"
    r"\nFROM program AS (?P<last>image|train)\n",
    re.DOTALL,
)
SERVING_LINES = re.compile(rf"ARG SERVE_PARENT=ckgqa/base\n.*{DESCRIPTION}FROM serve AS serve-test\n", re.DOTALL)
MARKS = '      -m "not docker and not gremlin and not gpu and not slow" /opt/ckgqa/tests'


def packages_stage(prefix: str) -> str:
    """Return the stage that installs the packages of the program, or of what serves (prefix `serve-`)."""
    parent, suffix = ("SERVE_PARENT", "-serve") if prefix else ("PARENT", "")
    return f"""\
FROM ${{{parent}}} AS {prefix}packages
COPY requirements{suffix}.txt /tmp/
RUN mkdir /tmp/added && python -m venv /tmp/pip && /tmp/pip/bin/pip --python /opt/ckgqa/venv/bin/python install --no-cache-dir \\
      --prefix /tmp/added -c /opt/ckgqa/constraints.txt -r /tmp/requirements{suffix}.txt
"""  # noqa: E501 -- as it stands in the files


def image_stage(stage: str, prefix: str, description: str) -> str:
    """Return the stage that is the image."""
    parent, name, suffix = ("SERVE_PARENT", "serve", "-serve") if prefix else ("PARENT", "program", "")
    return f"""\
FROM ${{{parent}}} AS {name}
LABEL org.opencontainers.image.title="ckgqa {image_name(stage)}{suffix}" \\
      org.opencontainers.image.description="{description}"
COPY --from={prefix}packages --chown=0:0 /tmp/added /opt/ckgqa/venv
COPY src /opt/ckgqa/src
USER 10001
ENTRYPOINT ["python", "-m", "ckgqa_{stage}"]
"""


def stage_with_tests(prefix: str, note: str, selection: str) -> str:
    """Return the stage that runs the tests that `selection` names."""
    name, folder = ("serve", "tests/serving") if prefix else ("program", "tests")
    return f"""\
{note}FROM {name} AS {prefix}test
COPY --from={prefix}packages /tmp/pip /tmp/pip
COPY {folder}/requirements.txt /tmp/tests.txt
RUN /tmp/pip/bin/pip --python /opt/ckgqa/venv/bin/python install --no-cache-dir --no-compile \\
      --prefix /tmp/added -c /opt/ckgqa/constraints.txt -r /tmp/tests.txt
WORKDIR /tmp
COPY tests /opt/ckgqa/tests
ENV PYTHONPATH=/opt/ckgqa/src:/tmp/added/lib/python3.11/site-packages
RUN python -m pytest -q -p no:cacheprovider --import-mode=importlib --rootdir /opt/ckgqa \\
      -W ignore::pytest.PytestUnknownMarkWarning {selection}
"""


def dockerfile(stage: str, own: dict[str, str], serving: dict[str, str] | None) -> str:
    """Return the Dockerfile of a stage: the template, with the stage's own lines."""
    head = f"# {stage}: {own['purpose']}\nARG PARENT=ckgqa/{own['parent']}\n"
    parts = []
    if serving:
        head += "ARG SERVE_PARENT=ckgqa/base\n"
        parts = [
            packages_stage("serve-"),
            image_stage(stage, "serve-", serving["description"]),
            stage_with_tests("serve-", serving["note"], "/opt/ckgqa/tests/serving"),
        ]
    parts += [
        packages_stage(""),
        image_stage(stage, "", own["description"]),
        stage_with_tests("", own["note"], f"\\\n{own['ignored']}{MARKS}"),
        f"FROM program AS {own['last']}\n",
    ]
    return "\n".join([head, *parts])


@pytest.mark.parametrize("file", STAGE_DOCKERFILES, ids=lambda file: file.parent.name)
def test_a_stages_dockerfile_is_the_template_with_its_own_lines(file: Path) -> None:
    """A change of the outline in one stage alone would be forgotten in the others."""
    text = file.read_text(encoding="utf-8")
    serving = SERVING_LINES.search(text)
    own = OWN_LINES.fullmatch(text if serving is None else text[: serving.start()] + text[serving.end() :])
    assert own, "the template does not have the stage's own lines there"
    assert text == dockerfile(file.parent.name, own.groupdict(), serving and serving.groupdict())
