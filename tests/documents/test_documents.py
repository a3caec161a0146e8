"""The documents are true: tables as the programs have them, links that lead somewhere, commands that parse."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ckgqa.cli.main import cli

sys.path.insert(0, str(Path(__file__).parent))
from tables import BLOCK, ROOT, readmes, refreshed

FENCE = re.compile(r"```(?:bash|sh|console)\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
STAGES = sorted(path.parent for path in (ROOT / "components").glob("*/component.py"))

each_readme = pytest.mark.parametrize("readme", readmes(), ids=lambda path: path.relative_to(ROOT).as_posix())


def commands(readme: Path) -> list[list[str]]:
    """Return the command lines in a README's shell blocks, continued lines joined."""
    blocks = FENCE.findall(readme.read_text(encoding="utf-8"))
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line.removeprefix("$ "), comments=True) for line in lines if line.strip()]


@each_readme
def test_tables_of_flags_are_what_the_programs_have(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    assert refreshed(text) == text, "run `make docs`"


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: path.name)
def test_every_command_of_a_stage_has_its_table(stage: Path) -> None:
    text = (stage / "README.md").read_text(encoding="utf-8")
    shown = {(found["stage"], found["command"]) for found in BLOCK.finditer(text)}
    module = __import__(f"ckgqa_{stage.name}.__main__", fromlist=["COMMANDS"])
    assert shown == {(stage.name, command.name) for command in module.COMMANDS}


@each_readme
def test_links_lead_somewhere(readme: Path) -> None:
    targets = [target for target in LINK.findall(readme.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if not (readme.parent / target).exists()] == []


def _check_ckgqa(words: list[str]) -> None:
    """Walk down the command line's groups and parse the rest, without running anything."""
    command: click.Command = cli
    context = click.Context(cli, info_name="ckgqa")
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, f"no such command: {words}"
        command, words = found, words[1:]
    parser = command.make_parser(context)
    parser.parse_args(list(words))


def _check_make(words: list[str]) -> None:
    subprocess.run(["make", "-n", *words], cwd=ROOT, check=True, capture_output=True)


def _check_module(words: list[str]) -> None:
    """Ask the program for its help and look for each flag that the document shows."""
    assert words[0] == "-m", words
    here = [sys.executable, "-m", *(word for word in words[1:] if not word.startswith("-"))][:4]
    asked = subprocess.run([*here, "--help"], cwd=ROOT, check=True, capture_output=True, text=True, env=_stage_paths())
    missing = [word for word in words[2:] if word.startswith("--") and word not in asked.stdout]
    assert missing == []


def _stage_paths() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": ":".join(str(stage / "src") for stage in STAGES)}


CHECKS = {"ckgqa": _check_ckgqa, "make": _check_make, "python": _check_module}


@each_readme
def test_the_commands_shown_exist_with_the_flags_shown(readme: Path) -> None:
    for words in commands(readme):
        name = Path(words[0]).name
        if name in CHECKS:
            CHECKS[name](words[1:])
