"""A stand-in for `preprocess questions` on a raw archive: questions as records, split at random or by wording."""

import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

Record = dict[str, object]


def read_archive(path: Path) -> Iterator[Record]:
    """Give the archive's questions as records of `ckgqa/questions`."""
    with zipfile.ZipFile(path) as archive:
        intents = intents_of(json.loads(archive.read("schema/domain_specific_intentions.json")))
        columns = [archive.read(name).decode().splitlines() for name in ("seq.in", "seq.out", "label")]
    for number, (text, tags, label) in enumerate(zip(*columns, strict=True)):
        predicate, asked = intents[label]
        start, end = span_of(tags.split())
        role = "@value" if asked == "subject" else "subject"
        yield {
            "id": f"raw:{number}",
            "text": text,
            "intent": f"list:{predicate}/{asked}",
            "mentions": [{"role": role, "start": start, "end": end, "name": text[start:end]}],
            "shape": "subject_asked" if asked == "subject" else "object_asked",
            "wording": text[:start] + "{}" + text[end:],
        }


def intents_of(schema: dict[str, dict[str, str]]) -> dict[str, tuple[str, str]]:
    """Map the archive's intents to (predicate, role that is asked for)."""
    asked = {"ask_object": "@value", "ask_subject": "subject"}
    return {label: (predicate, asked[which]) for predicate, both in schema.items() for which, label in both.items()}


def span_of(tags: list[str]) -> tuple[int, int]:
    """Give the one name of a question."""
    inside = [position for position, tag in enumerate(tags) if tag != "O"]
    return inside[0], inside[-1] + 1


def write_folder(folder: Path, parts: dict[str, list[Record]]) -> Path:
    """Write a questions folder of train, validation and test."""
    records = [record for part in parts.values() for record in part]
    steps = sorted({str(record["intent"]).removeprefix("list:") for record in records})
    folder.mkdir(parents=True)
    manifest = {"format": "ckgqa/questions", "version": 1, "made_by": "a test", "schema_hash": ""}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    labels = {"kinds": ["list"], "steps": steps, "roles": ["@value", "subject"]}
    (folder / "labels.json").write_text(json.dumps(labels, ensure_ascii=False))
    for split, part in parts.items():
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in part)
        (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def split_by(records: list[Record], key: str, seed: int = 1) -> dict[str, list[Record]]:
    """Split 70 : 10 : 20 by the values of a field, so that none stands in two splits."""
    values = sorted({str(record[key]) for record in records})
    random.Random(seed).shuffle(values)
    places = {value: number / len(values) for number, value in enumerate(values)}
    names = {"train": (0.0, 0.7), "validation": (0.7, 0.8), "test": (0.8, 1.0)}
    return {
        name: [record for record in records if low <= places[str(record[key])] < high]
        for name, (low, high) in names.items()
    }
