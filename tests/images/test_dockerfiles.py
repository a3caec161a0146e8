"""Every Dockerfile, torch-gpu's too, which no test can build, keeps the rules of the house."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ckgqa.bundle import ROOT

DOCKERFILES = sorted([*ROOT.glob("images/*/Dockerfile"), *ROOT.glob("components/*/Dockerfile")])
STAGE_DOCKERFILES = [file for file in DOCKERFILES if file.parent.parent.name == "components"]

each = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.parent.name)
each_stage = pytest.mark.parametrize("dockerfile", STAGE_DOCKERFILES, ids=lambda file: file.parent.name)


def stages(dockerfile: Path) -> dict[str, list[str]]:
    """Map each build stage to its instructions, continued lines joined; what precedes the first is under ''."""
    text = re.sub(r"^#.*\n", "", dockerfile.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    found: dict[str, list[str]] = {"": []}
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("FROM "):
            found[line.split(" AS ")[1]] = [line]
        else:
            found[list(found)[-1]].append(line)
    return found


@each
def test_hadolint_finds_nothing(dockerfile: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", dockerfile], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@each
def test_it_builds_from_its_declared_parent_and_from_no_moving_tag(dockerfile: Path) -> None:
    found = stages(dockerfile)
    assert re.fullmatch(r"ARG PARENT=(ckgqa/[a-z-]+|[a-z]+:[0-9][\w.-]*)", found[""][0])
    sources = {instructions[0].split()[1] for name, instructions in found.items() if name}
    assert sources <= {"${PARENT}", "program"}
    assert ":latest" not in dockerfile.read_text(encoding="utf-8")


@each
def test_what_remains_is_labelled_and_runs_as_a_user_without_privileges(dockerfile: Path) -> None:
    program = stages(dockerfile)["program"]
    labels = next(line for line in program if line.startswith("LABEL"))
    assert all(f"org.opencontainers.image.{label}=" in labels for label in ("title", "description"))
    assert [line for line in program if line.startswith("USER")] == ["USER 10001"]


@each
def test_nothing_is_installed_in_the_stage_that_remains(dockerfile: Path) -> None:
    text = "\n".join(stages(dockerfile)["program"])
    assert not re.search(r"( install |apt-get|curl|wget|ensurepip)", text)


@each
def test_whatever_pip_installs_is_held_to_the_pinned_versions(dockerfile: Path) -> None:
    lines = [line for instructions in stages(dockerfile).values() for line in instructions if " install " in line]
    assert lines
    assert all("-c /opt/ckgqa/constraints.txt" in line or "--no-deps" in line for line in lines)


@pytest.mark.parametrize("name", ["torch-cpu", "torch-gpu"])
def test_threads_of_torch_do_not_spin_while_they_wait(name: str) -> None:
    settings = [line for line in stages(ROOT / "images" / name / "Dockerfile")["program"] if line.startswith("ENV")]
    assert any("OMP_WAIT_POLICY=PASSIVE" in line.split() for line in settings)


@each_stage
def test_a_stage_runs_its_tests_and_its_program_is_its_entrypoint(dockerfile: Path) -> None:
    found = stages(dockerfile)
    assert list(found)[:-1] == ["", "packages", "program", "test"]
    assert found["program"][-1] == f'ENTRYPOINT ["python", "-m", "ckgqa_{dockerfile.parent.name}"]'
    assert "-m pytest" in found["test"][-1]
    assert list(found.values())[-1] == [f"FROM program AS {list(found)[-1]}"]


@each_stage
def test_a_stage_differs_from_another_only_where_it_must(dockerfile: Path) -> None:
    """The outline is one: a change of it in one stage alone is forgotten in the others."""

    def outline(file: Path) -> str:
        text = file.read_text(encoding="utf-8").replace(file.parent.name, "").replace("torch-cpu", "base")
        text = re.sub(r"^#.*\n|image\.(title|description)=.*", "", text, flags=re.MULTILINE)
        return re.sub(r"FROM program AS \w+", "", text)

    assert outline(dockerfile) == outline(STAGE_DOCKERFILES[0])
