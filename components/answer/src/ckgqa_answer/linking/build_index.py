"""Builds the index for entity linking: one SQLite file of a graph's names, their pinyin, and its sentences' positions.

| table | holds |
| --- | --- |
| `name` | key, name, types (separated by U+001F) |
| `form` | normalized form, how it names the entity (`OWN`, `ALIAS`, `SHORT`), key of the name |
| `sound` | fuzzy pinyin, key of the name |
| `gram` | a Chinese character, or two adjacent others; length of the normalized name, key of the name |
| `sentence` | id of a sentence, its position and size in `texts.jsonl`, in bytes |

SQLite sorts the rows on disk, so that memory does not grow with the number of names.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from ckgqa.runtime.artefacts import NAMES_JSONL, TEXTS_JSONL
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file, tree_hash
from ckgqa.runtime.progress import Progress
from ckgqa_answer.linking.affixes import short_names
from ckgqa_answer.linking.normalize import is_chinese, normalize_name, normalize_spelling
from ckgqa_answer.linking.phonetics import fuzzy_pinyin

VERSION = 2
OWN, ALIAS, SHORT = 0, 1, 2
"""How a form names an entity: as its name, as an alias, or as an organization's name without the word for its type."""
SEPARATOR = "\x1f"
MAX_NAME_CHARS = 64
"""Longer names are linked only if the mention is exact: nobody types them without copying."""
BATCH_ROWS = 20_000
_CHINESE = re.compile("[\u3400-\u9fff]+")
_NUMERAL = re.compile(r"[\d\W〇零一二三四五六七八九十百千万亿两年月日]+")
PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536")
TABLES = {
    "form": "form TEXT, kind INTEGER, name INTEGER",
    "sound": "sound TEXT, name INTEGER",
    "gram": "gram TEXT, length INTEGER, name INTEGER",
    "sentence": "id TEXT, place INTEGER, size INTEGER",
}
# A short name that another entity has too, in whatever way, tells nothing.
_DROP_AMBIGUOUS_SHORT = f"""
DELETE FROM loaded_form WHERE kind = {SHORT} AND form IN
(SELECT form FROM loaded_form GROUP BY form HAVING count(DISTINCT name) > 1)
"""  # noqa: S608 -- our constant
KEYS = {"form": 3, "sound": 2, "gram": 3, "sentence": 1}
"""Number of a table's first columns that are its primary key."""


def signature(folder: Path) -> str:
    """Return a digest of the files that an index is built from, by which an index built elsewhere is recognized."""
    return " ".join([str(VERSION), *(tree_hash(folder / name) for name in (NAMES_JSONL, TEXTS_JSONL))])


def build_index(folder: Path, path: Path) -> None:
    """Build the index of a graph's folder atomically.

    Args:
        folder: holds `names.jsonl` and `texts.jsonl` (ckgqa/graph or ckgqa/graph-csv).
        path: the file to write.

    Raises:
        InputError: a file is missing, or a line breaks the contract.
    """
    for name in (NAMES_JSONL, TEXTS_JSONL):
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: there is no such file; a graph's folder has it")
    with atomic_file(path) as work:
        database = sqlite3.connect(work, isolation_level=None)
        try:
            _fill(database, folder)
        finally:
            database.close()


