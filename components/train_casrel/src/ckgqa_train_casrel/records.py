"""The sentences folder as this stage reads it: texts with their labelled triples."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from ckgqa.runtime.artefacts import SENTENCES, VALUE
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject, read_jsonl
from ckgqa.runtime.manifest import Manifest, read_manifest

Split = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class LabelledTriple:
    """One labelled fact; `object` holds the words of each slot, "@value" always among them."""

    subject: str
    predicate: str
    object: dict[str, str]
    subject_type: str
    value_type: str
    """Type of "@value"."""


@dataclass(frozen=True)
class Sentence:
    """One text with the facts that people found in it."""

    id: str
    text: str
    triples: tuple[LabelledTriple, ...]


def check_sentences(folder: Path) -> Manifest:
    """Read the manifest of a sentences folder.

    Raises:
        InputError: it is something else, or of another version.
    """
    return read_manifest(folder, SENTENCES)


def read_split(folder: Path, split: Split) -> Iterator[Sentence]:
    """Stream one split.

    Raises:
        InputError: a line is not a record of the format; the message has its number.
    """
    path = folder / f"{split}.jsonl"
    for number, record in read_jsonl(path):
        try:
            yield _sentence(record)
        except (KeyError, TypeError) as error:
            raise InputError(f"{path} line {number}: not a record of {SENTENCES.name} ({error!r})") from error


def _sentence(record: JsonObject) -> Sentence:
    triples = cast("list[dict[str, object]]", record["triples"])
    return Sentence(
        id=str(record["id"]),
        text=cast("str", record["text"]),
        triples=tuple(_triple(triple) for triple in triples),
    )


def _triple(triple: dict[str, object]) -> LabelledTriple:
    return LabelledTriple(
        subject=cast("str", triple["subject"]),
        predicate=cast("str", triple["predicate"]),
        object=dict(cast("dict[str, str]", triple["object"])),
        subject_type=cast("str", triple["subject_type"]),
        value_type=cast("dict[str, str]", triple["object_type"])[VALUE],
    )
