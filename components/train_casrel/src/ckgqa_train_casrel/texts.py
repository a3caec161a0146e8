"""Texts out of files, line by line: what can be read is given on, what cannot is named with its line and reason.

Known are .jsonl and .json (one JSON object a line, with the text under "text") and .txt (one text a line). Lines that
hold nothing but white space say nothing and are passed over.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from ckgqa.runtime.optional_inputs import text_files

# A line longer than this is skipped without being held in memory: far above any sentence with its labels.
MAX_LINE_BYTES = 16 * 1024**2
HASH_DIGITS = 8  # they tell apart the texts of one file name and line, of which there are few
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Source:
    """One file, and the two names by which the outside knows it."""

    path: Path
    name: str
    """As rejects name it: relative to the folder that was given."""
    label: str
    """What the ids of its lines begin with, where a line has none of its own: `label:line`."""


@dataclass(frozen=True)
class Text:
    """One text that can be read."""

    id: str
    text: str


@dataclass(frozen=True)
class Reject:
    """One line that cannot be read."""

    file: str
    line: int
    """Counted from 1."""
    reason: str


def find_sources(path: Path, taken: Iterable[str] = ()) -> list[Source]:
    """List the files of texts that `path` is or holds at any depth, sorted by name; none for an empty folder.

    Ids begin with a file's stem; where that would not be unique, with its name and folders, so that no two texts
    share an id.

    Args:
        path: one file or a folder.
        taken: beginnings of ids that belong to others.

    Raises:
        InputError: it is not there, a file of another kind, or a folder of nothing but such files.
    """
    files = text_files(path)
    stems = Counter(_without_spaces(file.stem) for file in files.values())
    stems.update(taken)
    sources = []
    for name, file in files.items():
        stem = _without_spaces(file.stem)
        sources.append(Source(file, name, stem if stems[stem] == 1 else _without_spaces(name)))
    return sources


def read_texts(
    sources: Sequence[Source], max_text_chars: int, taken: frozenset[str] = frozenset(), *, unique_ids: bool = False
) -> Iterator[Text | Reject]:
    """Stream every line of the files, in order, as a text or as the reason why it is none.

    Args:
        sources: the files.
        max_text_chars: the longest text that is read, in characters.
        taken: beginnings of ids that belong to others, and that no line may claim.
        unique_ids: whether ids end in a hash of the text, so that another text never has the same.
    """
    for source in sources:
        for number, line in _lines(source.path):
            try:
                text = _parse(source, number, line, max_text_chars, taken)
                yield _with_hash(text) if unique_ids else text
            except _UnreadableError as error:
                yield Reject(source.name, number, str(error))


class _UnreadableError(Exception):
    """A line cannot be read; the message is the reason."""


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Stream (number from 1, bytes) of the lines that hold something; None for a line that is too long to hold."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE_BYTES)
                yield number, None
                continue
            content = line.removeprefix(BYTE_ORDER_MARK).strip() if number == 1 else line.strip()
            if content:
                yield number, content


def _parse(source: Source, number: int, line: bytes | None, max_text_chars: int, taken: frozenset[str]) -> Text:
    """Read one line, or raise `_UnreadableError` with the reason."""
    if line is None:
        raise _UnreadableError(f"the line is longer than {MAX_LINE_BYTES} bytes")
    content = {"text": _decoded(line)} if source.path.suffix.lower() == ".txt" else _json(line)
    if not isinstance(content, dict):
        raise _UnreadableError(f"a JSON object is expected, not {type(content).__name__}")
    text = content.get("text")
    if not isinstance(text, str):
        raise _UnreadableError(
            '"text" is missing' if text is None else f'"text" is no string but {type(text).__name__}'
        )
    if not text.strip():
        raise _UnreadableError('"text" is empty')
    if len(text) > max_text_chars:
        raise _UnreadableError(f'"text" has {len(text)} characters, more than {max_text_chars}')
    return Text(_id(content.get("id"), f"{source.label}:{number}", taken), text)


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _UnreadableError(f"not UTF-8 ({error.reason} at byte {error.start})") from error


def _json(line: bytes) -> object:
    """Read JSON; bytes that are no UTF-8 are told from UTF-8 that is no JSON."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        _decoded(line)
        raise _UnreadableError(f"not JSON ({error.msg} at character {error.pos + 1})") from error


def _id(given: object, default_id: str, taken: frozenset[str]) -> str:
    """Take a line's own id; what names an evidence later is separated by spaces, so none may stand in it."""
    if given is None:
        return default_id
    if isinstance(given, bool) or not isinstance(given, str | int) or not str(given):
        raise _UnreadableError('"id" is neither a string nor a whole number')
    if len(str(given).split()) != 1 or str(given) != str(given).strip():
        raise _UnreadableError('"id" holds white space')
    if str(given).split(":", maxsplit=1)[0] in taken:
        raise _UnreadableError(f'"id" {given} has the form of the archive\'s own ids')
    return str(given)


def _with_hash(text: Text) -> Text:
    digest = hashlib.sha256(text.text.encode()).hexdigest()
    return Text(f"{text.id}:{digest[:HASH_DIGITS]}", text.text)


def _without_spaces(name: str) -> str:
    return "_".join(name.split())
