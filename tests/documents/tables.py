"""The tables of flags in the READMEs, made from the programs' own settings.

`make docs` writes them; a test holds what stands there against what would be written. In a README:

    <!-- flags: preprocess duie -->
    <!-- end -->
"""

import importlib
import re
from pathlib import Path

from ckgqa.runtime.program import Command
from ckgqa.runtime.settings import Flag, flags_of

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"(?P<open><!-- flags: (?P<stage>\w+) (?P<command>[\w-]+) -->\n)(?P<table>.*?)<!-- end -->", re.DOTALL
)
KINDS = {"input": "in", "output": "out", "value": "value out", "setting": ""}


def flags_table(stage: str, command: str) -> str:
    """Return the Markdown table of one command's flags."""
    commands: list[Command] = importlib.import_module(f"ckgqa_{stage}.__main__").COMMANDS
    settings = next(known.settings for known in commands if known.name == command)
    rows = "".join(_row(flag) for flag in flags_of(settings))
    return f"| flag | | default | meaning |\n| --- | --- | --- | --- |\n{rows}"


def refreshed(text: str) -> str:
    """Return a README's text with every table of flags made anew."""
    return BLOCK.sub(lambda found: f"{found['open']}{flags_table(found['stage'], found['command'])}<!-- end -->", text)


def readmes() -> list[Path]:
    """Return every document of the repository."""
    folders = (ROOT, *(ROOT / name for name in ("components", "docs", "pipelines", "images", "tests", "ckgqa")))
    found = set(ROOT.glob("*.md")) | {path for folder in folders[1:] for path in _below(folder)}
    return sorted(found)


def _below(folder: Path) -> list[Path]:
    """Return the Markdown files below a folder, the links in ckgqa/bundle not followed."""
    return [path for path in folder.rglob("*.md") if "bundle" not in path.parts]


def _row(flag: Flag) -> str:
    default = "required" if flag.required else "" if flag.default is None else f"`{flag.default}`"
    shown = "`" + flag.option + (" " + "\\|".join(flag.choices) if flag.choices else "") + "`"
    return f"| {shown} | {KINDS[flag.kind]} | {default} | {flag.description.replace('|', chr(92) + '|')} |\n"


if __name__ == "__main__":
    for readme in readmes():
        readme.write_text(refreshed(readme.read_text(encoding="utf-8")), encoding="utf-8")
