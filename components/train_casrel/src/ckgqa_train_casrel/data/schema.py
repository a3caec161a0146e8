"""The schema of a data set: predicate signatures and labels, as `preprocess` writes them into schema.json."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import orjson

from ckgqa.runtime.artefacts import VALUE
from ckgqa.runtime.errors import InputError
from ckgqa_train_casrel.data.records import LabelledTriple


@dataclass(frozen=True)
class PredicateSignature:
    """The types that a predicate joins; a predicate may have several signatures."""

    predicate: str
    subject_type: str
    object_type: Mapping[str, str]
    """The type of each slot."""


@dataclass(frozen=True)
class Schema:
    """All signatures, and the labels (predicate, slot); a label's id is its index."""

    signatures: tuple[PredicateSignature, ...]
    labels: tuple[tuple[str, str], ...]

    @cached_property
    def label_ids(self) -> dict[tuple[str, str], int]:
        """Map every (predicate, slot) to its id."""
        return {label: index for index, label in enumerate(self.labels)}


def read_schema(path: Path) -> Schema:
    """Read a schema.json.

    Raises:
        InputError: the file is absent or no JSON, has no label, or has a predicate without the slot "@value".
    """
    try:
        content = orjson.loads(path.read_bytes())
        signatures = tuple(
            PredicateSignature(s["predicate"], s["subject_type"], dict(s["object_type"])) for s in content["readings"]
        )
        labels = tuple((str(predicate), str(slot)) for predicate, slot in content["labels"])
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing: the folder must hold the schema that `preprocess duie` writes") from error
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a schema of predicate signatures and labels ({error!r})") from error
    schema = Schema(signatures, labels)
    _check(path, schema)
    return schema


def schema_to_json(schema: Schema) -> dict[str, object]:
    """Return the schema in the form of schema.json, where the signatures stand under `readings`."""
    return cast(
        "dict[str, object]",
        {
            "readings": [
                {"predicate": s.predicate, "subject_type": s.subject_type, "object_type": dict(s.object_type)}
                for s in schema.signatures
            ],
            "labels": [list(label) for label in schema.labels],
        },
    )


def choose_default_signatures(schema: Schema, triples: Iterable[LabelledTriple]) -> dict[str, int]:
    """Choose for each predicate the signature that the triples use most, the first among equals.

    Returns:
        The index of the signature for each predicate.
    """
    used = Counter((triple.predicate, triple.subject_type, triple.value_type) for triple in triples)
    chosen: dict[str, int] = {}
    for index, signature in enumerate(schema.signatures):
        best = chosen.get(signature.predicate)
        if best is None or used[_types(signature)] > used[_types(schema.signatures[best])]:
            chosen[signature.predicate] = index
    return chosen


def _types(signature: PredicateSignature) -> tuple[str, str, str]:
    return signature.predicate, signature.subject_type, signature.object_type.get(VALUE, "")


def _check(path: Path, schema: Schema) -> None:
    if not schema.labels:
        raise InputError(f"{path}: no label: a schema names at least one predicate")
    slots = {(signature.predicate, slot) for signature in schema.signatures for slot in signature.object_type}
    for predicate, slot in schema.labels:
        if (predicate, VALUE) not in schema.label_ids:
            raise InputError(f"{path}: predicate '{predicate}' has no label for {VALUE}")
        if (predicate, slot) not in slots:
            raise InputError(f"{path}: label ('{predicate}', '{slot}') has no predicate signature")
