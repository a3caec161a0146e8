"""Questions with one step: the names, the number of names, or whether a fact holds."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Kind, Step
from ckgqa_preprocess.questions.generators.generator import BALANCE, QuestionDraft, QuestionGenerator
from ckgqa_preprocess.questions.generators.split_view import SplitView, pick
from ckgqa_preprocess.questions.graph.facts import RoleNames
from ckgqa_preprocess.questions.templates.annotated_text import AnnotatedText
from ckgqa_preprocess.questions.templates.catalogue import Phrasing
from ckgqa_preprocess.questions.templates.realizer import Filler

FEW_FACTS = 60  # with fewer facts, half of the training questions take random names of the same types
OTHER_NAMES_SHARE = 0.1  # with more facts, this share does, so that a model learns the question and not its facts
SEVERAL_SHARE = 0.65  # of the count questions: with more than one answer to count
YES_SHARE = 0.5
MAX_OTHER_FACTS = 9  # sampled for a wrong name of a question with the answer no


def shape_of(step: Step, roles: frozenset[str]) -> str:
    """Return the shape of a one-step question that asks for names.

    Args:
        step: what the question asks.
        roles: the roles that it names.
    """
    if step.asked == VALUE and roles == {SUBJECT}:
        return "object_asked"
    return "subject_asked" if step.asked == SUBJECT and roles == {VALUE} else "slot"


class QuestionType:
    """The questions that ask one step and name the same roles.

    Args:
        view: the split's facts, entities and templates.
        kind: the kind of question.
        step: what it asks.
        roles: the roles that it names.
    """

    def __init__(self, view: SplitView, kind: Kind, step: Step, roles: frozenset[str]) -> None:
        self.view = view
        self.intent = Intent(kind, (step,))
        self.step = step
        self.phrasings = view.phrasings(kind, step, roles)
        self.roles = roles
        self.role_names = view.role_names(step.predicate, roles, step.asked if kind != "yes_no" else "")
        """The names of facts, one entry for each possible question."""
        self.shape = shape_of(step, roles) if kind == "list" else kind
        self._pools = {role: view.names_for(step.predicate, role) for role in sorted(roles)}

    @property
    def weight(self) -> float:
        """The frequency of this type relative to others."""
        return math.pow(max(len(self.role_names) + 1, FEW_FACTS if self._may_invent else 0), BALANCE)

    @property
    def possible(self) -> bool:
        """Whether this split has templates and names for this type."""
        return bool(self.phrasings) and (bool(self.role_names) or (self._may_invent and all(self._pools.values())))

    @property
    def label(self) -> str:
        """The intent and the named roles, which identify the type."""
        return f"{self.intent.label} given {' '.join(sorted(self.roles))}"

    @property
    def _may_invent(self) -> bool:
        return self.view.split == "train"

    def draw_names(self, rng: Random) -> RoleNames:
        """Draw the names of a fact; for training, sometimes random names of the same types."""
        share = OTHER_NAMES_SHARE if len(self.role_names) >= FEW_FACTS else 0.5 if self.role_names else 1.0
        if self._may_invent and all(self._pools.values()) and rng.random() < share:
            return tuple((role, rng.choice(pool)) for role, pool in self._pools.items())
        return rng.choice(self.role_names)

    def draft(self, names: RoleNames, rng: Random, surfaces: Mapping[str, str] | None = None) -> QuestionDraft:
        """Draft a question with these names; `surfaces` maps roles to the surface forms to type instead."""
        return self.word(self.view.fillers(self.step.predicate, names, surfaces), rng)

    def word(
        self, fillers: Mapping[str, Filler | AnnotatedText], rng: Random, phrasings: Sequence[Phrasing] = ()
    ) -> QuestionDraft:
        """Draft a question with these fillers, from one of some templates, or of all if none are listed."""
        phrasing = pick(phrasings or self.phrasings, rng)
        text = self.view.realizer.realize(phrasing.pattern.draw(rng), fillers, rng)
        return QuestionDraft(text, self.intent, self.shape, phrasing.label, is_open=self.intent.kind != "yes_no")

    def generate(self, rng: Random) -> QuestionDraft | None:
        """Generate a question of this type."""
        return self.draft(self.draw_names(rng), rng)


class CountQuestionType(QuestionType):
    """Questions for a number, mostly with several names to count."""

    def __init__(self, view: SplitView, kind: Kind, step: Step, roles: frozenset[str]) -> None:
        super().__init__(view, kind, step, roles)
        counts = {names: len(view.graph.answers(step.predicate, step.asked, names)) for names in self.role_names}
        self._several = [names for names in self.role_names if counts[names] > 1]

    def draw_names(self, rng: Random) -> RoleNames:
        """Draw the names of a fact, preferably one with several answers."""
        if self._several and rng.random() < SEVERAL_SHARE:
            return rng.choice(self._several)
        return super().draw_names(rng)


class YesNoQuestionType(QuestionType):
    """Questions with the answer yes or no; for a no, another name replaces one of the fact's names."""

    def generate(self, rng: Random) -> QuestionDraft | None:
        """Generate a question; None if the replaced name makes a fact, too."""
        names = self.draw_names(rng)
        if rng.random() >= YES_SHARE:
            role, _ = rng.choice(names)
            facts = rng.sample(self.role_names, min(MAX_OTHER_FACTS, len(self.role_names)))
            others = [name for fact in facts for key, name in fact if key == role]
            if not others:
                return None
            other = rng.choice(others)
            names = tuple((key, other if key == role else name) for key, name in names)
            if self.view.graph.matching(self.step.predicate, names):
                return None
        return self.draft(names, rng)


QUESTION_TYPES: dict[Kind, type[QuestionType]] = {
    "list": QuestionType,
    "count": CountQuestionType,
    "yes_no": YesNoQuestionType,
}


def question_types(view: SplitView) -> Iterator[QuestionType]:
    """Yield all one-step questions that this split can ask."""
    keys = sorted(view.catalogue.questions, key=lambda key: (key[0], key[1].label, sorted(key[2])))
    for kind, step, roles in keys:
        question_type = QUESTION_TYPES[kind](view, kind, step, roles)
        if question_type.possible:
            yield question_type


def one_hop_generators(types: Iterable[QuestionType]) -> Iterator[QuestionGenerator]:
    """Yield the generators of one-step questions."""
    for one in types:
        yield QuestionGenerator(one.shape, one.label, one.weight, one.generate)
