"""The sentences folder that this stage reads: texts with their labelled triples."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ckgqa.runtime.artefacts import SENTENCES, VALUE, Split, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import JsonObject, read_jsonl
from ckgqa.runtime.manifest import Manifest, read_manifest


@dataclass(frozen=True)
class LabelledTriple:
    """One labelled fact."""

    subject: str
    predicate: str
    object: dict[str, str]
    """The words of each slot; "@value" is always among them."""
    subject_type: str
    value_type: str
    """Type of "@value"."""


@dataclass(frozen=True)
class LabelledSentence:
    """One text with the facts that people marked in it."""

    id: str
    text: str
    triples: tuple[LabelledTriple, ...]


@dataclass(frozen=True)
class Fold:
    """Where the sentences of one fold came from, so that a reader of the model knows what it has seen."""

    file: str
    """Name of the file in the sentences folder."""
    sha256: str
    """Hash of the file's bytes."""
    sentences: int


def check_sentences(folder: Path) -> Manifest:
    """Read the manifest of a sentences folder.

    Raises:
        InputError: the folder holds another artefact, or another version of it.
    """
    return read_manifest(folder, SENTENCES)


def check_same_schema(sentences: Path, schema_hash: str) -> None:
    """Reject sentences that are labelled by another schema than the model's.

    Args:
        sentences: folder of `preprocess duie`.
        schema_hash: hash of the model's schema.

    Raises:
        InputError: the schemas differ, or the folder holds another artefact, or another version of it.
    """
    labelled_by = check_sentences(sentences).schema_hash
    if labelled_by != schema_hash:
        raise InputError(
            f"{sentences}: its schema ({labelled_by[:12]}) is not the one that the model was trained on "
            f"({schema_hash[:12]}); train on these sentences, or take the sentences that the model was trained on"
        )


def read_split(folder: Path, split: Split) -> Iterator[LabelledSentence]:
    """Stream one split.

    Raises:
        InputError: a line is not a record of the format; the message has its number.
    """
    path = folder / split_file(split)
    for number, record in read_jsonl(path):
        try:
            yield _sentence(record)
        except (KeyError, TypeError) as error:
            raise InputError(f"{path} line {number}: not a record of {SENTENCES.name} ({error!r})") from error


def describe_fold(folder: Path, split: Split, sentences: int) -> Fold:
    """Describe a split that was read as a fold of the training."""
    path = folder / split_file(split)
    with path.open("rb") as content:
        return Fold(path.name, hashlib.file_digest(content, "sha256").hexdigest(), sentences)


def _sentence(record: JsonObject) -> LabelledSentence:
    triples = cast("list[dict[str, object]]", record["triples"])
    return LabelledSentence(
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
