"""Texts from files, line by line: a readable line becomes a text, any other becomes a reject with its reason.

The readable formats are .jsonl and .json (one JSON object a line, with the text under "text") and .txt (one text a
line), also in a zip, which is read in place. Blank lines are skipped; blank characters at the ends of a line do not
count.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import IO

import orjson

from ckgqa.runtime.jsonlines import LayoutCheck
from ckgqa.runtime.text_files import list_texts, open_text_file
from ckgqa.runtime.white_space import is_blank, trimmed_line

# A line longer than this is skipped without being held in memory: far above any sentence with its labels.
MAX_LINE_BYTES = 16 * 1024**2
HASH_DIGITS = 8  # they tell apart the texts of one file name and line, of which there are few


@dataclass(frozen=True)
class TextSource:
    """One file of texts with its two public names."""

    path: Path
    """The file on disk: the file of texts, or the zip that holds it."""
    name: str
    """The name in rejects: relative to the input folder."""
    label: str
    """The prefix of the default id of a line: `label:line`."""
    member: str = ""
    """Its name inside the zip; empty for a file on disk."""

    @property
    def is_plain(self) -> bool:
        """Whether a line is a text by itself, and no JSON object."""
        return PurePosixPath(self.name).suffix.lower() == ".txt"


@dataclass(frozen=True)
class InputText:
    """One readable text."""

    id: str
    text: str


@dataclass(frozen=True)
class RejectedLine:
    """One unreadable line."""

    file: str
    line: int
    """Counted from 1."""
    reason: str


def find_sources(path: Path, reserved: Iterable[str] = ()) -> list[TextSource]:
    """List the files of texts that `path` is or holds at any depth, sorted by name; none for an empty folder.

    Ids begin with a file's stem; if that is not unique, with its name and folders, so that no two texts share an id.

    Args:
        path: one file, a zip or a folder.
        reserved: prefixes of ids that belong to other texts.

    Raises:
        InputError: the path does not exist, or is a file of another kind, or a folder of nothing but such files.
    """
    files = {file: _without_spaces(PurePosixPath(file.name).stem) for file in list_texts(path)}
    stems = Counter(files.values())
    stems.update(reserved)
    sources = []
    for file, stem in files.items():
        label = stem if stems[stem] == 1 else _without_spaces(file.name)
        sources.append(TextSource(file.path, file.name, label, file.member))
    return sources


def read_texts(
    sources: Sequence[TextSource],
    max_text_chars: int,
    reserved: frozenset[str] = frozenset(),
    *,
    unique_ids: bool = False,
) -> Iterator[InputText | RejectedLine]:
    """Stream every line of the files, in order, as a text or as a reject.

    Args:
        sources: the files.
        max_text_chars: length of the longest accepted text, in characters.
        reserved: prefixes of ids that belong to other texts, and that no line may use.
        unique_ids: whether ids end in a hash of the text, so that another text never has the same.

    Raises:
        InputError: a file holds a JSON array, or an object that spans several lines.
    """
    for path, of_path in groupby(sources, key=attrgetter("path")):  # a zip is opened once for all its files
        with open_text_file(path) as open_member:
            for source in of_path:
                for number, line in _lines(source, open_member(source.member)):
                    try:
                        text = _parse(source, number, line, max_text_chars, reserved)
                        yield _with_hash(text) if unique_ids else text
                    except _UnreadableError as error:
                        yield RejectedLine(source.name, number, str(error))


class _UnreadableError(Exception):
    """A line is unreadable; the message is the reason."""


def _lines(source: TextSource, stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Stream (number from 1, bytes) of the lines that are not blank; None for a line that is too long to hold."""
    layout = None if source.is_plain else LayoutCheck(source.name)
    with stream as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if layout is not None:
                layout.read(line)
            if len(line) > MAX_LINE_BYTES:
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE_BYTES)
                yield number, None
                continue
            content = trimmed_line(line)
            if content:
                yield number, content


def _parse(
    source: TextSource, number: int, line: bytes | None, max_text_chars: int, reserved: frozenset[str]
) -> InputText:
    """Parse one line, or raise `_UnreadableError` with the reason."""
    if line is None:
        raise _UnreadableError(f"the line is longer than {MAX_LINE_BYTES} bytes")
    content = {"text": _decode(line)} if source.is_plain else _parse_json(line)
    if not isinstance(content, dict):
        raise _UnreadableError(f"a JSON object is expected, not {type(content).__name__}")
    text = content.get("text")
    if not isinstance(text, str):
        raise _UnreadableError(
            '"text" is missing' if text is None else f'"text" is no string but {type(text).__name__}'
        )
    if is_blank(text):
        raise _UnreadableError('"text" is empty')
    if len(text) > max_text_chars:
        raise _UnreadableError(f'"text" has {len(text)} characters, more than {max_text_chars}')
    return InputText(_parse_id(content.get("id"), f"{source.label}:{number}", reserved), text)


def _decode(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _UnreadableError(f"not UTF-8 ({error.reason} at byte {error.start})") from error


def _parse_json(line: bytes) -> object:
    """Parse JSON; the reason distinguishes bytes that are not UTF-8 from UTF-8 that is not JSON."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        _decode(line)
        raise _UnreadableError(f"not JSON ({error.msg} at character {error.pos + 1})") from error


def _parse_id(value: object, default_id: str, reserved: frozenset[str]) -> str:
    """Return the id of a line; white space is rejected, because evidence later lists ids with spaces between them."""
    if value is None:
        return default_id
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value):
        raise _UnreadableError('"id" is neither a string nor a whole number')
    if len(str(value).split()) != 1 or str(value) != str(value).strip():
        raise _UnreadableError('"id" holds white space')
    if str(value).split(":", maxsplit=1)[0] in reserved:
        raise _UnreadableError(f'"id" {value} has the form of the archive\'s own ids')
    return str(value)


def _with_hash(text: InputText) -> InputText:
    digest = hashlib.sha256(text.text.encode()).hexdigest()
    return InputText(f"{text.id}:{digest[:HASH_DIGITS]}", text.text)


def _without_spaces(name: str) -> str:
    return "_".join(name.split())
