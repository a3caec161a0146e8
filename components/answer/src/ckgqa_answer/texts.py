"""The sentences behind the facts, read from the file where they stand."""

import json
from collections.abc import Iterable

import orjson

from ckgqa.runtime.artefacts import TEXTS_JSONL
from ckgqa_answer.index import Index

_PLACES = "SELECT id, place, size FROM sentence WHERE id IN (SELECT value FROM json_each(?)) ORDER BY place"


class Texts:
    """Looks up sentences by their ids.

    Args:
        index: the graph's index.
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    def of(self, ids: Iterable[str]) -> dict[str, str]:
        """Map each id to its text; an id that the graph's folder has no text for is left out."""
        rows = self._index.rows(_PLACES, (json.dumps(sorted(set(ids)), ensure_ascii=False),))
        if not rows:
            return {}
        found = {}
        with (self._index.folder / TEXTS_JSONL).open("rb") as lines:
            for key, place, size in rows:
                lines.seek(place)
                found[str(key)] = _text(lines.read(size), str(key))
        return {key: text for key, text in found.items() if text is not None}


def _text(line: bytes, key: str) -> str | None:
    """Read a line; None where another one stands there now, since the file was replaced a moment ago."""
    try:
        record = orjson.loads(line)
        return str(record["text"]) if record["id"] == key else None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
