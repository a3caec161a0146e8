"""Searches for the interpretation that was meant: the likeliest one that the graph knows something about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Step
from ckgqa_answer.retrieval.facts import QueryResult
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.retrieval.queries import look_up
from ckgqa_answer.understanding.interpretation import Interpretation, RoleFiller

_ROLE_ORDER = {SUBJECT: 0, VALUE: 1}
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


def first_answerable(graph: GraphClient, interpretations: Sequence[Interpretation], max_rows: int) -> Outcome | None:
    """Find the first interpretation that the graph knows something about.

    The answer is no only if no interpretation of similar score has another answer.

    Args:
        graph: the graph.
        interpretations: the likeliest first.
        max_rows: the most facts that one look-up fetches.

    Raises:
        GraphError: the graph is down, late or busy.
    """
    negative: Outcome | None = None
    for rank, interpretation in enumerate(interpretations):
        if negative is not None and interpretation.score < RIVAL_RATIO * negative.interpretation.score:
            break
        result = _answer(graph, interpretation, max_rows)
        if result:
            return Outcome(interpretation, result, skipped=rank > 0)
        if negative is None and interpretation.intent.kind == "yes_no":
            known = _known_instead(graph, interpretation, max_rows)
            negative = Outcome(interpretation, known, negative=True, skipped=rank > 0) if known else None
    return negative


def claimed_filler(interpretation: Interpretation) -> RoleFiller:
    """Return the filler that a yes-or-no question claims to be the answer."""
    asked = interpretation.intent.chain[0].asked
    return next((filler for filler in interpretation.fillers if filler.role == asked), interpretation.fillers[-1])


def open_subquestions(interpretation: Interpretation) -> list[Interpretation]:
    """Return the open questions in a yes-or-no question: who is the value, the subject, in which work."""
    chain = interpretation.intent.chain
    claim = claimed_filler(interpretation)
    if len(chain) > 1:
        others = tuple(filler for filler in interpretation.fillers if filler is not claim)
        return [replace(interpretation, intent=Intent("list", chain), fillers=others)]
    roles = [filler.role for filler in interpretation.fillers]
    asked = sorted(roles, key=lambda role: (role != claim.role, _ROLE_ORDER.get(role, 2), role))
    return [
        replace(
            interpretation,
            intent=Intent("list", (Step(chain[0].predicate, role),)),
            fillers=tuple(filler for filler in interpretation.fillers if filler.role != role),
        )
        for role in asked
    ]


def _answer(graph: GraphClient, interpretation: Interpretation, max_rows: int) -> QueryResult:
    """Look up one interpretation."""
    chain = interpretation.intent.chain
    if interpretation.intent.kind != "yes_no" or len(chain) == 1:
        return look_up(graph, chain, interpretation.names, max_rows)
    claim = claimed_filler(interpretation)
    others = {filler.role: filler.names for filler in interpretation.fillers if filler is not claim}
    result = look_up(graph, chain, others, max_rows)
    paths = tuple(path for path in result.paths if path[-1].roles[chain[-1].asked].name in claim.names)
    values = tuple(value for value in result.values if value.name in claim.names)
    return QueryResult(paths, values, len(values))


def _known_instead(graph: GraphClient, interpretation: Interpretation, max_rows: int) -> QueryResult:
    """Find what the graph knows instead of the claim of a yes-or-no question."""
    for subquestion in open_subquestions(interpretation):
        result = look_up(graph, subquestion.intent.chain, subquestion.names, max_rows)
        if result:
            return result
    return QueryResult()
