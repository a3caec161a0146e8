"""YAML with line numbers, so that every error in a template file names its line.

The template files need mappings, texts, and lists of texts; other YAML is rejected. A block of text (`|`) is a list of
its lines; blank lines and lines that begin with # are ignored. A line may be indented by full-width or no-break spaces.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.white_space import BLANK, ZERO_WIDTH, trimmed

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, if PyYAML was built with it

# YAML indents by spaces alone; a full-width space is as wide as two, a character without width is none.
_INDENTS = str.maketrans(dict.fromkeys(ZERO_WIDTH, "") | {"\u3000": "  ", "\xa0": " "})


@dataclass(frozen=True)
class SourceLine:
    """One line of text and its position."""

    text: str
    file: Path
    number: int
    """From 1."""

    @property
    def location(self) -> str:
        """The position: `film.yaml line 12`."""
        return f"{self.file.name} line {self.number}"

    def error(self, reason: str) -> InputError:
        """Return an error that names the line."""
        return InputError(f"{self.location}: {reason}")


@dataclass(frozen=True)
class YamlEntry:
    """The value of a key: lines, or a mapping of further keys."""

    key: SourceLine
    lines: tuple[SourceLine, ...] = ()
    entries: Mapping[str, "YamlEntry"] | None = None

    def children(self) -> Mapping[str, "YamlEntry"]:
        """Return the mapping.

        Raises:
            InputError: the key holds lines instead.
        """
        if self.entries is None:
            raise self.key.error(f"{self.key.text!r} holds text; expected keys with values")
        return self.entries

    def texts(self) -> tuple[SourceLine, ...]:
        """Return the lines.

        Raises:
            InputError: the key holds a mapping instead, or nothing.
        """
        if self.entries is not None or not self.lines:
            raise self.key.error(f"{self.key.text!r} has no text; expected one wording a line, below `|`")
        return self.lines


def read_entries(path: Path) -> Mapping[str, YamlEntry]:
    """Read a file that holds one mapping.

    Raises:
        InputError: the file is missing, not UTF-8 or not YAML, repeats a key, or holds something else.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
        node = yaml.compose("\n".join(map(_plainly_indented, lines)), Loader=LOADER)
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such template file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error}); save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path.name}{_where(error)}: not YAML ({_problem(error)})") from error
    if not isinstance(node, yaml.MappingNode):
        raise InputError(f"{path}: expected a mapping such as `导演:` with indented keys")
    return _mapping(node, path)


def _plainly_indented(line: str) -> str:
    """Return a line that is indented by plain spaces; a blank line becomes empty."""
    content = line.lstrip(BLANK)
    return line[: len(line) - len(content)].translate(_INDENTS) + content if content else ""


def _mapping(node: yaml.MappingNode, file: Path) -> dict[str, YamlEntry]:
    entries: dict[str, YamlEntry] = {}
    for key_node, value in node.value:
        key = SourceLine(" ".join(trimmed(str(key_node.value)).split()), file, key_node.start_mark.line + 1)
        if key.text in entries:
            raise key.error(f"{key.text!r} stands there twice, first on {entries[key.text].key.location}")
        entries[key.text] = _entry(key, value, file)
    return entries


def _entry(key: SourceLine, value: yaml.Node, file: Path) -> YamlEntry:
    if isinstance(value, yaml.MappingNode):
        return YamlEntry(key, entries=_mapping(value, file))
    if isinstance(value, yaml.SequenceNode):
        return YamlEntry(key, tuple(line for item in value.value for line in _entry(key, item, file).texts()))
    return YamlEntry(key, _lines(value, file))


def _lines(node: yaml.Node, file: Path) -> tuple[SourceLine, ...]:
    """Split a text into lines; the first line of a block is below the mark that opens it."""
    first = node.start_mark.line + (2 if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"} else 1)
    lines = (SourceLine(trimmed(text), file, number) for number, text in enumerate(str(node.value).split("\n"), first))
    return tuple(line for line in lines if line.text and not line.text.startswith("#"))


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" line {mark.line + 1}" if mark is not None else ""


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error)
