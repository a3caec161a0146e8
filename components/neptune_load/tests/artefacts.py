"""Makes artefacts of any content for the tests."""

import json
import os
from pathlib import Path

from ckgqa.runtime.artefacts import FACTS, SENTENCES
from ckgqa.runtime.manifest import Manifest, write_manifest


def triple(subject, predicate, value, kinds=("人物", "人物"), score=None, **slots):
    """One triple; `slots` are further slots as name=(value, type)."""
    record = {
        "subject": subject,
        "subject_type": kinds[0],
        "predicate": predicate,
        "object": {"@value": value} | {slot: pair[0] for slot, pair in slots.items()},
        "object_type": {"@value": kinds[1]} | {slot: pair[1] for slot, pair in slots.items()},
    }
    return record if score is None else record | {"score": score, "spans": {}}


def sentence(key, triples, text=None):
    return {"id": key, "text": text or f"句子{key}。", "triples": triples}


def write_lines(path: Path, records):
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def write_sentences(folder: Path, train=(), validation=(), test=(), schema_hash="s1"):
    folder.mkdir(parents=True)
    for name, records in (("train", train), ("validation", validation), ("test", test)):
        write_lines(folder / f"{name}.jsonl", records)
    write_manifest(folder, Manifest(*SENTENCES, schema_hash, "preprocess duie"))
    return folder


def write_facts(folder: Path, records=(), schema_hash="s1"):
    folder.mkdir(parents=True)
    write_lines(folder / "facts.jsonl", records)
    write_manifest(folder, Manifest(*FACTS, schema_hash, "train_casrel extract"))
    return folder


def gremlin_url(version: str) -> str:
    """Address of the real Gremlin Server of that version; a missing one is a failure, never a skip."""
    variable = f"CKGQA_TEST_GREMLIN_{version.replace('.', '')}"
    url = os.environ.get(variable)
    assert url, f"{variable} must name a Gremlin Server {version} (ws://HOST:PORT/gremlin)"
    return url
