"""Asks questions and judges the replies against the gold: exactly the right set, or not."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.progress import track
from ckgqa_answer.application import Application
from ckgqa_answer.confidence import Signs
from ckgqa_answer.gold import Gold
from ckgqa_answer.questions import SILENT_SHAPES, Question
from ckgqa_answer.reply import Reply

Asker = Callable[[str, str], tuple[Reply, Signs | None]]
"""Takes a question and the context before it."""
MAX_TURNS = 20
"""Turns of one conversation; more would be a circle."""


@dataclass(frozen=True)
class Judged:
    """One question with its reply and the truth."""

    question: Question
    reply: Reply
    expected: frozenset[str]
    """The right values; empty where there is no answer."""
    signs: Signs | None
    seconds: float

    @property
    def answered(self) -> bool:
        """Whether an answer was given."""
        return self.reply.status == "answered"

    @property
    def right(self) -> bool:
        """Whether exactly the right values were given, and none where there are none."""
        return frozenset(self.reply.values) == self.expected if self.answered else not self.expected

    @property
    def silent(self) -> bool:
        """Whether silence is right."""
        return not self.expected


def expected_of(question: Question, gold: Gold) -> frozenset[str]:
    """Give the right values of a question; none where its shape says that it cannot be answered."""
    return frozenset() if question.shape in SILENT_SHAPES else gold.answer(question.intent, question.given)


def judge(questions: Sequence[Question], gold: Gold, ask: Asker, title: str) -> list[Judged]:
    """Ask every question, in its conversation where it has one.

    Args:
        questions: of one split; conversations are whole.
        gold: the truth.
        ask: who is asked; what it refuses (`InputError`) counts as not answered.
        title: of the progress, one word.
    """
    by_id = {question.id: question for question in questions}
    contexts: dict[str, str] = {}
    return [
        _judged(question, gold, ask, _context_before(question, by_id, contexts, ask))
        for question in track(questions, len(questions), "questions", title)
    ]


def asker(application: Application) -> Asker:
    """Ask an application."""
    return lambda question, context: application.weigh(question, context or None)


def _judged(question: Question, gold: Gold, ask: Asker, context: str) -> Judged:
    started = time.perf_counter()
    reply, signs = _asked(question, ask, context)
    return Judged(question, reply, expected_of(question, gold), signs, time.perf_counter() - started)


def _asked(question: Question, ask: Asker, context: str) -> tuple[Reply, Signs | None]:
    try:
        return ask(question.text, context)
    except InputError as error:
        return Reply(question.text, "unclear", str(error)), None


def _context_before(question: Question, by_id: Mapping[str, Question], contexts: dict[str, str], ask: Asker) -> str:
    """Lead the conversation up to a question; what was asked for one question is kept for the next."""
    context = ""
    for before in reversed(list(_turns(question, by_id))):
        if before.id not in contexts:
            contexts[before.id] = _asked(before, ask, context)[0].context
        context = contexts[before.id]
    return context


def _turns(question: Question, by_id: Mapping[str, Question]) -> Iterator[Question]:
    """Give the questions before one, the last first.

    Raises:
        InputError: they go round in a circle.
    """
    for _ in range(MAX_TURNS):
        if not question.follows:
            return
        question = by_id[question.follows]
        yield question
    raise InputError(f"question {question.id!r} follows itself, or a conversation of more than {MAX_TURNS} questions")
