"""The groups of models: the versions of a group replace each other, and are compared by the same figures."""

from dataclasses import dataclass
from typing import Literal

from ckgqa.runtime.artefacts import CASREL, EVALUATION, JOINTBERT, QUESTION_EVALUATION, ArtefactFormat
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import refusal

GroupName = Literal["question-model", "extraction-model"]
QUESTION_MODEL: GroupName = "question-model"
"""The group of the models that understand questions."""
EXTRACTION_MODEL: GroupName = "extraction-model"
"""The group of the models that extract facts."""


@dataclass(frozen=True)
class ModelGroup:
    """The formats and the figures of the models of one group."""

    name: GroupName
    model: ArtefactFormat
    """Format and version of the model's folder."""
    report: ArtefactFormat
    """Format and version of the evaluation report."""
    figures: tuple[str, ...]
    """The figures of report.json that models are compared by, the most important first."""
    command: str
    """The command whose run registers such a model."""


_ALL = (
    ModelGroup(
        QUESTION_MODEL,
        JOINTBERT,
        QUESTION_EVALUATION,
        ("intent_accuracy", "slot_f1", "exact_match"),
        "ckgqa run question-answering",
    ),
    ModelGroup(
        EXTRACTION_MODEL,
        CASREL,
        EVALUATION,
        ("f1", "precision", "recall"),
        "ckgqa run knowledge-graph --raw ...",
    ),
)
GROUPS: dict[str, ModelGroup] = {group.name: group for group in _ALL}


def find_group(name: str) -> ModelGroup:
    """Return the group of this name.

    Raises:
        InputError: there is none.
    """
    if name not in GROUPS:
        raise InputError(refusal("--group", name, f"one of {', '.join(GROUPS)}"))
    return GROUPS[name]
