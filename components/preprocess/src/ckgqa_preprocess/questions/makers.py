"""Makers of questions with one step: what a name's facts say, their number, and whether something is so."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Kind, Step
from ckgqa_preprocess.questions.book import Phrasing
from ckgqa_preprocess.questions.desk import Desk, Draft, pick
from ckgqa_preprocess.questions.graph import Given
from ckgqa_preprocess.questions.texts import Text
from ckgqa_preprocess.questions.writer import Filler

SHAPES = (
    "object_asked", "subject_asked", "slot", "count", "yes_no",
    "two_hops", "follow_up", "near_name", "unanswerable", "outside",
)  # fmt: skip
# Between 0 (all intents alike) and 1 (as their facts): frequent predicates are asked more, rare ones are not starved.
BALANCE = 0.35
FEW_FACTS = 60  # below it, half of the training questions take other names of the same types
OTHER_NAMES_SHARE = 0.1  # above it; so that a question is learned and not its facts
SEVERAL_SHARE = 0.65  # of the questions for a number, those where there is more than one to count
YES_SHARE = 0.5


@dataclass(frozen=True)
class Maker:
    """Makes questions of one shape and intent."""

    shape: str
    label: str
    """Names it among the makers; its random numbers follow from it."""
    weight: float
    """Its share of the questions, to those of the other makers of the shape."""
    make: Callable[[Random], Draft | None]
    """Makes one; None where the draw led nowhere."""


def shape_of(step: Step, given: frozenset[str]) -> str:
    """Return the shape of a question with one step that asks for names."""
    if step.asked == VALUE and given == {SUBJECT}:
        return "object_asked"
    return "subject_asked" if step.asked == SUBJECT and given == {VALUE} else "slot"


class Asking:
    """The questions that ask one thing given names in the same roles.

    Args:
        desk: the split's facts, names and wordings.
        kind: how the answer is put.
        step: what is asked.
        given: the roles that are given.
    """

    def __init__(self, desk: Desk, kind: Kind, step: Step, given: frozenset[str]) -> None:
        self.desk = desk
        self.intent = Intent(kind, (step,))
        self.step = step
        self.phrasings = desk.phrasings(kind, step, given)
        self.roles = given
        facts = desk.givens(step.predicate, given | ({step.asked} if kind != "yes_no" else set()))
        self.givens = sorted({tuple(pair for pair in fact if pair[0] in given) for fact in facts})
        self.shape = shape_of(step, given) if kind == "list" else kind
        self._pools = {role: desk.names_for(step.predicate, role) for role in sorted(given)}

    @property
    def weight(self) -> float:
        """How often it is asked, next to others."""
        return math.pow(max(len(self.givens) + 1, FEW_FACTS if self._may_invent else 0), BALANCE)

    @property
    def possible(self) -> bool:
        """Say whether this split has wordings and names for it."""
        return bool(self.phrasings) and (bool(self.givens) or (self._may_invent and all(self._pools.values())))

    @property
    def _may_invent(self) -> bool:
        return self.desk.split == "train"

    def draw_given(self, random: Random) -> Given:
        """Draw the names of a fact; to train on, now and then others of the same types."""
        share = OTHER_NAMES_SHARE if len(self.givens) >= FEW_FACTS else 0.5 if self.givens else 1.0
        if self._may_invent and all(self._pools.values()) and random.random() < share:
            return tuple((role, random.choice(pool)) for role, pool in self._pools.items())
        return random.choice(self.givens)

    def draft(self, given: Given, random: Random, surfaces: Mapping[str, str] | None = None) -> Draft:
        """Word a question that gives these names, some of them typed otherwise."""
        return self.word(self.desk.fillers(self.step.predicate, given, surfaces), random)

    def word(self, fillers: Mapping[str, Filler | Text], random: Random, phrasings: Sequence[Phrasing] = ()) -> Draft:
        """Word a question with this in its places, in one of some wordings, or of all."""
        phrasing = pick(phrasings or self.phrasings, random)
        text = self.desk.writer.write(phrasing.pattern.draw(random), fillers, random)
        return Draft(text, self.intent, self.shape, phrasing.label, is_open=self.intent.kind != "yes_no")

    def make(self, random: Random) -> Draft | None:
        """Make a question of any kind but those with a number or a yes for an answer."""
        return self.draft(self.draw_given(random), random)


class Counting(Asking):
    """Questions for a number, mostly where there are several."""

    def __init__(self, desk: Desk, kind: Kind, step: Step, given: frozenset[str]) -> None:
        super().__init__(desk, kind, step, given)
        counts = {one: len(desk.graph.answers(step.predicate, step.asked, one)) for one in self.givens}
        self._several = [one for one in self.givens if counts[one] > 1]

    def draw_given(self, random: Random) -> Given:
        """Draw the names of a fact, or of several."""
        if self._several and random.random() < SEVERAL_SHARE:
            return random.choice(self._several)
        return super().draw_given(random)


class Checking(Asking):
    """Questions to be answered by yes or no; for a no one of the names is another."""

    def make(self, random: Random) -> Draft | None:
        """Make one; None where the other name makes a fact, too."""
        given = self.draw_given(random)
        if random.random() >= YES_SHARE:
            role, _ = random.choice(given)
            others = [one[index][1] for one in random.sample(self.givens, min(9, len(self.givens)))
                      for index in range(len(one)) if one[index][0] == role]  # fmt: skip
            if not others:
                return None
            other = random.choice(others)
            given = tuple((key, other if key == role else name) for key, name in given)
            if self.desk.graph.matching(self.step.predicate, given):
                return None
        return self.draft(given, random)


ASKINGS: dict[Kind, type[Asking]] = {"list": Asking, "count": Counting, "yes_no": Checking}


def askings(desk: Desk) -> Iterator[Asking]:
    """Yield all that this split can ask with one step."""
    for kind, step, given in sorted(desk.book.asks, key=lambda ask: (ask[0], ask[1].label, sorted(ask[2]))):
        asking = ASKINGS[kind](desk, kind, step, given)
        if asking.possible:
            yield asking


def one_step(asked: Iterable[Asking]) -> Iterator[Maker]:
    """Yield the makers of questions with one step."""
    for asking in asked:
        label = f"{asking.intent.label} given {' '.join(sorted(asking.roles))}"
        yield Maker(asking.shape, label, asking.weight, asking.make)
