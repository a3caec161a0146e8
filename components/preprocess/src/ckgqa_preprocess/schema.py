"""The schema: its predicates, the types of their arguments, and the labels that follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.manifest import schema_hash
from ckgqa.runtime.white_space import trimmed, trimmed_line


@dataclass(frozen=True)
class PredicateSignature:
    """One line of the schema: a predicate with the type of its subject and the types of its object's slots."""

    predicate: str
    subject_type: str
    object_type: dict[str, str]
    """Slot -> type."""
    line: int
    """Its line in the file, from 1."""


class Schema:
    """The signatures of all predicates. DuIE 1.0 has predicates with several, distinguished by the subject's type.

    Args:
        signatures: at least one; no two share predicate and subject type.
    """

    def __init__(self, signatures: Iterable[PredicateSignature]) -> None:
        self.signatures = {(signature.predicate, signature.subject_type): signature for signature in signatures}
        self.by_predicate: dict[str, list[PredicateSignature]] = {}
        for signature in self.signatures.values():
            self.by_predicate.setdefault(signature.predicate, []).append(signature)

    def types_of_roles(self, predicate: str) -> dict[str, tuple[str, ...]]:
        """Return role -> allowed types of a predicate's facts: `subject` first, then the slots, sorted."""
        signatures = self.by_predicate[predicate]
        slots = sorted({slot for signature in signatures for slot in signature.object_type})
        types = {SUBJECT: tuple(sorted({signature.subject_type for signature in signatures}))}
        for slot in slots:
            types[slot] = tuple(
                sorted({signature.object_type[slot] for signature in signatures if slot in signature.object_type})
            )
        return types

    @property
    def hash(self) -> str:
        """The hash by which artefacts of one schema recognize each other."""
        return schema_hash(self.to_json())

    def to_json(self) -> dict[str, object]:
        """Return the content of the artefact's `schema.json`; a label's id is its index in `labels`."""
        signatures = [
            {"predicate": key[0], "subject_type": key[1], "object_type": dict(sorted(signature.object_type.items()))}
            for key, signature in sorted(self.signatures.items())
        ]
        labels = {
            (signature.predicate, slot) for signature in self.signatures.values() for slot in signature.object_type
        }
        return {"readings": signatures, "labels": [list(label) for label in sorted(labels)]}


def read_schema(lines: Iterable[bytes], name: str) -> Schema:
    """Read a schema, one JSON object a line; `object_type` is an object of slots, or a string as in DuIE 1.0.

    White space around a name does not count.

    Args:
        lines: the file's lines.
        name: the file's name, for messages.

    Raises:
        InputError: a line is malformed, two lines contradict each other, or there is none.
    """
    signatures: dict[tuple[str, str], PredicateSignature] = {}
    for number, line in enumerate(map(trimmed_line, lines), start=1):
        if not line:
            continue
        signature = _read_line(line, name, number)
        earlier = signatures.setdefault((signature.predicate, signature.subject_type), signature)
        if earlier.object_type != signature.object_type:
            raise InputError(
                f"{name} line {number}: {signature.predicate!r} of {signature.subject_type!r} has the object "
                f"{signature.object_type}, but {earlier.object_type} on line {earlier.line}; expected one of them"
            )
    if not signatures:
        raise InputError(f"{name}: it is empty; expected one JSON object a line for each predicate")
    return Schema(signatures.values())


def _read_line(line: bytes, name: str, number: int) -> PredicateSignature:
    wanted = 'a line like {"predicate": "导演", "subject_type": "影视作品", "object_type": {"@value": "人物"}}'
    try:
        raw = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{name} line {number}: not JSON in UTF-8 ({error}); expected {wanted}") from error
    fields = raw if isinstance(raw, dict) else {}
    predicate, subject_type = (_name(fields.get(key)) for key in ("predicate", "subject_type"))
    slots = fields.get("object_type")
    if isinstance(slots, str):
        slots = {VALUE: slots}
    if not predicate or subject_type is None or not isinstance(slots, dict):
        raise InputError(f"{name} line {number}: predicate, subject_type or object_type is missing; expected {wanted}")
    types = {trimmed(slot): _name(slot_type) for slot, slot_type in slots.items()}
    typed = {slot: slot_type for slot, slot_type in types.items() if slot_type is not None}
    if VALUE not in types or len(typed) < len(slots):
        raise InputError(
            f"{name} line {number}: object_type lacks {VALUE!r}, has a slot twice, or has a type that is no string; "
            f"expected {wanted}"
        )
    return PredicateSignature(predicate, subject_type, typed, number)


def _name(value: object) -> str | None:
    """Return a name without the white space around it; None if it is no text."""
    return trimmed(value) if isinstance(value, str) else None
