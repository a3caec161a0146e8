"""Reads the schema of a graph: that of an artefact, or a file in DuIE's form."""

from pathlib import Path

from ckgqa.runtime.artefacts import SCHEMA_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonValue, read_json
from ckgqa_preprocess.schema import PredicateSignature, Schema, read_schema


def read_any_schema(path: Path) -> Schema:
    """Read `schema.json` in an artefact's folder, or a file in the artefact's form or with one JSON object a line.

    Raises:
        InputError: there is no such file, or it holds no schema.
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
    signatures = read_json(file).get("readings")
    if not isinstance(signatures, list) or not signatures:
        raise InputError(f"{file}: `readings` is no list of predicates; the schema of ckgqa/sentences is expected")
    return Schema(_signature(file, number, signature) for number, signature in enumerate(signatures, start=1))


def _signature(file: Path, number: int, raw: JsonValue) -> PredicateSignature:
    fields = raw if isinstance(raw, dict) else {}
    predicate, subject, slots = fields.get("predicate"), fields.get("subject_type"), fields.get("object_type")
    if not isinstance(predicate, str) or not isinstance(subject, str) or not isinstance(slots, dict):
        raise InputError(f"{file}: reading {number} lacks predicate, subject_type or object_type")
    return PredicateSignature(predicate, subject, {slot: str(kind) for slot, kind in slots.items()}, number)
