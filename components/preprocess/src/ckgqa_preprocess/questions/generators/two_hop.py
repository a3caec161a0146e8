"""Questions with two steps: 《战狼》的导演娶了谁 (whom did the director of 战狼 marry)."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Step
from ckgqa_preprocess.questions.generators.generator import BALANCE, QuestionDraft, QuestionGenerator
from ckgqa_preprocess.questions.generators.split_view import SplitView, pick
from ckgqa_preprocess.questions.generators.type_compatibility import TypeCompatibility
from ckgqa_preprocess.questions.graph.facts import FactGraph, RoleNames
from ckgqa_preprocess.questions.templates.catalogue import Phrasing

MAX_INTERMEDIATE = 20  # names between the two steps of a validation or test question; nobody reads a longer list
TRIVIAL_SHARE = 0.8  # a chain is trivial if this share of its starts leads back to itself: the husband of X's wife
MIN_OTHERS = 2  # values of a subject on average, for questions such as: who else acts in the films of this actor?
MAX_SAMPLED_STARTS = 40  # starts of a chain to examine for both
UNSEEN_SHARE = 0.1  # of the two-step training questions: about chains without a fact


@dataclass(frozen=True)
class Chain:
    """Two steps, and the names in the first step that lead through both."""

    first: Step
    second: Step
    roles: frozenset[str]
    """The roles that the question names, in the first step."""
    starts: tuple[RoleNames, ...]

    @property
    def intent(self) -> Intent:
        """The intent of the chain's questions."""
        return Intent("list", (self.first, self.second))


def two_hop_generators(
    view: SplitView, chains: Sequence[Chain], compatibility: TypeCompatibility
) -> Iterator[QuestionGenerator]:
    """Yield the generators of two-step questions.

    Args:
        view: the split's facts, entities and templates.
        chains: the chains that have facts.
        compatibility: decides which chains without facts make sense.
    """
    total = 0.0
    for chain in chains:
        if not _second_phrasings(view, chain.second):
            continue
        weight = math.pow(len(chain.starts), BALANCE)
        total += weight
        label = f"{chain.intent.label} given {' '.join(sorted(chain.roles))}"
        yield QuestionGenerator("two_hops", label, weight, partial(_generate, view, chain))
    unseen = list(_unseen_chains(view, compatibility, {(chain.first, chain.second) for chain in chains}))
    if view.split == "train" and unseen:
        share = (total or 1.0) * UNSEEN_SHARE
        yield QuestionGenerator(
            "two_hops", "unseen chains", share, lambda rng: _generate(view, rng.choice(unseen), rng)
        )


def find_chains(view: SplitView, compatibility: TypeCompatibility) -> list[Chain]:
    """Find all non-trivial chains that have facts, sorted."""
    starts_of: dict[tuple[Step, Step, frozenset[str]], list[RoleNames]] = defaultdict(list)
    seconds = {step: next_steps(view, step, compatibility) for step in view.catalogue.phrases}
    for step, roles in _first_steps(view):
        for names in view.role_names(step.predicate, roles):
            intermediate = view.graph.answers(step.predicate, step.asked, names)
            if view.split != "train" and len(intermediate) > MAX_INTERMEDIATE:
                continue
            for second in seconds[step]:
                if any(_has_answer(view.graph, second, name) for name in intermediate):
                    starts_of[step, second, roles].append(names)
    all_chains = (Chain(first, second, roles, tuple(starts)) for (first, second, roles), starts in starts_of.items())
    chains = (chain for chain in all_chains if not is_trivial(view.graph, chain))
    return sorted(chains, key=lambda chain: (chain.first.label, chain.second.label, sorted(chain.roles)))


def next_steps(view: SplitView, step: Step, compatibility: TypeCompatibility) -> list[Step]:
    """Return the steps that can follow a step, by the types of its answers."""
    kinds = view.schema.types_of_roles(step.predicate)[step.asked]
    if view.is_literal(step.predicate, step.asked):
        return []
    return [
        second
        for second in sorted(view.catalogue.phrases, key=lambda second: second.label)
        if compatibility.compatible(kinds, view.schema.types_of_roles(second.predicate)[second.given_role])
        and not (second.predicate == step.predicate and step.asked not in {SUBJECT, VALUE})
    ]


def is_trivial(graph: FactGraph, chain: Chain) -> bool:
    """Return whether a chain mostly leads back to the names that it starts from."""
    starts = chain.starts[:: max(1, len(chain.starts) // MAX_SAMPLED_STARTS)]
    if chain.first == Step(chain.second.predicate, SUBJECT) and chain.second.asked == VALUE:
        return _mean_answers(graph, chain.second, starts) < MIN_OTHERS
    back = 0
    for names in starts:
        intermediate = graph.answers(chain.first.predicate, chain.first.asked, names)
        answers = {answer for name in intermediate for answer in _answers(graph, chain.second, name)}
        back += answers <= {name for _, name in names}
    return back >= TRIVIAL_SHARE * len(starts)


def _mean_answers(graph: FactGraph, step: Step, starts: Sequence[RoleNames]) -> float:
    """Return the mean number of values of the subjects with these values; from 2 on there are others to ask for."""
    counts = [
        len(_answers(graph, step, name)) for names in starts for name in graph.answers(step.predicate, SUBJECT, names)
    ]
    return sum(counts) / len(counts)


def _answers(graph: FactGraph, step: Step, name: str) -> set[str]:
    return graph.answers(step.predicate, step.asked, ((step.given_role, name),))


def _has_answer(graph: FactGraph, step: Step, name: str) -> bool:
    if (step.predicate, step.given_role, name) not in graph.by_argument:
        return False
    return step.asked in {SUBJECT, VALUE} or bool(_answers(graph, step, name))


def _first_steps(view: SplitView) -> Iterator[tuple[Step, frozenset[str]]]:
    """Yield each step and the roles that its noun phrases name."""
    for step in sorted(view.catalogue.phrases, key=lambda step: step.label):
        for roles in sorted({phrase.pattern.roles for phrase in view.catalogue.phrases[step]}, key=sorted):
            yield step, roles


def _second_phrasings(view: SplitView, step: Step) -> list[Phrasing]:
    return view.phrasings("list", step, frozenset({step.given_role}))


def _unseen_chains(view: SplitView, compatibility: TypeCompatibility, seen: set[tuple[Step, Step]]) -> Iterator[Chain]:
    """Yield the chains that the types allow and no fact makes."""
    for step, roles in _first_steps(view):
        starts = view.role_names(step.predicate, roles)
        for second in next_steps(view, step, compatibility) if starts else ():
            backwards = second.predicate == step.predicate
            if (step, second) not in seen and not backwards and _second_phrasings(view, second):
                yield Chain(step, second, roles, tuple(starts))


def _generate(view: SplitView, chain: Chain, rng: Random) -> QuestionDraft:
    """Express the first step as a noun phrase, and ask the second step about it."""
    phrases = [phrase for phrase in view.catalogue.phrases[chain.first] if phrase.pattern.roles == chain.roles]
    phrase = pick(phrases, rng)
    fillers = view.fillers(chain.first.predicate, rng.choice(chain.starts))
    intermediate = view.realizer.realize(phrase.pattern.draw(rng), fillers, rng)
    second = pick(_second_phrasings(view, chain.second), rng)
    text = view.realizer.realize(second.pattern.draw(rng), {chain.second.given_role: intermediate}, rng)
    return QuestionDraft(text, chain.intent, "two_hops", f"{phrase.label}>{second.label}")
