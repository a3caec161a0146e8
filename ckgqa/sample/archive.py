"""Writes the sample in the form of DuIE 2.0's archive, and texts without labels beside it; same seed, same bytes."""

import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

from ckgqa.runtime.files import atomic_file
from ckgqa.sample.sentences import SentenceWriter
from ckgqa.sample.tables import SchemaLine, Table, read_schema, read_tables

TRAIN_SENTENCES = 3000
DEV_SENTENCES = 400
EXTRA_TEXTS = 200
UNSEEN_SHARE = 0.15  # rows of each table that no training sentence uses
UNSEEN_DEV_SHARE = 0.5  # sentences of dev.json that use those rows
ZIP_TIME = (2020, 1, 1, 0, 0, 0)  # a member's time is part of the bytes; any fixed one does


def write_sample(path: Path, seed: int = 13) -> None:
    """Write `schema.json`, `train.json` and `dev.json` into a zip at `path`.

    Args:
        path: the zip; it appears whole or not at all.
        seed: another seed makes other sentences of the same facts.
    """
    schema = read_schema()
    known, unseen = _parts(read_tables(), seed)
    seen: set[str] = set()
    train = _sentences(known, schema, Random(f"{seed} train"), seen, TRAIN_SENTENCES)  # noqa: S311 -- not for secrets
    new = int(DEV_SENTENCES * UNSEEN_DEV_SHARE)
    dev = _sentences(unseen, schema, Random(f"{seed} unseen"), seen, new)  # noqa: S311
    dev += _sentences(known, schema, Random(f"{seed} dev"), seen, DEV_SENTENCES - new)  # noqa: S311
    with atomic_file(path) as work, zipfile.ZipFile(work, "w") as packed:
        for name, records in (("schema.json", schema), ("train.json", train), ("dev.json", dev)):
            member = zipfile.ZipInfo(name, ZIP_TIME)
            member.external_attr = 0o644 << 16
            member.create_system = 3  # Unix, wherever it is written
            packed.writestr(member, _lines(records), zipfile.ZIP_DEFLATED)


def write_texts(path: Path, seed: int = 13) -> None:
    """Write texts without labels as JSON lines, for extraction: an `id` and a `text` each."""
    writer = SentenceWriter(read_tables(), _types(read_schema()), Random(f"{seed} texts"), set())  # noqa: S311
    texts = [
        {"id": f"extra:{number}", "text": sentence.text}
        for number, sentence in enumerate(writer.sentences(EXTRA_TEXTS), 1)
    ]
    with atomic_file(path) as work:
        work.write_text(_lines(texts), encoding="utf-8")


def _parts(tables: list[Table], seed: int) -> tuple[list[Table], list[Table]]:
    """Split each table's rows into known ones, which training uses, and unseen ones; both parts have a row at least."""
    known, unseen = [], []
    for table in tables:
        rows = list(table.rows)
        Random(f"{seed} {table.name}").shuffle(rows)  # noqa: S311
        cut = max(1, round(len(rows) * UNSEEN_SHARE))
        known.append(replace(table, rows=rows[cut:]))
        unseen.append(replace(table, rows=rows[:cut]))
    return known, unseen


def _sentences(
    tables: list[Table], schema: list[SchemaLine], rng: Random, seen: set[str], count: int
) -> list[dict[str, object]]:
    return [sentence.to_json() for sentence in SentenceWriter(tables, _types(schema), rng, seen).sentences(count)]


def _types(schema: list[SchemaLine]) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Return predicate -> (subject's type, slot -> type)."""
    return {line["predicate"]: (line["subject_type"], line["object_type"]) for line in schema}


def _lines(records: Iterable[Mapping[str, object]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
