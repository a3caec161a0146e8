"""The documents are true: tables as the programs have them, links that lead somewhere, commands that parse."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import shown
from tables import BLOCK, ROOT, readmes, refreshed

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^):]+)\)")
MESSAGE = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
STAGES = sorted(path.parent for path in (ROOT / "components").glob("*/component.py"))

each_readme = pytest.mark.parametrize("readme", readmes(), ids=lambda path: path.relative_to(ROOT).as_posix())


@each_readme
def test_tables_of_flags_are_what_the_programs_have(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    assert refreshed(text) == text, "run `make docs`"


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: path.name)
def test_every_command_of_a_stage_has_its_table(stage: Path) -> None:
    text = (stage / "README.md").read_text(encoding="utf-8")
    tables = {(found["stage"], found["command"]) for found in BLOCK.finditer(text)}
    module = __import__(f"ckgqa_{stage.name}.__main__", fromlist=["COMMANDS"])
    assert tables == {(stage.name, command.name) for command in module.COMMANDS}


@each_readme
def test_links_lead_somewhere(readme: Path) -> None:
    targets = [target for target in LINK.findall(readme.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if not (readme.parent / target).exists()] == []


@each_readme
def test_pictures_are_small(readme: Path) -> None:
    shown_there = [readme.parent / target for target in PICTURE.findall(readme.read_text(encoding="utf-8"))]
    assert [path.name for path in shown_there if path.stat().st_size > 300_000] == []


@each_readme
def test_the_commands_shown_exist_with_the_flags_shown(readme: Path) -> None:
    for line in shown.in_file(readme):
        try:
            shown.check(line)
        except AssertionError as error:
            raise AssertionError(f"{line}: {error}") from error


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_messages_of_troubleshooting_are_those_of_the_programs(name: str) -> None:
    section = re.split("^## ", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    table = next(part for part in section if part.startswith(("Troubleshooting\n", "常见问题\n")))
    sources = [ROOT / "Makefile", *(ROOT / "ckgqa").rglob("*.py")]
    program = "".join(path.read_text(encoding="utf-8") for path in sources)
    messages = MESSAGE.findall(table)
    # A word in capitals stands for a value.
    patterns = [re.sub(r"\b[A-Z]{4,}\b", r"\\{[^}]+\\}", re.escape(message)) for message in messages]
    assert [pattern for pattern in patterns if re.search(pattern, program) is None] == []
    assert len(messages) >= 5


def test_commands_are_found_in_blocks_tables_and_sentences() -> None:
    text = """| I want | `ckgqa runs list`, `show` |
    Set it: `OMP_NUM_THREADS=1 ckgqa run
    knowledge-graph --raw A.zip [--texts FILE]`; `ckgqa` and `make` alone are names; so is `ckgqa/facts`.
    ```bash
    $ make test   # a comment
    A=1 python -m ckgqa_notify notify \\
        --title x
    ls
    ```
    ```json
    {"make": "not this"}
    ```
    """
    found = [" ".join(line.split()) for line in shown.commands(re.sub("^ {4}", "", text, flags=re.MULTILINE))]
    assert found == [
        "$ make test # a comment",
        "A=1 python -m ckgqa_notify notify --title x",
        "ckgqa runs list",
        "OMP_NUM_THREADS=1 ckgqa run knowledge-graph --raw A.zip [--texts FILE]",
        "ckgqa",
        "make",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "ckgqa runs burn",
        "ckgqa runs list --no-such",
        "A=1 ckgqa run knowledge-graph --raw x [--no-such FILE]",
        "... --no-such",
        "make no-such",
        "make test NO_SUCH=1",
        "python -m ckgqa_notify no-such",
        "python -m ckgqa_notify notify --title x --message y --notification z --no-such",
        "A=1 python -m ckgqa_notify notify --title x",
        "python -m ckgqa.sample --no-such x",
        "python -m ckgqa.no_such",
        "python components/no_such.py",
        "python components/neptune_load/benchmarks/csv_scale.py --work x --no-such",
        "docker run --rm ckgqa/no-such --help",
        "docker run --rm ckgqa/notify no-such",
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str) -> None:
    with pytest.raises((AssertionError, ModuleNotFoundError)):
        shown.check(line)


@pytest.mark.parametrize(
    "line",
    [
        "$ make test REQUIRE=all TESTS=tests/graph  # a comment",
        "ckgqa run",
        "... --target process",
        "PYTHONPATH=components/notify/src python -m ckgqa_notify notify ...",
        "python -m ckgqa.sample --output x",
        "docker run --rm -v x:y ckgqa/notify:latest notify --title x --message y --notification z",
    ],
)
def test_a_command_that_exists_passes(line: str) -> None:
    shown.check(line)
