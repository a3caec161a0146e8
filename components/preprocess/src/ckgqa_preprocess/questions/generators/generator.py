"""What every generator of questions has in common: its interface, the drafts it makes, and the shapes of questions."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from ckgqa.runtime.intents import Intent
from ckgqa_preprocess.questions.graph.facts import RoleNames
from ckgqa_preprocess.questions.templates.annotated_text import AnnotatedText

SHAPES = (
    "object_asked", "subject_asked", "slot", "count", "yes_no",
    "two_hops", "follow_up", "near_name", "unanswerable", "outside",
)  # fmt: skip
BALANCE = 0.35
"""Exponent of a generator's number of facts in its weight: 0 weights all intents alike, 1 in proportion to their facts.
In between, questions about frequent predicates are more frequent, but rare predicates are not starved."""


@dataclass(frozen=True)
class QuestionDraft:
    """A question before politeness phrases and punctuation are added."""

    text: AnnotatedText
    intent: Intent
    shape: str
    wording: str
    """Label of its template."""
    is_open: bool = True
    """False if the answer is yes or no."""
    polite: bool = True
    """False if the question takes no politeness phrases."""
    before: "QuestionDraft | None" = None
    """The previous question of the dialogue."""
    implied: RoleNames = ()
    """Names that the question means without containing them."""


@dataclass(frozen=True)
class QuestionGenerator:
    """Generates questions of one shape and intent."""

    shape: str
    label: str
    """Identifies the generator, and seeds its random numbers."""
    weight: float
    """Its share of the shape's questions, relative to the shape's other generators."""
    generate: Callable[[Random], QuestionDraft | None]
    """Generates a question, or None if the random choices lead to none."""
