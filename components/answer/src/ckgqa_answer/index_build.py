"""Builds the index that linking reads: one SQLite file of a graph's names, how they sound, and where its texts stand.

| table | holds |
| --- | --- |
| `name` | key, name, types (separated by U+001F) |
| `form` | folded form, whether it is an alias, key of the name |
| `sound` | blurred pinyin, key of the name |
| `gram` | a Chinese character, or two others that stand together; length of the folded name, its key |
| `sentence` | id of a text, its place and size in `texts.jsonl` |

Rows come in the order of the file and are sorted by SQLite on disk, so that memory does not grow with the names.
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
from ckgqa_answer.folding import fold, fold_sound, is_chinese
from ckgqa_answer.sounds import blurred

VERSION = 1
SEPARATOR = "\x1f"
MAX_NAME_CHARS = 64
"""Longer names are found only where they are marked exactly: nobody types them without copying."""
BATCH_ROWS = 20_000
_CHINESE = re.compile("[\u3400-\u9fff]+")
_COUNTED = re.compile(r"[\d\W〇零一二三四五六七八九十百千万亿两年月日]+")
PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536")
LOADED = {
    "form": "form TEXT, alias INTEGER, name INTEGER",
    "sound": "sound TEXT, name INTEGER",
    "gram": "gram TEXT, length INTEGER, name INTEGER",
    "sentence": "id TEXT, place INTEGER, size INTEGER",
}
KEYS = {"form": 3, "sound": 2, "gram": 3, "sentence": 1}
"""How many of a table's first columns are its primary key."""


def signature(folder: Path) -> str:
    """Say by their content which files an index would be made of, so that one built elsewhere is known again."""
    return " ".join([str(VERSION), *(tree_hash(folder / name) for name in (NAMES_JSONL, TEXTS_JSONL))])


def build_index(folder: Path, place: Path) -> None:
    """Build the index of a graph's folder; it appears whole or not at all.

    Args:
        folder: holds `names.jsonl` and `texts.jsonl` (ckgqa/graph or ckgqa/graph-csv).
        place: the file to write.

    Raises:
        InputError: a file is missing, or a line is not what the contract says.
    """
    for name in (NAMES_JSONL, TEXTS_JSONL):
        if not (folder / name).is_file():
            raise InputError(f"{folder / name}: there is no such file; a graph's folder has it")
    with atomic_file(place) as work:
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
    for table, columns in LOADED.items():
        database.execute(f"CREATE TEMP TABLE loaded_{table} ({columns})")
    longest = _load_names(database, folder / NAMES_JSONL)
    rows = _sentences(folder / TEXTS_JSONL)
    database.executemany("INSERT INTO loaded_sentence VALUES (?, ?, ?)", rows)
    for table, columns in LOADED.items():
        names = [column.split()[0] for column in columns.split(", ")]
        key = ", ".join(names[: KEYS[table]])
        database.execute(f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID")
        database.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM loaded_{table} ORDER BY {key}")  # noqa: S608 -- our tables
    meta = {"signature": signature(folder), "longest": str(longest)}
    database.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
    database.execute("COMMIT")


def _load_names(database: sqlite3.Connection, path: Path) -> int:
    """Read all names; return the length of the longest form that is looked for inside questions."""
    longest = 0
    with _Batches(database) as rows:
        for key, (name, types, aliases, pinyin) in enumerate(_names(path), start=1):
            own, sounding = fold(name), fold_sound(name)
            forms = {own: 0} | {form: 1 for form in map(fold, aliases) if form != own}
            rows.add("name", [(key, name, SEPARATOR.join(types))])
            rows.add("form", [(form, alias, key) for form, alias in forms.items()])
            longest = max(longest, *(len(form) for form in forms if len(form) <= MAX_NAME_CHARS), 0)
            if _can_be_near(sounding):
                rows.add("sound", [(blurred(pinyin), key)])
                rows.add("gram", [(gram, len(sounding), key) for gram in grams(sounding)])
    return longest


class _Batches:
    """Gathers rows, since one statement for many is several times faster than one for each."""

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
        gathered = self._rows.setdefault(table, [])
        gathered += rows
        if len(gathered) >= BATCH_ROWS:
            self._write(table)

    def _write(self, table: str) -> None:
        rows = self._rows[table]
        if not rows:
            return
        marks = ", ".join("?" * len(rows[0]))
        place = table if table not in LOADED else f"loaded_{table}"
        self._database.executemany(f"INSERT INTO {place} VALUES ({marks})", rows)  # noqa: S608 -- our tables
        rows.clear()


def _names(path: Path) -> Iterator[tuple[str, list[str], list[str], str]]:
    """Read name, types, aliases and pinyin of each line.

    Raises:
        InputError: a line is not what the contract says.
    """
    with path.open("rb") as lines, Progress(path.stat().st_size, "bytes", "index") as progress:
        for number, line in enumerate(lines, start=1):
            try:
                record = orjson.loads(line)
                yield str(record["name"]), list(record["types"]), list(record["aliases"]), str(record["pinyin"])
            except (orjson.JSONDecodeError, KeyError, TypeError) as error:
                wanted = "name, types, aliases and pinyin are expected"
                raise InputError(f"{path} line {number}: {wanted} ({error!r})") from error
            progress.advance(len(line))


def _sentences(path: Path) -> Iterator[tuple[str, int, int]]:
    """Give id, place and size of each line.

    Raises:
        InputError: a line is not what the contract says.
    """
    place = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield str(orjson.loads(line)["id"]), place, len(line)
            except (orjson.JSONDecodeError, KeyError, TypeError) as error:
                raise InputError(f"{path} line {number}: id and text are expected ({error!r})") from error
            place += len(line)


def _can_be_near(form: str) -> bool:
    """Tell whether a name may be meant by one that is near: not a lone character, a number or a date."""
    return 2 <= len(form) <= MAX_NAME_CHARS and not _COUNTED.fullmatch(form)


def grams(form: str) -> set[str]:
    """Cut a folded name into what near names share: Chinese characters, and pairs of others."""
    if _CHINESE.fullmatch(form):
        return set(form)
    pairs = (form[at : at + 2] for at in range(len(form) - 1))
    return {c for c in form if is_chinese(c)} | {pair for pair in pairs if not any(map(is_chinese, pair))}
