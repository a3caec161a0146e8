"""JSON and JSON lines in UTF-8, with errors that name the file and the line."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.white_space import BLANK, trimmed_line

# `dict[str, JsonValue]` is a JSON object; mypy understands the recursion.
JsonValue = list["JsonValue"] | dict[str, "JsonValue"] | str | int | float | bool | None
JsonObject = dict[str, JsonValue]


ONE_OBJECT_A_LINE = "expected one JSON object a line"

_START_BYTES = 256  # of a line: its first visible characters stand there
_ARRAY = re.compile(r"\[\s*(\{|\]?$)")  # of objects, or empty; ["a"] may be one bad line


def canonical_json(value: object) -> str:
    """Return the canonical JSON of a value: sorted keys, no spaces, Chinese unescaped."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_json(path: Path) -> JsonObject:
    """Read a file that holds one JSON object.

    Raises:
        InputError: there is no such file, or its content is not a JSON object.
    """
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({error})") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: expected a JSON object, not {type(value).__name__}")
    return value


def write_json(path: Path, value: object) -> None:
    """Write a value as readable JSON: sorted keys, indented, Chinese unescaped, a newline at the end."""
    path.write_text(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2) + "\n", encoding="utf-8")


def read_jsonl(path: Path) -> Iterator[tuple[int, JsonObject]]:
    """Stream (line number from 1, object) of a JSON-lines file; blank lines are skipped.

    Raises:
        InputError: there is no such file, or a line is not a JSON object; the message has the number of the line. Or
            the file holds a JSON array.
    """
    try:
        lines = path.open("rb")
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    with lines:
        for number, line in enumerate(map(trimmed_line, checked_lines(lines, str(path))), start=1):
            if not line:
                continue
            try:
                value = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path} line {number}: not JSON ({error})") from error
            if not isinstance(value, dict):
                raise InputError(f"{path} line {number}: expected a JSON object, not {type(value).__name__}")
            yield number, value


class LayoutCheck:
    """Rejects a file whose first lines show that it holds an array, or an object that spans several lines.

    Args:
        name: the file, for messages.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._state: Literal["unknown", "opened", "known"] = "unknown"

    def read(self, line: bytes) -> None:
        """Check the next line, or the beginning of one that is too long to hold.

        Raises:
            InputError: the file has another layout.
        """
        if self._state == "known":
            return
        start = line[:_START_BYTES].decode(errors="ignore").strip(BLANK)
        if not start:
            return
        if self._state == "unknown" and _ARRAY.match(start):
            raise InputError(
                f"{self._name}: {ONE_OBJECT_A_LINE}, but this file holds a JSON array; write each of its objects on a "
                "line of its own, as `jq -c '.[]'` does"
            )
        if self._state == "opened" and start.startswith('"'):
            raise InputError(
                f"{self._name}: {ONE_OBJECT_A_LINE}, but the first object of this file spans several lines; write each "
                "object on one line, as `jq -c .` does"
            )
        self._state = "opened" if self._state == "unknown" and start == "{" else "known"

    @property
    def is_open(self) -> bool:
        """Whether a lone bracket was read, and the next line decides what it means."""
        return self._state == "opened"


def checked_lines(lines: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Stream the lines of a file that must hold one JSON object a line.

    Args:
        lines: the lines.
        name: the file, for messages.

    Raises:
        InputError: the file holds a JSON array, or an object that spans several lines.
    """
    layout = LayoutCheck(name)
    held: list[bytes] = []
    for line in lines:
        layout.read(line)
        held.append(line)
        if not layout.is_open:
            yield from held
            held.clear()
    yield from held


def write_jsonl(path: Path, records: Iterable[Mapping[str, object]]) -> int:
    """Write one object a line and return the number of objects."""
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
            count += 1
    return count
