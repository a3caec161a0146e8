"""The commands that the documents show, in blocks, tables and sentences, and whether there is such a command.

Nothing is run but `make -n` and `--help`.
"""

import importlib
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import click
from tables import ROOT

from ckgqa.bundle import STAGES
from ckgqa.cli.main import cli
from ckgqa.images.plan import REPOSITORY, image_name, plan_images
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.program import build_parser

FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
SHELLS = {"bash", "sh", "console"}
SPAN = re.compile(r"`([^`]+)`")
ASSIGNMENTS = re.compile(r"^(?:[A-Z_][A-Z0-9_]*=\S* +)+")
COMMAND = re.compile(r"(?:\$ )?(?:[A-Z_][A-Z0-9_]*=\S* +)*(?:ckgqa|make|python|docker run|\.\.\.) ")
# What the documents leave out of a command that they have shown in full before.
SAME_AGAIN = "ckgqa run knowledge-graph"
ELLIPSIS = "..."


def commands(text: str) -> list[str]:
    """Return the command lines in a document: those of its shell blocks, and what it quotes that begins like one."""
    blocks = [block for language, block in FENCE.findall(text) if language in SHELLS]
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    spans = [" ".join(span.split()) for span in SPAN.findall(FENCE.sub("", text))]
    return [line for line in [*lines, *spans] if COMMAND.match(f"{line} ")]


def check(line: str) -> None:
    """Find the command, its subcommands and its flags; brackets around what may be left out do not matter.

    Raises:
        AssertionError: there is none such.
    """
    line = ASSIGNMENTS.sub("", line.removeprefix("$ "))
    line = line.replace(ELLIPSIS, SAME_AGAIN, 1) if line.startswith(ELLIPSIS) else line
    words = shlex.split(re.sub(r"\[([^\]]*)\]", r"\1", line), comments=True)
    {"ckgqa": _check_ckgqa, "make": _check_make, "python": _check_python, "docker": _check_docker}[words[0]](words[1:])


def _check_ckgqa(words: list[str]) -> None:
    """Walk down the command line's groups and parse the rest, without running anything."""
    command: click.Command = cli
    context = click.Context(cli, info_name="ckgqa")
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found is not None, f"ckgqa has no command {words[0]}"
        command, words = found, words[1:]
    try:
        command.make_parser(context).parse_args(list(words))
    except click.UsageError as error:
        raise AssertionError(error.format_message()) from error


def _check_make(words: list[str]) -> None:
    known = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in words:
        name, is_variable, _ = word.partition("=")
        assert not is_variable or f"$({name}" in known, f"the Makefile has no variable {name}"
    tried = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr


def _check_python(words: list[str]) -> None:
    if words[0] == "-m" and words[1].partition(".")[0] in {"ckgqa", *(f"ckgqa_{stage}" for stage in STAGES)}:
        table = getattr(importlib.import_module(f"{words[1]}.__main__"), "COMMANDS", None)
        if table is not None:
            _parse(words[1], table, words[2:])
            return
    script = words[:2] if words[0] == "-m" else words[:1]
    assert words[0] == "-m" or (ROOT / words[0]).is_file(), f"there is no {words[0]}"
    _find_flags(words[len(script) :], _help(*script))


def _parse(module: str, table: object, words: list[str]) -> None:
    """Parse the words as the program would; where some are left out, what is there must be known."""
    parser = build_parser(module, "", table)  # type: ignore[arg-type]
    if ELLIPSIS in words or "--help" in words:
        kept = [word for word in words if word != ELLIPSIS]
        names = {command.name for command in table}  # type: ignore[attr-defined]
        assert kept[0] in names | {"--help"}, f"{module} has no command {kept[0]}"
        return
    try:
        parser.parse_args(words)
    except InputError as error:
        raise AssertionError(f"python -m {module} does not take {words}") from error


@cache
def _help(*script: str) -> str:
    command = [sys.executable, *script, "--help"]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def _find_flags(words: list[str], told: str) -> None:
    flags = [word.partition("=")[0] for word in words if word.startswith("--")]
    missing = [flag for flag in flags if not re.search(rf"{re.escape(flag)}(?![\w-])", told)]
    assert missing == [], f"there are no flags {missing}"


def _check_docker(words: list[str]) -> None:
    """Look at the words behind an image of ours: they are those of its program."""
    at = next(place for place, word in enumerate(words) if word.startswith(f"{REPOSITORY}/"))
    name = words[at].removeprefix(f"{REPOSITORY}/").partition(":")[0]
    stage = next((stage for stage in STAGES if image_name(stage) == name), None)
    assert name in plan_images(), f"there is no image {words[at]}"
    if stage is not None:
        _check_python(["-m", f"ckgqa_{stage}", *words[at + 1 :]])


def in_file(path: Path) -> list[str]:
    """Return the command lines of one document."""
    return commands(path.read_text(encoding="utf-8"))
