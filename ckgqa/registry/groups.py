"""The groups of models: every version of one stands in for another, and is judged by the same figures."""

from dataclasses import dataclass
from typing import Literal

from ckgqa.runtime.artefacts import CASREL, EVALUATION, JOINTBERT, QUESTION_EVALUATION, ArtefactFormat
from ckgqa.runtime.errors import InputError

GroupName = Literal["question-model", "extraction-model"]


@dataclass(frozen=True)
class Group:
    """What the models of one group are."""

    name: GroupName
    model: ArtefactFormat
    """Format and version of the model's folder."""
    report: ArtefactFormat
    """Format and version of the evaluation report."""
    figures: tuple[str, ...]
    """The figures of report.json that a model is judged by, in the order of their weight."""
    command: str
    """The command whose run registers such a model."""


_ALL = (
    Group(
        "question-model",
        JOINTBERT,
        QUESTION_EVALUATION,
        ("intent_accuracy", "slot_f1", "exact_match"),
        "ckgqa run question-answering",
    ),
    Group(
        "extraction-model",
        CASREL,
        EVALUATION,
        ("f1", "precision", "recall"),
        "ckgqa run knowledge-graph --raw ...",
    ),
)
GROUPS: dict[str, Group] = {group.name: group for group in _ALL}


def find_group(name: str) -> Group:
    """Return the group of this name.

    Raises:
        InputError: there is none.
    """
    if name not in GROUPS:
        raise InputError(f"there is no group of models {name!r}; there are: {', '.join(GROUPS)}")
    return GROUPS[name]
