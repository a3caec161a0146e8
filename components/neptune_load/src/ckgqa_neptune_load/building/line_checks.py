"""The exact rules for a line of triples.

DuckDB reads the files and detects an error; these functions then find the line and describe what is expected.
"""

from collections.abc import Mapping
from pathlib import Path

from ckgqa.runtime.artefacts import VALUE
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject, JsonValue, read_jsonl


def raise_at_bad_line(path: Path, *, scored: bool) -> None:
    """Read the whole file and raise at the first line that breaks a rule of the contract.

    Args:
        path: a JSON-lines file of sentences with triples.
        scored: True if each triple must have a score (facts).

    Raises:
        InputError: `path line N: ...`.
    """
    for number, record in read_jsonl(path):
        reason = find_flaw(record, scored=scored)
        if reason:
            raise InputError(f"{path} line {number}: {reason}")


def find_flaw(record: JsonObject, *, scored: bool) -> str:
    """Return what is wrong with one sentence and its triples; empty if nothing is."""
    triples = record.get("triples")
    if not isinstance(triples, list):
        return "'triples' is not a list"
    key = record.get("id")
    if not isinstance(key, str) or not key or key.split() != [key]:
        return f"'id' is {key!r}; a text without white space is expected, because evidence separates ids by a space"
    if not isinstance(record.get("text"), str):
        return "'text' is missing or not a text"
    reasons = (_find_triple_flaw(triple, scored=scored) for triple in triples)
    return next((reason for reason in reasons if reason), "")


def _find_triple_flaw(triple: JsonValue, *, scored: bool) -> str:
    """Return what is wrong with one triple; empty if nothing is."""
    if not isinstance(triple, Mapping):
        return "a triple is not a JSON object"
    for field in ("subject", "subject_type", "predicate"):
        if not _is_text(triple.get(field)):
            return f"{field!r} of a triple is missing or empty"
    slots, types = triple.get("object"), triple.get("object_type")
    if not isinstance(slots, Mapping) or not isinstance(types, Mapping):
        return "'object' and 'object_type' of a triple must be JSON objects, slot to value and slot to type"
    if VALUE not in slots or not all(_is_text(value) for value in slots.values()):
        return f"'object' of a triple needs {VALUE!r}, and no value may be empty"
    if not all(_is_text(types.get(slot)) for slot in slots):
        return "'object_type' of a triple lacks the type of a slot"
    score = triple.get("score")
    if scored and not (isinstance(score, int | float) and 0 <= score <= 1):
        return f"'score' of a triple is {score!r}; a number from 0 to 1 is expected"
    return ""


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value)
