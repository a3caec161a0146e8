"""The baseline that needs no model."""

from collections.abc import Callable

import pytest
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.evaluation.keyword_baseline import keyword_intent, keyword_intent_accuracy

PREDICATES = ("导演", "主演", "主题曲", "主题")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("战狼的导演是谁", "list:导演/@value"),
        ("战狼有几位主演", "count:主演/@value"),
        ("战狼是吴京导演的吗", "yes_no:导演/@value"),
        ("它的主题曲叫什么", "list:主题曲/@value"),  # the longer of two that stand there
        ("战狼是谁拍的", "outside"),
    ],
)
def test_the_longest_predicate_that_stands_there_is_asked_for(text: str, label: str):
    assert keyword_intent(text, PREDICATES).label == label


def test_its_share_is_counted(made: Callable[..., list[LabelledQuestion]]):
    questions = made(60)
    steps = sorted({step.label for question in questions for step in question.intent.chain})
    predicates = {step.rpartition("/")[0] for step in steps}
    right = [keyword_intent(one.text, predicates) == one.intent for one in questions]
    assert 0 < sum(right) < len(questions)
    assert keyword_intent_accuracy(questions, Labels(("list",), tuple(steps), ())) == sum(right) / len(questions)
