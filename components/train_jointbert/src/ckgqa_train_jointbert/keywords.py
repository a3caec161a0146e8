"""What is right without a model: the intent whose predicate's name stands in the question.

It is reported beside the model, since what it gets right needs none. It knows no synonyms, no other direction than from
the subject, and no second step; names are beyond it, as it has no graph (`answer evaluate` has the baseline that does).
"""

import re
from collections.abc import Iterable, Sequence

from ckgqa.runtime.artefacts import VALUE
from ckgqa.runtime.intents import Intent, Kind, Step
from ckgqa_train_jointbert.labels import Labels
from ckgqa_train_jointbert.questions import Question

_COUNT = re.compile("几[部首位个本家所项张]|多少[部首位个本家所项张]")
_YES_NO = re.compile("吗|是不是|是否")


def keyword_accuracy(questions: Sequence[Question], labels: Labels) -> float:
    """Give the share of questions, of at least one, whose intent the keywords find."""
    predicates = {Step.parse(step).predicate for step in labels.steps}
    right = [keyword_intent(question.text, predicates) == question.intent for question in questions]
    return sum(right) / len(right)


def keyword_intent(text: str, predicates: Iterable[str]) -> Intent:
    """Find the longest predicate that stands in a question, and ask for its value; outside where there is none."""
    found = sorted((one for one in predicates if one in text), key=lambda one: (-len(one), one))
    if not found:
        return Intent("outside")
    kind: Kind = "count" if _COUNT.search(text) else "yes_no" if _YES_NO.search(text) else "list"
    return Intent(kind, (Step(found[0], VALUE),))
