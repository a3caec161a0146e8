"""The sentences behind the facts, read from `texts.jsonl` by their positions in the index."""

import json
from collections.abc import Iterable

import orjson

from ckgqa.runtime.artefacts import TEXTS_JSONL
from ckgqa_answer.linking.index import Index

_POSITIONS = "SELECT id, place, size FROM sentence WHERE id IN (SELECT value FROM json_each(?)) ORDER BY place"


class SentenceStore:
    """Looks up sentences by their ids.

    Args:
        index: the graph's index.
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    def get_many(self, ids: Iterable[str]) -> dict[str, str]:
        """Map each id to its text; an id without a text in the graph's folder is left out."""
        rows = self._index.rows(_POSITIONS, (json.dumps(sorted(set(ids)), ensure_ascii=False),))
        if not rows:
            return {}
        texts = {}
        try:
            with (self._index.folder / TEXTS_JSONL).open("rb") as lines:
                for key, position, size in rows:
                    lines.seek(position)
                    texts[str(key)] = _text(lines.read(size), str(key))
        except FileNotFoundError:  # the folder is being replaced; the index has logged it
            return {}
        return {key: text for key, text in texts.items() if text is not None}


def _text(line: bytes, key: str) -> str | None:
    """Parse a line; return None if it is another sentence's, since the file was replaced a moment ago."""
    try:
        record = orjson.loads(line)
        return str(record["text"]) if record["id"] == key else None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
