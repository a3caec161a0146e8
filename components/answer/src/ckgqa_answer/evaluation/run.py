"""Asks labelled questions and compares the replies with the gold answers: exactly the right set, or not."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.progress import track
from ckgqa_answer.application import Application
from ckgqa_answer.confidence.features import ConfidenceFeatures
from ckgqa_answer.evaluation.dataset import UNANSWERABLE_SHAPES, GoldQuestion
from ckgqa_answer.evaluation.gold import Gold
from ckgqa_answer.generation.reply import Reply

Answerer = Callable[[str, str], tuple[Reply, ConfidenceFeatures | None]]
"""Takes a question and the context before it."""
MAX_TURNS = 20
"""Most questions of one conversation; a longer one would be a circle."""


@dataclass(frozen=True)
class EvaluatedQuestion:
    """One question with its reply and its gold answer."""

    question: GoldQuestion
    reply: Reply
    expected: frozenset[str]
    """The gold answer; empty if there is none."""
    features: ConfidenceFeatures | None
    seconds: float

    @property
    def answered(self) -> bool:
        """Whether the reply has an answer."""
        return self.reply.status == "answered"

    @property
    def correct(self) -> bool:
        """Whether the answer has exactly the right values, or there is no answer and none is expected."""
        return frozenset(self.reply.values) == self.expected if self.answered else not self.expected

    @property
    def unanswerable(self) -> bool:
        """Whether no answer is expected."""
        return not self.expected


def gold_answer(question: GoldQuestion, gold: Gold) -> frozenset[str]:
    """Return the right values of a question; an empty set if its shape is unanswerable."""
    return frozenset() if question.shape in UNANSWERABLE_SHAPES else gold.answer(question.intent, question.fillers)


def evaluate_questions(
    questions: Sequence[GoldQuestion], gold: Gold, ask: Answerer, title: str
) -> list[EvaluatedQuestion]:
    """Ask every question, in its conversation if it has one.

    Args:
        questions: of one split; conversations are complete.
        gold: the gold answers.
        ask: the answerer; a question that it rejects by an InputError counts as not answered.
        title: of the progress, one word.
    """
    by_id = {question.id: question for question in questions}
    contexts: dict[str, str] = {}
    return [
        _evaluated(question, gold, ask, _context_before(question, by_id, contexts, ask))
        for question in track(questions, len(questions), "questions", title)
    ]


def answerer_of(application: Application) -> Answerer:
    """Return an application as an answerer."""
    return lambda question, context: application.ask_with_features(question, context or None)


def _evaluated(question: GoldQuestion, gold: Gold, ask: Answerer, context: str) -> EvaluatedQuestion:
    started = time.perf_counter()
    reply, features = _ask(question, ask, context)
    return EvaluatedQuestion(question, reply, gold_answer(question, gold), features, time.perf_counter() - started)


def _ask(question: GoldQuestion, ask: Answerer, context: str) -> tuple[Reply, ConfidenceFeatures | None]:
    try:
        return ask(question.text, context)
    except InputError as error:
        return Reply(question.text, "unclear", str(error)), None


def _context_before(
    question: GoldQuestion, by_id: Mapping[str, GoldQuestion], contexts: dict[str, str], ask: Answerer
) -> str:
    """Return the context before a question; `contexts` caches those of the questions before it."""
    context = ""
    for before in reversed(list(_turns_before(question, by_id))):
        if before.id not in contexts:
            contexts[before.id] = _ask(before, ask, context)[0].context
        context = contexts[before.id]
    return context


def _turns_before(question: GoldQuestion, by_id: Mapping[str, GoldQuestion]) -> Iterator[GoldQuestion]:
    """Yield the previous questions of a conversation, the last first.

    Raises:
        InputError: they form a circle.
    """
    for _ in range(MAX_TURNS):
        if not question.follows:
            return
        question = by_id[question.follows]
        yield question
    raise InputError(f"question {question.id!r} follows itself, or a conversation of more than {MAX_TURNS} questions")
