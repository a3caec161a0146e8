"""Reads the schema of a graph: that of an artefact, or a file in DuIE's form."""

from pathlib import Path

from ckgqa.runtime.artefacts import SCHEMA_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonValue, checked_lines, read_json
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
        raise InputError(f"{file}: there is no such file; expected sentences (ckgqa/sentences) or a schema") from error
    if b'"readings"' not in content:
        return read_schema(checked_lines(content.splitlines(), file.name), file.name)
    signatures = read_json(file).get("readings")
    if not isinstance(signatures, list) or not signatures:
        raise InputError(
            f"{file}: `readings` is not a list of predicate signatures; expected the schema of ckgqa/sentences"
        )
    return Schema(_signature(file, number, signature) for number, signature in enumerate(signatures, start=1))


def _signature(file: Path, number: int, raw: JsonValue) -> PredicateSignature:
    fields = raw if isinstance(raw, dict) else {}
    predicate, subject, slots = fields.get("predicate"), fields.get("subject_type"), fields.get("object_type")
    if not isinstance(predicate, str) or not isinstance(subject, str) or not isinstance(slots, dict):
        raise InputError(f"{file}: predicate signature {number} lacks predicate, subject_type or object_type")
    return PredicateSignature(predicate, subject, {slot: str(kind) for slot, kind in slots.items()}, number)
