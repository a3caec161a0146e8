"""Figures against cases that were counted by hand."""

import pytest
from ckgqa_train_jointbert.questions import Mention, Question
from ckgqa_train_jointbert.reading import Reading, Slot
from ckgqa_train_jointbert.scoring import Counts, chunks, count, score, score_by

from ckgqa.runtime.intents import Intent


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ("O B-a I-a O", {("a", 1, 3)}),
        ("B-a B-a I-a", {("a", 0, 1), ("a", 1, 3)}),
        ("B-a I-b I-b", {("a", 0, 1), ("b", 1, 3)}),  # conlleval: another type begins a name
        ("I-a I-a O I-a", {("a", 0, 2), ("a", 3, 4)}),  # conlleval: an I after O begins one
        ("B-a I-a B-b", {("a", 0, 2), ("b", 2, 3)}),
        ("O O", set()),
    ],
)
def test_names_are_read_off_tags_as_conlleval_does(tags: str, wanted: set[tuple[str, int, int]]):
    assert chunks(tags.split()) == wanted


def test_f1_as_conlleval_prints_it():
    # Two of three found names are right, of four labelled: precision 66.67, recall 50.00, FB1 57.14.
    gold = chunks(["B-a", "I-a", "O", "B-b", "O", "B-a", "O", "B-b", "I-b"])
    found = chunks(["B-a", "I-a", "O", "B-b", "O", "B-b", "O", "O", "O"])
    counts = count(gold, found)
    assert counts == Counts(correct=2, predicted=3, gold=4)
    assert (counts.precision, counts.recall) == (pytest.approx(0.6667, abs=1e-4), 0.5)
    assert counts.f1 == pytest.approx(0.5714, abs=1e-4)
    assert Counts().f1 == Counts().precision == Counts().recall == 0.0


def question(label: str, *mentions: Mention, shape: str = "object_asked") -> Question:
    return Question("q", "一二三四五六", Intent.parse(label), mentions, shape)


def reading(label: str, *slots: tuple[str, int, int]) -> Reading:
    return Reading("一二三四五六", {label: 0.9}, tuple(Slot(role, start, end, 0.9) for role, start, end in slots))


QUESTIONS = [
    question("list:a/@value", Mention(0, 2, "subject")),
    question("list:a/@value", Mention(0, 2, "subject"), Mention(3, 4, "inWork"), shape="slot"),
    question("outside", shape="outside"),
    question("list:b/@value", Mention(1, 3, "subject")),
]
READINGS = [
    reading("list:a/@value", ("subject", 0, 2)),  # right
    reading("list:a/@value", ("subject", 0, 2), ("inWork", 3, 5)),  # one name too long
    reading("outside", ("subject", 0, 1)),  # one name too many
    reading("list:a/@value", ("subject", 1, 3)),  # the intent is another
]


def test_intents_names_and_whole_questions_are_counted():
    found = score(QUESTIONS, READINGS)
    assert (found.intent_accuracy, found.whole_accuracy) == (0.75, 0.25)
    assert found.slots == Counts(correct=3, predicted=5, gold=4)
    assert found.roles == {"subject": Counts(3, 4, 3), "inWork": Counts(0, 1, 1)}


def test_parts_are_scored_by_name_the_largest_first():
    parts = score_by(QUESTIONS, READINGS, lambda question: question.intent.label)
    assert list(parts) == ["list:a/@value", "list:b/@value", "outside"]
    assert (parts["list:a/@value"].intent_accuracy, parts["list:a/@value"].whole_accuracy) == (1.0, 0.5)
    assert parts["list:b/@value"].slots.f1 == 1.0
