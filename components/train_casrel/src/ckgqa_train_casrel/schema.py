"""The schema of a data set: its readings and its labels, as `preprocess` writes them into schema.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import orjson

from ckgqa.runtime.artefacts import VALUE
from ckgqa.runtime.errors import InputError


@dataclass(frozen=True)
class Reading:
    """One way to read a predicate: the types it joins."""

    predicate: str
    subject_type: str
    object_type: Mapping[str, str]


@dataclass(frozen=True)
class Schema:
    """All readings, and the labels (predicate, slot); a label's id is its index."""

    readings: tuple[Reading, ...]
    labels: tuple[tuple[str, str], ...]

    @cached_property
    def label_ids(self) -> dict[tuple[str, str], int]:
        """Give the id of every (predicate, slot)."""
        return {label: index for index, label in enumerate(self.labels)}


def read_schema(path: Path) -> Schema:
    """Read a schema.json.

    Raises:
        InputError: it is absent, no JSON, has no label, or a predicate without the slot "@value".
    """
    try:
        content = orjson.loads(path.read_bytes())
        readings = tuple(
            Reading(r["predicate"], r["subject_type"], dict(r["object_type"])) for r in content["readings"]
        )
        labels = tuple((str(predicate), str(slot)) for predicate, slot in content["labels"])
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: the folder must hold the schema that `preprocess duie` writes") from error
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a schema of readings and labels ({error!r})") from error
    schema = Schema(readings, labels)
    _check(path, schema)
    return schema


def _check(path: Path, schema: Schema) -> None:
    if not schema.labels:
        raise InputError(f"{path}: no label: a schema names at least one predicate")
    slots = {(r.predicate, slot) for r in schema.readings for slot in r.object_type}
    for predicate, slot in schema.labels:
        if (predicate, VALUE) not in schema.label_ids:
            raise InputError(f"{path}: predicate '{predicate}' has no label for {VALUE}")
        if (predicate, slot) not in slots:
            raise InputError(f"{path}: label ('{predicate}', '{slot}') has no reading")


def to_json(schema: Schema) -> dict[str, object]:
    """Give the schema as schema.json holds it."""
    return cast(
        "dict[str, object]",
        {
            "readings": [
                {"predicate": r.predicate, "subject_type": r.subject_type, "object_type": dict(r.object_type)}
                for r in schema.readings
            ],
            "labels": [list(label) for label in schema.labels],
        },
    )
