"""A baseline without a model: the intent of the predicate whose name occurs in the question.

The report shows it beside the model, because a question that it gets right needs no model. It knows no synonyms, only
the direction from the subject, and no second step. Without a graph it finds no slots; `answer evaluate` has a baseline
with a graph.
"""

from collections.abc import Iterable, Sequence

from ckgqa.runtime.artefacts import VALUE
from ckgqa.runtime.intents import Intent, Kind, Step
from ckgqa.runtime.question_words import COUNT_WORDS, YES_NO_WORDS
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion


def keyword_intent_accuracy(questions: Sequence[LabelledQuestion], labels: Labels) -> float:
    """Return the baseline's intent accuracy on at least one question."""
    predicates = {Step.parse(step).predicate for step in labels.steps}
    right = [keyword_intent(question.text, predicates) == question.intent for question in questions]
    return sum(right) / len(right)


def keyword_intent(text: str, predicates: Iterable[str]) -> Intent:
    """Ask for the value of the longest predicate that occurs in a question; `outside` if none occurs."""
    occurring = sorted((name for name in predicates if name in text), key=lambda name: (-len(name), name))
    if not occurring:
        return Intent("outside")
    kind: Kind = "count" if COUNT_WORDS.search(text) else "yes_no" if YES_NO_WORDS.search(text) else "list"
    return Intent(kind, (Step(occurring[0], VALUE),))
