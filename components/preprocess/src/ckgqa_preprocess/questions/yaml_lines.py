"""YAML that remembers its lines, so that every complaint about a template file names the place.

Of YAML only what the template files need is taken: mappings, texts, and lists of texts. A block of text (`|`) is a list
of its lines; blank lines and those that begin with # say nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from ckgqa.runtime.errors import InputError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it


@dataclass(frozen=True)
class Line:
    """One line of text and where it stands."""

    text: str
    file: Path
    number: int
    """From 1."""

    @property
    def place(self) -> str:
        """Where it stands: `film.yaml line 12`."""
        return f"{self.file.name} line {self.number}"

    def error(self, reason: str) -> InputError:
        """Return the error that names the line."""
        return InputError(f"{self.place}: {reason}")


@dataclass(frozen=True)
class Entry:
    """The value of a key: lines, or a mapping of further keys."""

    key: Line
    lines: tuple[Line, ...] = ()
    entries: Mapping[str, "Entry"] | None = None

    def children(self) -> Mapping[str, "Entry"]:
        """Return the mapping.

        Raises:
            InputError: there are lines in its place.
        """
        if self.entries is None:
            raise self.key.error(f"{self.key.text!r} holds text; keys with values are expected")
        return self.entries

    def texts(self) -> tuple[Line, ...]:
        """Return the lines.

        Raises:
            InputError: there is a mapping in their place, or nothing.
        """
        if self.entries is not None or not self.lines:
            raise self.key.error(f"{self.key.text!r} has no text; one wording a line, below `|`, is expected")
        return self.lines


def read_entries(path: Path) -> Mapping[str, Entry]:
    """Read a file that holds one mapping.

    Raises:
        InputError: it is not there, no UTF-8, no YAML, has a key twice, or holds something else.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=LOADER)
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such template file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error}); save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path.name}{_where(error)}: not YAML ({_problem(error)})") from error
    if not isinstance(node, yaml.MappingNode):
        raise InputError(f"{path}: a mapping such as `导演:` with indented keys is expected")
    return _mapping(node, path)


def _mapping(node: yaml.MappingNode, file: Path) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for key_node, value in node.value:
        key = Line(str(key_node.value), file, key_node.start_mark.line + 1)
        if key.text in entries:
            raise key.error(f"{key.text!r} stands there twice, first on {entries[key.text].key.place}")
        entries[key.text] = _entry(key, value, file)
    return entries


def _entry(key: Line, value: yaml.Node, file: Path) -> Entry:
    if isinstance(value, yaml.MappingNode):
        return Entry(key, entries=_mapping(value, file))
    if isinstance(value, yaml.SequenceNode):
        return Entry(key, tuple(line for item in value.value for line in _entry(key, item, file).texts()))
    return Entry(key, _lines(value, file))


def _lines(node: yaml.Node, file: Path) -> tuple[Line, ...]:
    """Take a text apart; the first line of a block stands below the mark that opens it."""
    first = node.start_mark.line + (2 if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"} else 1)
    lines = (Line(text.strip(), file, number) for number, text in enumerate(str(node.value).split("\n"), first))
    return tuple(line for line in lines if line.text and not line.text.startswith("#"))


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" line {mark.line + 1}" if mark is not None else ""


def _problem(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error)
