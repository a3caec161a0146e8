"""The schema to ask under: that of an artefact, or a file in DuIE's form."""

import hashlib
from pathlib import Path

from ckgqa.runtime.artefacts import SCHEMA_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonValue, canonical_json, read_json
from ckgqa_preprocess.schema import Reading, Schema, read_schema


def read_any_schema(path: Path) -> Schema:
    """Read `schema.json` of an artefact's folder, or a file: the artefact's form, or one JSON object a line.

    Raises:
        InputError: there is none, or it is no schema.
    """
    file = path / SCHEMA_JSON if path.is_dir() else path
    try:
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"{file}: there is no such file; sentences (ckgqa/sentences) or a schema are expected"
        ) from error
    if b'"readings"' not in content:
        return read_schema(content.splitlines(), file.name)
    readings = read_json(file).get("readings")
    if not isinstance(readings, list) or not readings:
        raise InputError(f"{file}: `readings` is no list of predicates; the schema of ckgqa/sentences is expected")
    return Schema(_reading(file, number, reading) for number, reading in enumerate(readings, start=1))


def schema_hash(schema: Schema) -> str:
    """Return the hash by which artefacts know a schema."""
    return hashlib.sha256(canonical_json(schema.to_json()).encode()).hexdigest()


def _reading(file: Path, number: int, raw: JsonValue) -> Reading:
    fields = raw if isinstance(raw, dict) else {}
    predicate, subject, slots = fields.get("predicate"), fields.get("subject_type"), fields.get("object_type")
    if not isinstance(predicate, str) or not isinstance(subject, str) or not isinstance(slots, dict):
        raise InputError(f"{file}: reading {number} lacks predicate, subject_type or object_type")
    return Reading(predicate, subject, {slot: str(kind) for slot, kind in slots.items()}, number)
