"""The schema of an archive: which predicates there are, what they join, and the label ids that follow from it."""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from ckgqa.runtime.artefacts import VALUE
from ckgqa.runtime.errors import InputError


@dataclass(frozen=True)
class Reading:
    """One line of the schema: a predicate between a type of subject and the types of its object's slots."""

    predicate: str
    subject_type: str
    object_type: dict[str, str]
    """Slot -> type."""
    line: int
    """Where it was read, from 1."""


class Schema:
    """All readings of an archive. DuIE 1.0 has predicates with several, told apart by the subject's type.

    Args:
        readings: at least one; no two share predicate and subject type.
    """

    def __init__(self, readings: Iterable[Reading]) -> None:
        self.readings = {(reading.predicate, reading.subject_type): reading for reading in readings}
        self.by_predicate: dict[str, list[Reading]] = {}
        for reading in self.readings.values():
            self.by_predicate.setdefault(reading.predicate, []).append(reading)

    def types_of_roles(self, predicate: str) -> dict[str, tuple[str, ...]]:
        """Return the roles of a predicate's facts, `subject` first and then the slots, and the types each may have."""
        readings = self.by_predicate[predicate]
        slots = sorted({slot for reading in readings for slot in reading.object_type})
        found = {"subject": tuple(sorted({reading.subject_type for reading in readings}))}
        for slot in slots:
            found[slot] = tuple(
                sorted({reading.object_type[slot] for reading in readings if slot in reading.object_type})
            )
        return found

    def to_json(self) -> dict[str, object]:
        """Return what `schema.json` of the artefact holds; a label's id is its index in `labels`."""
        readings = [
            {"predicate": key[0], "subject_type": key[1], "object_type": dict(sorted(reading.object_type.items()))}
            for key, reading in sorted(self.readings.items())
        ]
        labels = {(reading.predicate, slot) for reading in self.readings.values() for slot in reading.object_type}
        return {"readings": readings, "labels": [list(label) for label in sorted(labels)]}


def read_schema(lines: Iterable[bytes], name: str) -> Schema:
    """Read a schema, one JSON object a line; `object_type` is an object of slots, or a string as in DuIE 1.0.

    Args:
        lines: the file's lines.
        name: the file's name, for messages.

    Raises:
        InputError: a line is no reading, two lines contradict each other, or there is none at all.
    """
    readings: dict[tuple[str, str], Reading] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        reading = _read_line(line, name, number)
        earlier = readings.setdefault((reading.predicate, reading.subject_type), reading)
        if earlier.object_type != reading.object_type:
            raise InputError(
                f"{name} line {number}: {reading.predicate!r} of {reading.subject_type!r} has the object "
                f"{reading.object_type}, but {earlier.object_type} on line {earlier.line}; one of them is expected"
            )
    if not readings:
        raise InputError(f"{name}: it is empty; one JSON object a line for each predicate is expected")
    return Schema(readings.values())


def _read_line(line: bytes, name: str, number: int) -> Reading:
    wanted = 'like {"predicate": "导演", "subject_type": "影视作品", "object_type": {"@value": "人物"}} is expected'
    try:
        raw = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(f"{name} line {number}: not JSON in UTF-8 ({error}); a line {wanted}") from error
    fields = raw if isinstance(raw, dict) else {}
    predicate, subject_type = fields.get("predicate"), fields.get("subject_type")
    slots = fields.get("object_type")
    if isinstance(slots, str):
        slots = {VALUE: slots}
    if not (isinstance(predicate, str) and predicate and isinstance(subject_type, str) and isinstance(slots, dict)):
        raise InputError(f"{name} line {number}: predicate, subject_type or object_type is missing; a line {wanted}")
    if VALUE not in slots or not all(isinstance(slot_type, str) for slot_type in slots.values()):
        raise InputError(
            f"{name} line {number}: object_type lacks {VALUE!r} or has a type that is no string; a line {wanted}"
        )
    return Reading(predicate, subject_type, slots, number)
