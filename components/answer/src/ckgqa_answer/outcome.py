"""Looks readings up, the likeliest first, until the graph knows something: that reading is what was meant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Step
from ckgqa_answer.confidence import Signs, logarithm, logit
from ckgqa_answer.facts import Found
from ckgqa_answer.graph import Graph
from ckgqa_answer.lookup import look_up
from ckgqa_answer.readings import Given, Reading

_ORDER = {SUBJECT: 0, VALUE: 1}
RIVAL = 0.5
"""A reading that is at least this likely, compared with one that would be answered with no, is heard before it."""


@dataclass(frozen=True)
class Outcome:
    """What the graph said to a reading."""

    reading: Reading
    found: Found
    """What was asked for; where the answer is no, what is known instead."""
    no: bool = False
    """Whether the answer is no."""
    behind: bool = False
    """Whether likelier readings found nothing."""

    @property
    def signs(self) -> Signs:
        """What speaks for and against the answer."""
        reading = self.reading
        hows = {one.how for one in reading.given}
        least = min((fact.score for way in self.found.ways for fact in way), default=1.0)
        return Signs(
            intent=logit(reading.probability),
            link=logarithm(reading.quality),
            mention=logarithm(min(one.probability for one in reading.given)),
            support=logarithm(least),
            repair=logarithm(reading.repair),
            near=float("near" in hows),
            context=float("context" in hows),
            behind=float(self.behind),
            hops=float(len(reading.intent.chain) > 1),
            negative=float(self.no),
        )


def first_known(graph: Graph, readings: Sequence[Reading], max_rows: int) -> Outcome | None:
    """Find the first reading that the graph knows something about.

    A no is only what remains when no reading of like probability is answered otherwise.

    Args:
        graph: the graph.
        readings: the likeliest first.
        max_rows: the most facts that one look-up brings.

    Raises:
        ServiceError: the graph is down, late or busy.
    """
    no: Outcome | None = None
    for place, reading in enumerate(readings):
        if no is not None and reading.score < RIVAL * no.reading.score:
            break
        found = _answer(graph, reading, max_rows)
        if found:
            return Outcome(reading, found, behind=place > 0)
        if no is None and reading.intent.kind == "yes_no":
            known = _instead(graph, reading, max_rows)
            no = Outcome(reading, known, no=True, behind=place > 0) if known else None
    return no


def _answer(graph: Graph, reading: Reading, max_rows: int) -> Found:
    """Look one reading up."""
    chain = reading.intent.chain
    if reading.intent.kind != "yes_no" or len(chain) == 1:
        return look_up(graph, chain, reading.names, max_rows)
    target = claimed(reading)
    found = look_up(graph, chain, {one.role: one.names for one in reading.given if one is not target}, max_rows)
    ways = tuple(way for way in found.ways if way[-1].roles[chain[-1].asked].name in target.names)
    values = tuple(value for value in found.values if value.name in target.names)
    return Found(ways, values, len(values))


def claimed(reading: Reading) -> Given:
    """Give the name that a yes-or-no question claims to be the answer."""
    asked = reading.intent.chain[0].asked
    return next((one for one in reading.given if one.role == asked), reading.given[-1])


def _instead(graph: Graph, reading: Reading, max_rows: int) -> Found:
    """Find what is known instead of what a yes-or-no question claims: of the one, else of the other."""
    for reduced in halves(reading):
        found = look_up(graph, reduced.intent.chain, reduced.names, max_rows)
        if found:
            return found
    return Found()


def halves(reading: Reading) -> list[Reading]:
    """Give the open questions that a yes-or-no question is made of: what is the value, the subject, the work."""
    chain = reading.intent.chain
    target = claimed(reading)
    if len(chain) > 1:
        rest = tuple(one for one in reading.given if one is not target)
        return [replace(reading, intent=Intent("list", chain), given=rest)]
    roles = [one.role for one in reading.given]
    asked = sorted(roles, key=lambda role: (role != target.role, _ORDER.get(role, 2), role))
    return [
        replace(
            reading,
            intent=Intent("list", (Step(chain[0].predicate, role),)),
            given=tuple(one for one in reading.given if one.role != role),
        )
        for role in asked
    ]
