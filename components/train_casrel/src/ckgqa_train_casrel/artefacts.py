"""What the manifests of this stage's inputs promise, checked before any work is done."""

from pathlib import Path

from ckgqa.runtime.artefacts import CASREL
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.manifest import read_manifest
from ckgqa_train_casrel.records import check_sentences


def model_schema_hash(model: Path) -> str:
    """Return the hash of the schema that a model was trained on.

    Raises:
        InputError: the folder is no model of this stage, or of another version.
    """
    return read_manifest(model, CASREL).schema_hash


def check_same_schema(sentences: Path, schema_hash: str) -> None:
    """Refuse sentences that are labelled by another schema than the model's.

    Args:
        sentences: folder of `preprocess duie`.
        schema_hash: the model's schema.

    Raises:
        InputError: the schemas differ, or the folder is no such artefact, or of another version.
    """
    found = check_sentences(sentences).schema_hash
    if found != schema_hash:
        raise InputError(
            f"{sentences}: its schema ({found[:12]}) is not the one that the model was trained on "
            f"({schema_hash[:12]}); train on these sentences, or take the sentences that the model was trained on"
        )
