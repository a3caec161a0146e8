"""Example questions for replies without an answer: made from the facts of a name, or of the graph.

A reply that cannot answer shows what can be asked. An example about films would mislead in a graph of diseases.
"""

import logging
import threading
from collections.abc import Sequence

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Step
from ckgqa.wording.questions import question_about
from ckgqa_answer.errors import GraphError
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.retrieval.facts import RetrievedFact
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.retrieval.queries import facts_of, facts_with_value

logger = logging.getLogger(__name__)

EXAMPLES = 2
"""Questions that a reply shows."""
SAMPLED_NAMES = 40
"""Names of the graph whose facts are fetched for examples about no name."""
FACTS_PER_NAME = 20
"""Facts of a name that are fetched; the best supported ones make the examples."""


class GraphExamples:
    """Makes example questions. Threads may share it.

    Args:
        graph: holds the facts.
        lexicon: the graph's names.
    """

    def __init__(self, graph: GraphClient, lexicon: Lexicon) -> None:
        self._graph = graph
        self._lexicon = lexicon
        self._lock = threading.Lock()
        self._of_version: tuple[str, list[str]] = ("", [])

    def about(self, name: str) -> list[str]:
        """Return questions about a name of the graph, each of another predicate that it has."""
        try:
            facts = facts_of(self._graph, [name], FACTS_PER_NAME)
            if not facts:
                return _questions(facts_with_value(self._graph, name, FACTS_PER_NAME), SUBJECT)
        except GraphError as error:
            logger.warning("no examples about a name: %s", error)
            return []
        return _questions(facts, VALUE)

    def of_graph(self) -> list[str]:
        """Return questions that this graph can answer; none while it is down."""
        version = self._lexicon.version
        with self._lock:
            made_for, questions = self._of_version
        if made_for != version:
            try:
                names = [entity.name for entity in self._lexicon.sample(SAMPLED_NAMES, version)]
                questions = _questions(facts_of(self._graph, names, FACTS_PER_NAME), VALUE)
            except GraphError as error:
                logger.warning("no examples from the graph: %s", error)
                return []
            with self._lock:
                self._of_version = version, questions
        return questions


def _questions(facts: Sequence[RetrievedFact], asked: str) -> list[str]:
    """Word a question from the best supported facts, each of another predicate and another name if there are."""
    ranked = sorted(facts, key=lambda fact: (not fact.is_labelled, -fact.score, -fact.count))
    chosen: dict[str, RetrievedFact] = {}
    for fact in ranked:
        chosen.setdefault(fact.predicate, fact)
    questions = []
    for fact in list(chosen.values())[:EXAMPLES]:
        step = Step(fact.predicate, asked)
        given = fact.roles[step.given_role]
        questions.append(question_about(step, given.name, given.types, fact.roles[asked].types))
    return questions
