"""Questions that can be asked of this graph: made from its own facts, and asked first, so that each is answered."""

import logging
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Step
from ckgqa_answer.application import Application
from ckgqa_answer.facts import Fact, Vertex
from ckgqa_answer.lookup import facts_of
from ckgqa_answer.phrases import PERSON, asked_for, measure_of, named
from ckgqa_answer.words import YES

logger = logging.getLogger(__name__)

NAMES = 300
"""Names of which a few facts are read; nothing else of the graph is."""
EACH = 2
TRIES = 3
"""Questions of a kind that are tried, until one is answered as its fact says."""
MOST_TRIES = 60
"""Questions that one call tries: where the model answers none of them, nobody waits for thousands."""
MAX_CHARS = 12
"""Longest name that an example holds: a longer one is no pleasure to read."""

_ASKS = {PERSON: "是谁？", "Number": "是多少？", "Date": "是什么时候？"}
"""How a question asks for what has such a type."""


class Example(NamedTuple):
    """A question, the fact that it is made of, and what its answer must hold; empty where any will do."""

    fact: Fact
    text: str
    value: str


class Examples:
    """Makes examples as they are needed, and keeps them as long as the graph stays the same. Threads may share it.

    Args:
        application: answers them.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._making = threading.Lock()
        self._version = ""
        self._found: list[str] = []
        self._more: Iterator[str] = iter(())

    def give(self, count: int) -> list[str]:
        """Give so many questions of different kinds, fewer where the graph has too little.

        There may also be fewer as yet: one call makes examples at a time, while others take what is there, and none
        tries more than `MOST_TRIES` questions; the next one goes on.

        Raises:
            ServiceError: the model or the graph is down.
        """
        if self._making.acquire(blocking=False):
            try:
                self._make(count)
            finally:
                self._making.release()
        return self._found[:count]

    def _make(self, count: int) -> None:
        version = self._application.names.version()
        if version != self._version:
            self._found, self._more = [], self._tried(version)
        # What fails on its way begins anew the next time.
        self._version = ""
        tries = islice(self._more, MOST_TRIES)
        while len(self._found) < count and (one := next(tries, None)) is not None:
            if one:
                self._found.append(one)
        self._version = version

    def _tried(self, version: str) -> Iterator[str]:
        """Try questions, one kind after the other; give each that is answered as its fact says, "" for any other."""
        names = [one.name for one in self._application.names.some(NAMES, version)]
        facts = [fact for fact in facts_of(self._application.graph, names, EACH) if _is_readable(fact)]
        facts.sort(key=lambda fact: -fact.count)
        # Those that few facts make come first, before their names are used.
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
                tries = list(islice((one for one in kind if used.isdisjoint(_names(one.fact))), TRIES))
                if not tries:
                    kinds.remove(kind)
                for one in tries:
                    answered = self._is_answered(one)
                    if answered:
                        used.update(_names(one.fact))
                    yield one.text if answered else ""
                    if answered:
                        break

    def _is_answered(self, example: Example) -> bool:
        reply = self._application.ask(example.text)
        return reply.status == "answered" and (not example.value or example.value in reply.values)

    def _two_hops(self, facts: Sequence[Fact]) -> Iterator[Example]:
        """Ask for what a fact's value has, such as 《战狼2》的导演的妻子是谁."""
        people = [fact for fact in facts if PERSON in "".join(fact.roles[VALUE].types)]
        theirs: dict[str, list[Fact]] = {fact.value: [] for fact in people}
        for one in facts_of(self._application.graph, list(theirs), EACH):
            theirs.setdefault(one.subject, []).append(one)
        for fact in people:
            # A wife's husband is whom the question began with: such a step back is no question.
            onward = [one for one in theirs[fact.value] if one.value != fact.subject]
            for other in onward[:1]:
                first = _object_noun(fact)
                noun = asked_for(Step(other.predicate, VALUE), {SUBJECT: first})
                if _is_readable(other) and not first.endswith("的") and other.value != fact.subject:
                    yield Example(fact, noun + _is_what(other.roles[VALUE]), other.value)


def _names(fact: Fact) -> tuple[str, str]:
    return fact.subject, fact.value


def _is_readable(fact: Fact) -> bool:
    return all(1 < len(vertex.name) <= MAX_CHARS for vertex in fact.roles.values())


def _objects(facts: Sequence[Fact]) -> Iterator[Example]:
    """Ask for the object, such as 《战狼2》的导演是谁."""
    for fact in facts:
        yield Example(fact, _object_noun(fact) + _is_what(fact.roles[VALUE]), fact.value)


def _subjects(facts: Sequence[Fact]) -> Iterator[Example]:
    """Ask for the subject, such as 吴京导演的作品有哪些 or 谁的丈夫是吴京."""
    for fact in facts:
        noun = _subject_noun(fact)
        if not noun.endswith("的"):
            yield Example(fact, f"{noun}有哪些？", fact.subject)
        elif PERSON in "".join(fact.roles[SUBJECT].types):
            yield Example(fact, f"谁的{fact.predicate}是{_named(fact.roles[VALUE])}？", fact.subject)


def _counts(facts: Sequence[Fact]) -> Iterator[Example]:
    """Ask how many there are, such as 吴京导演的作品有几部."""
    for fact in facts:
        noun = _subject_noun(fact)
        if not noun.endswith("的"):
            yield Example(fact, f"{noun}有几{measure_of([fact.roles[SUBJECT]])}？", "")


def _yes_no(facts: Sequence[Fact]) -> Iterator[Example]:
    """Ask whether it is so, such as 《战狼2》的导演是吴京吗."""
    for fact in facts:
        yield Example(fact, f"{_object_noun(fact)}是{_named(fact.roles[VALUE])}吗？", YES)


def _slots(facts: Sequence[Fact]) -> Iterator[Example]:
    """Give a further slot, such as 吴京在《战狼》中饰演的角色是谁."""
    for fact in facts:
        for role in fact.slots:
            given = {SUBJECT: _named(fact.roles[SUBJECT]), role: _named(fact.roles[role])}
            noun = asked_for(Step(fact.predicate, VALUE), given)
            yield Example(fact, noun + _is_what(fact.roles[VALUE]), fact.value)


def _object_noun(fact: Fact) -> str:
    return asked_for(Step(fact.predicate, VALUE), {SUBJECT: _named(fact.roles[SUBJECT])})


def _subject_noun(fact: Fact) -> str:
    return asked_for(Step(fact.predicate, SUBJECT), {VALUE: _named(fact.roles[VALUE])})


def _named(vertex: Vertex) -> str:
    return named(vertex.name, vertex.types)


def _is_what(value: Vertex) -> str:
    kinds = "".join(value.types)
    return next((words for kind, words in _ASKS.items() if kind in kinds), "是什么？")
