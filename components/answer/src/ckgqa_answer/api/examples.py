"""Example questions for this graph: made from its own facts, and tried first, so that each has an answer."""

import logging
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Step
from ckgqa.wording.phrases import PERSON, asked_phrase, display_name, measure_word
from ckgqa.wording.questions import question_about, question_end
from ckgqa_answer.application import Application
from ckgqa_answer.generation.wording import YES
from ckgqa_answer.retrieval.facts import RetrievedFact, RetrievedVertex
from ckgqa_answer.retrieval.queries import facts_of

logger = logging.getLogger(__name__)

SAMPLED_NAMES = 300
"""Names whose facts are fetched; the rest of the graph is not read."""
FACTS_PER_NAME = 2
MAX_ATTEMPTS_PER_KIND = 3
"""Questions of a kind that are tried in a row, until one has the answer that its fact states."""
MAX_ATTEMPTS = 60
"""Questions that one call tries: if the model answers none of them, nobody waits for thousands."""
MAX_NAME_CHARS = 12
"""Longest name in an example, for readability."""


class ExampleQuestion(NamedTuple):
    """A question, the fact that it is made from, and the expected value; empty if any value will do."""

    fact: RetrievedFact
    text: str
    value: str


class Examples:
    """Makes examples when they are needed, and caches them until the graph changes. Threads may share it.

    Args:
        application: answers them.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._making = threading.Lock()
        self._version = ""
        self._questions: list[str] = []
        self._more: Iterator[str] = iter(())

    def first(self, count: int) -> list[str]:
        """Return so many questions of different kinds, fewer if the graph has too little.

        There may also be fewer for a while: one call makes examples at a time, others return what is there, and none
        tries more than `MAX_ATTEMPTS` questions; the next call continues.

        Raises:
            ServiceError: the model or the graph is down.
        """
        if self._making.acquire(blocking=False):
            try:
                self._make(count)
            finally:
                self._making.release()
        return self._questions[:count]

    def _make(self, count: int) -> None:
        version = self._application.lexicon.version
        if version != self._version:
            self._questions, self._more = [], self._tried(version)
        # After a failure the next call begins anew.
        self._version = ""
        attempts = islice(self._more, MAX_ATTEMPTS)
        while len(self._questions) < count and (text := next(attempts, None)) is not None:
            if text:
                self._questions.append(text)
        self._version = version

    def _tried(self, version: str) -> Iterator[str]:
        """Try questions of each kind in turn; yield each that has the expected answer, "" for any other."""
        names = [entity.name for entity in self._application.lexicon.sample(SAMPLED_NAMES, version)]
        facts = [fact for fact in facts_of(self._application.graph, names, FACTS_PER_NAME) if _is_readable(fact)]
        facts.sort(key=lambda fact: -fact.count)
        # Kinds that few facts can make come first, before their names are used.
        kinds = [
            _slots(facts),
            self._two_hops(facts),
            _counts(facts),
            _objects(facts),
            _subjects(facts),
            _yes_no(facts),
        ]
        used: set[str] = set()
        while kinds:
            for kind in list(kinds):
                unused = (example for example in kind if used.isdisjoint(_names(example.fact)))
                attempts = list(islice(unused, MAX_ATTEMPTS_PER_KIND))
                if not attempts:
                    kinds.remove(kind)
                for example in attempts:
                    answered = self._is_answered(example)
                    if answered:
                        used.update(_names(example.fact))
                    yield example.text if answered else ""
                    if answered:
                        break

    def _is_answered(self, example: ExampleQuestion) -> bool:
        reply = self._application.ask(example.text)
        return reply.status == "answered" and (not example.value or example.value in reply.values)

    def _two_hops(self, facts: Sequence[RetrievedFact]) -> Iterator[ExampleQuestion]:
        """Ask about the value of a fact, such as 《战狼2》的导演的妻子是谁."""
        people = [fact for fact in facts if PERSON in "".join(fact.roles[VALUE].types)]
        about: dict[str, list[RetrievedFact]] = {fact.value: [] for fact in people}
        for other in facts_of(self._application.graph, list(about), FACTS_PER_NAME):
            about.setdefault(other.subject, []).append(other)
        for fact in people:
            # A wife's husband is the subject of the question itself: such a step back makes no question.
            onward = [other for other in about[fact.value] if other.value != fact.subject]
            for other in onward[:1]:
                first = _object_noun(fact)
                noun = asked_phrase(Step(other.predicate, VALUE), {SUBJECT: first})
                if _is_readable(other) and not first.endswith("的") and other.value != fact.subject:
                    yield ExampleQuestion(fact, noun + question_end(other.roles[VALUE].types), other.value)


def _names(fact: RetrievedFact) -> tuple[str, str]:
    return fact.subject, fact.value


def _is_readable(fact: RetrievedFact) -> bool:
    return all(1 < len(vertex.name) <= MAX_NAME_CHARS for vertex in fact.roles.values())


def _objects(facts: Sequence[RetrievedFact]) -> Iterator[ExampleQuestion]:
    """Ask for the object, such as 《战狼2》的导演是谁."""
    for fact in facts:
        yield ExampleQuestion(fact, _question(fact, VALUE), fact.value)


def _subjects(facts: Sequence[RetrievedFact]) -> Iterator[ExampleQuestion]:
    """Ask for the subject, such as 吴京导演的作品有哪些 or 谁的丈夫是吴京."""
    for fact in facts:
        if not _subject_noun(fact).endswith("的") or PERSON in "".join(fact.roles[SUBJECT].types):
            yield ExampleQuestion(fact, _question(fact, SUBJECT), fact.subject)


def _counts(facts: Sequence[RetrievedFact]) -> Iterator[ExampleQuestion]:
    """Ask how many there are, such as 吴京导演的作品有几部."""
    for fact in facts:
        noun = _subject_noun(fact)
        if not noun.endswith("的"):
            yield ExampleQuestion(fact, f"{noun}有几{measure_word([fact.roles[SUBJECT]])}？", "")


def _yes_no(facts: Sequence[RetrievedFact]) -> Iterator[ExampleQuestion]:
    """Ask whether a fact is true, such as 《战狼2》的导演是吴京吗."""
    for fact in facts:
        yield ExampleQuestion(fact, f"{_object_noun(fact)}是{_displayed(fact.roles[VALUE])}吗？", YES)


def _slots(facts: Sequence[RetrievedFact]) -> Iterator[ExampleQuestion]:
    """Fill a further slot, such as 吴京在《战狼》中饰演的角色是谁."""
    for fact in facts:
        for role in fact.slots:
            fillers = {SUBJECT: _displayed(fact.roles[SUBJECT]), role: _displayed(fact.roles[role])}
            noun = asked_phrase(Step(fact.predicate, VALUE), fillers)
            yield ExampleQuestion(fact, noun + question_end(fact.roles[VALUE].types), fact.value)


def _question(fact: RetrievedFact, asked: str) -> str:
    step = Step(fact.predicate, asked)
    given = fact.roles[step.given_role]
    return question_about(step, given.name, given.types, fact.roles[asked].types)


def _object_noun(fact: RetrievedFact) -> str:
    return asked_phrase(Step(fact.predicate, VALUE), {SUBJECT: _displayed(fact.roles[SUBJECT])})


def _subject_noun(fact: RetrievedFact) -> str:
    return asked_phrase(Step(fact.predicate, SUBJECT), {VALUE: _displayed(fact.roles[VALUE])})


def _displayed(vertex: RetrievedVertex) -> str:
    return display_name(vertex.name, vertex.types)