def _fill(database: sqlite3.Connection, folder: Path) -> None:
    for pragma in PRAGMAS:
        database.execute(f"PRAGMA {pragma}")
    database.execute("BEGIN")
    database.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
    database.execute("CREATE TABLE name (key INTEGER PRIMARY KEY, name TEXT, types TEXT)")
    for table, columns in TABLES.items():
        database.execute(f"CREATE TEMP TABLE loaded_{table} ({columns})")
    longest = _load_names(database, folder / NAMES_JSONL)
    rows = _sentences(folder / TEXTS_JSONL)
    database.executemany("INSERT INTO loaded_sentence VALUES (?, ?, ?)", rows)
    database.execute(_DROP_AMBIGUOUS_SHORT)
    for table, columns in TABLES.items():
        column_names = [column.split()[0] for column in columns.split(", ")]
        key = ", ".join(column_names[: KEYS[table]])
        database.execute(f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID")
        database.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM loaded_{table} ORDER BY {key}")  # noqa: S608 -- our tables
    meta = {"signature": signature(folder), "longest": str(longest)}
    database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    database.execute("COMMIT")


def _load_names(database: sqlite3.Connection, path: Path) -> int:
    """Insert all names; return the length of the longest form that is searched for inside questions."""
    longest = 0
    with _Batches(database) as rows:
        for key, (name, types, aliases, pinyin) in enumerate(_names(path), start=1):
            own, spelling = normalize_name(name), normalize_spelling(name)
            forms = dict.fromkeys(map(normalize_name, short_names(name, types)), SHORT)
            forms |= dict.fromkeys(map(normalize_name, aliases), ALIAS) | {own: OWN}
            rows.add("name", [(key, name, SEPARATOR.join(types))])
            rows.add("form", [(form, kind, key) for form, kind in forms.items()])
            longest = max(longest, *(len(form) for form in forms if len(form) <= MAX_NAME_CHARS), 0)
            if _can_be_mistyped(spelling):
                rows.add("sound", [(fuzzy_pinyin(pinyin), key)])
                rows.add("gram", [(gram, len(spelling), key) for gram in grams(spelling)])
    return longest


class _Batches:
    """Collects rows, since one statement for many rows is several times faster than one for each."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._rows: dict[str, list[tuple[object, ...]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for table in self._rows if error is None else ():
            self._write(table)

    def add(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Add rows to a table."""
        pending = self._rows.setdefault(table, [])
        pending += rows
        if len(pending) >= BATCH_ROWS:
            self._write(table)

    def _write(self, table: str) -> None:
        rows = self._rows[table]
        if not rows:
            return
        marks = ", ".join("?" * len(rows[0]))
        target = table if table not in TABLES else f"loaded_{table}"
        self._database.executemany(f"INSERT INTO {target} VALUES ({marks})", rows)  # noqa: S608 -- our tables
        rows.clear()


def _names(path: Path) -> Iterator[tuple[str, list[str], list[str], str]]:
    """Yield name, types, aliases and pinyin of each line.

    Raises:
        InputError: a line breaks the contract.
    """
    with path.open("rb") as lines, Progress(path.stat().st_size, "bytes", "index") as progress:
        for number, line in enumerate(lines, start=1):
            try:
                record = orjson.loads(line)
                yield str(record["name"]), list(record["types"]), list(record["aliases"]), str(record["pinyin"])
            except (orjson.JSONDecodeError, KeyError, TypeError) as error:
                expected = "expected name, types, aliases and pinyin"
                raise InputError(f"{path} line {number}: {expected} ({error!r})") from error
            progress.advance(len(line))


def _sentences(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield id, position and size of each line.

    Raises:
        InputError: a line breaks the contract.
    """
    position = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield str(orjson.loads(line)["id"]), position, len(line)
            except (orjson.JSONDecodeError, KeyError, TypeError) as error:
                raise InputError(f"{path} line {number}: expected id and text ({error!r})") from error
            position += len(line)


def _can_be_mistyped(form: str) -> bool:
    """Return whether fuzzy search may find a name: not a single character, a number or a date."""
    return 2 <= len(form) <= MAX_NAME_CHARS and not _NUMERAL.fullmatch(form)


def grams(form: str) -> set[str]:
    """Split a normalized name into the grams that similar names share: Chinese characters, and pairs of others."""
    if _CHINESE.fullmatch(form):
        return set(form)
    pairs = (form[at : at + 2] for at in range(len(form) - 1))
    return {c for c in form if is_chinese(c)} | {pair for pair in pairs if not any(map(is_chinese, pair))}
