"""Searches for the interpretation that was meant: the likeliest one that the graph knows something about."""

from collections.abc import Sequence
from dataclasses import dataclass

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Step
from ckgqa_answer.retrieval.facts import QueryResult, RetrievedVertex
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.retrieval.queries import RoleNames, look_up
from ckgqa_answer.retrieval.support import Supported, best_supported
from ckgqa_answer.retrieval.value_counts import ValueCounts
from ckgqa_answer.understanding.interpretation import Interpretation, RoleFiller

_PLAIN = frozenset({SUBJECT, VALUE})
RIVAL_RATIO = 0.5
"""An interpretation with at least this share of the score of a negative one is tried before the answer is no."""


@dataclass(frozen=True)
class Outcome:
    """The interpretation that was meant, with the graph's answer."""

    interpretation: Interpretation
    result: QueryResult
    """The answer; if it is no, what the graph knows instead."""
    negative: bool = False
    """Whether the answer is no."""
    skipped: bool = False
    """Whether likelier interpretations found nothing."""
    doubtful: tuple[RetrievedVertex, ...] = ()
    """Values that the graph has too, and that better supported ones contradict."""


class AnswerSearch:
    """Looks up interpretations.

    Args:
        graph: the graph.
        max_rows: the most facts that one look-up fetches.
    """

    def __init__(self, graph: GraphClient, max_rows: int) -> None:
        self._graph = graph
        self._max_rows = max_rows
        self._value_counts = ValueCounts(graph)

    def first_answerable(self, interpretations: Sequence[Interpretation]) -> Outcome | None:
        """Find the first interpretation that the graph knows something about.

        The answer is no only if no interpretation of similar score has another answer.

        Args:
            interpretations: the likeliest first.

        Raises:
            GraphError: the graph is down, late or busy.
        """
        negative: Outcome | None = None
        for rank, interpretation in enumerate(interpretations):
            if negative is not None and interpretation.score < RIVAL_RATIO * negative.interpretation.score:
                break
            supported = self._answer(interpretation)
            if supported.result:
                return Outcome(interpretation, supported.result, skipped=rank > 0, doubtful=supported.doubtful)
            if negative is None and interpretation.intent.kind == "yes_no":
                known = self._contradiction(interpretation)
                negative = Outcome(interpretation, known, negative=True, skipped=rank > 0) if known else None
        return negative

    def asks_for_one(self, interpretation: Interpretation) -> bool:
        """Return whether a question asks for a value of which a subject has one, so that 最 (most) selects nothing."""
        last = interpretation.intent.chain[-1]
        return last.asked == VALUE and self._value_counts.has_usually_one_value(last.predicate)

    def _answer(self, interpretation: Interpretation) -> Supported:
        """Look up one interpretation."""
        chain, names = interpretation.intent.chain, interpretation.names
        if interpretation.intent.kind != "yes_no":
            return self._supported(chain, names)
        claim = claimed_filler(interpretation)
        if len(chain) == 1:
            stated = self._look_up(chain, names)
            # Nothing contradicts a label, so that the subject's other values need not be fetched.
            if stated.is_labelled or claim.role != VALUE or SUBJECT not in names:
                return Supported(stated)
        result = self._supported(chain, _without(interpretation, claim.role)).result
        paths = tuple(path for path in result.paths if path[-1].roles[chain[-1].asked].name in claim.names)
        values = tuple(value for value in result.values if value.name in claim.names)
        return Supported(QueryResult(paths, values, len(values)))

    def _contradiction(self, interpretation: Interpretation) -> QueryResult:
        """Find facts that contradict the claim of a yes-or-no question; without any, it is not recorded.

        Facts contradict if the predicate has one value a subject and the graph has another, or if the graph has the
        claimed fact with other slots.
        """
        chain, names = interpretation.intent.chain, interpretation.names
        if len(chain) == 1 and names.keys() > _PLAIN:
            found = self._other_slots(chain[0].predicate, names)
            if found:
                return found
        if not all(step.asked == VALUE and self._value_counts.has_one_value(step.predicate) for step in chain):
            return QueryResult()
        claim = claimed_filler(interpretation)
        others = _without(interpretation, claim.role)
        if claim.role != VALUE or SUBJECT not in others:
            return QueryResult()
        result = self._supported(chain, {SUBJECT: others[SUBJECT]}).result
        known = any(value.name in claim.names for value in result.values)
        return QueryResult() if known else result

    def _other_slots(self, predicate: str, names: RoleNames) -> QueryResult:
        """Find the slots of a claimed fact if they are others: the work in which somebody plays this character."""
        claimed = {role: names[role] for role in _PLAIN}
        for slot in sorted(names.keys() - _PLAIN):
            found = self._look_up([Step(predicate, slot)], claimed)
            if found:
                same_slots = {role: other for role, other in names.items() if role != VALUE}
                return self._look_up([Step(predicate, VALUE)], same_slots) or found
        return QueryResult()

    def _supported(self, chain: Sequence[Step], names: RoleNames) -> Supported:
        return best_supported(self._graph, chain, self._look_up(chain, names), self._value_counts)

    def _look_up(self, chain: Sequence[Step], names: RoleNames) -> QueryResult:
        return look_up(self._graph, chain, names, self._max_rows)


def claimed_filler(interpretation: Interpretation) -> RoleFiller:
    """Return the filler that a yes-or-no question claims to be the answer."""
    asked = interpretation.intent.chain[0].asked
    return next((filler for filler in interpretation.fillers if filler.role == asked), interpretation.fillers[-1])


def _without(interpretation: Interpretation, role: str) -> RoleNames:
    return {filler.role: filler.names for filler in interpretation.fillers if filler.role != role}
