"""JSON and JSON lines in UTF-8, with errors that name the file and the line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ckgqa.runtime.errors import InputError

# `dict[str, JsonValue]` is a JSON object; mypy understands the recursion.
JsonValue = list["JsonValue"] | dict[str, "JsonValue"] | str | int | float | bool | None
JsonObject = dict[str, JsonValue]


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
        InputError: there is no such file, or a line is not a JSON object; the message has the number of the line.
    """
    try:
        lines = path.open("rb")
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file") from error
    with lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path} line {number}: not JSON ({error})") from error
            if not isinstance(value, dict):
                raise InputError(f"{path} line {number}: expected a JSON object, not {type(value).__name__}")
            yield number, value


def write_jsonl(path: Path, records: Iterable[Mapping[str, object]]) -> int:
    """Write one object a line and return the number of objects."""
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
            count += 1
    return count
