"""Questions over two steps: 《战狼》的导演娶了谁 (whom did the director of 战狼 marry)."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Step
from ckgqa_preprocess.questions.book import Phrasing
from ckgqa_preprocess.questions.desk import Desk, Draft, pick
from ckgqa_preprocess.questions.graph import Given, Graph
from ckgqa_preprocess.questions.kinship import Kinship
from ckgqa_preprocess.questions.makers import BALANCE, Maker

MAX_FOUND = 20  # names between the steps of a question to test with; more would be a list that nobody reads
TRIVIAL_SHARE = 0.8  # of a chain's answers, those that lead back to where it began: the husband of somebody's wife
MIN_OTHERS = 2  # values of a subject on average, for a question such as: who else acts in the films of this actor?
SAMPLE = 40  # starts of a chain that are looked at to find that out
UNSEEN_SHARE = 0.1  # of training questions over two steps, those whose chain no fact of the graph makes


@dataclass(frozen=True)
class Chain:
    """Two steps, and the names in the first that lead through both."""

    first: Step
    second: Step
    roles: frozenset[str]
    """Given in the first step."""
    starts: tuple[Given, ...]


def two_hops(desk: Desk, chains: Sequence[Chain], kinship: Kinship) -> Iterator[Maker]:
    """Yield the makers of questions over two steps.

    Args:
        desk: the split's facts, names and wordings.
        chains: those that facts make.
        kinship: says which chains no fact makes and types allow.
    """
    total = 0.0
    for chain in chains:
        if not _seconds(desk, chain.second):
            continue
        weight = math.pow(len(chain.starts), BALANCE)
        total += weight
        label = f"{Intent('list', (chain.first, chain.second)).label} given {' '.join(sorted(chain.roles))}"
        yield Maker("two_hops", label, weight, partial(_make, desk, chain))
    unseen = list(_unseen(desk, kinship, {(chain.first, chain.second) for chain in chains}))
    if desk.split == "train" and unseen:
        share = (total or 1.0) * UNSEEN_SHARE
        yield Maker("two_hops", "unseen chains", share, lambda random: _make(desk, random.choice(unseen), random))


def find_chains(desk: Desk, kinship: Kinship) -> list[Chain]:
    """Find all chains that facts make and that lead somewhere, sorted."""
    found: dict[tuple[Step, Step, frozenset[str]], list[Given]] = defaultdict(list)
    seconds = {step: next_steps(desk, step, kinship) for step in desk.book.phrases}
    for step, roles in _starts(desk):
        for given in desk.givens(step.predicate, roles):
            between = desk.graph.answers(step.predicate, step.asked, given)
            if desk.split != "train" and len(between) > MAX_FOUND:
                continue
            for second in seconds[step]:
                if any(_leads_on(desk.graph, second, name) for name in between):
                    found[step, second, roles].append(given)
    made = (Chain(first, second, roles, tuple(starts)) for (first, second, roles), starts in found.items())
    chains = (chain for chain in made if not is_trivial(desk.graph, chain))
    return sorted(chains, key=lambda chain: (chain.first.label, chain.second.label, sorted(chain.roles)))


def next_steps(desk: Desk, step: Step, kinship: Kinship) -> list[Step]:
    """Return the steps that can ask about what a step finds, by their types."""
    kinds = desk.schema.types_of_roles(step.predicate)[step.asked]
    if desk.is_plain(step.predicate, step.asked):
        return []
    return [
        second
        for second in sorted(desk.book.phrases, key=lambda one: one.label)
        if kinship.are_kin(kinds, desk.schema.types_of_roles(second.predicate)[second.given])
        and not (second.predicate == step.predicate and step.asked not in {SUBJECT, VALUE})
    ]


def is_trivial(graph: Graph, chain: Chain) -> bool:
    """Say whether a chain mostly leads back to the names that it began with."""
    starts = chain.starts[:: max(1, len(chain.starts) // SAMPLE)]
    if chain.first == Step(chain.second.predicate, SUBJECT) and chain.second.asked == VALUE:
        return _mean_answers(graph, chain.second, starts) < MIN_OTHERS
    back = 0
    for given in starts:
        between = graph.answers(chain.first.predicate, chain.first.asked, given)
        found = {end for name in between for end in _ends(graph, chain.second, name)}
        back += found <= {name for _, name in given}
    return back >= TRIVIAL_SHARE * len(starts)


def _mean_answers(graph: Graph, step: Step, starts: Sequence[Given]) -> float:
    """Return how many values the subjects with these values have on average: 2 and more leave others to ask for."""
    counts = [
        len(_ends(graph, step, name)) for given in starts for name in graph.answers(step.predicate, SUBJECT, given)
    ]
    return sum(counts) / len(counts)


def _ends(graph: Graph, step: Step, name: str) -> set[str]:
    return graph.answers(step.predicate, step.asked, ((step.given, name),))


def _leads_on(graph: Graph, step: Step, name: str) -> bool:
    if (step.predicate, step.given, name) not in graph.known:
        return False
    return step.asked in {SUBJECT, VALUE} or bool(_ends(graph, step, name))


def _starts(desk: Desk) -> Iterator[tuple[Step, frozenset[str]]]:
    """Yield each step and the roles that its phrases give."""
    for step in sorted(desk.book.phrases, key=lambda one: one.label):
        for roles in sorted({one.pattern.roles for one in desk.book.phrases[step]}, key=sorted):
            yield step, roles


def _seconds(desk: Desk, step: Step) -> list[Phrasing]:
    return desk.phrasings("list", step, frozenset({step.given}))


def _unseen(desk: Desk, kinship: Kinship, seen: set[tuple[Step, Step]]) -> Iterator[Chain]:
    """Yield the chains that types allow and no fact makes."""
    for step, roles in _starts(desk):
        starts = desk.givens(step.predicate, roles)
        for second in next_steps(desk, step, kinship) if starts else ():
            backwards = second.predicate == step.predicate
            if (step, second) not in seen and not backwards and _seconds(desk, second):
                yield Chain(step, second, roles, tuple(starts))


def _make(desk: Desk, chain: Chain, random: Random) -> Draft:
    """Word the first step as a name, and ask the second of it."""
    phrase = pick([one for one in desk.book.phrases[chain.first] if one.pattern.roles == chain.roles], random)
    fillers = desk.fillers(chain.first.predicate, random.choice(chain.starts))
    found = desk.writer.write(phrase.pattern.draw(random), fillers, random)
    second = pick(_seconds(desk, chain.second), random)
    text = desk.writer.write(second.pattern.draw(random), {chain.second.given: found}, random)
    wording = f"{phrase.label}>{second.label}"
    return Draft(text, Intent("list", (chain.first, chain.second)), "two_hops", wording)
