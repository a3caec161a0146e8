"""The facts, entities and templates of one split, from which its questions are generated."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from ckgqa.runtime.artefacts import SUBJECT, VALUE, Split
from ckgqa.runtime.intents import Kind, Step
from ckgqa_preprocess.questions.graph.facts import FactGraph, GraphFact, RoleNames, usable
from ckgqa_preprocess.questions.splits import NameSplits, WordingSplits
from ckgqa_preprocess.questions.templates.annotated_text import AnnotatedText
from ckgqa_preprocess.questions.templates.catalogue import Phrasing, TemplateCatalogue
from ckgqa_preprocess.questions.templates.loader import Templates
from ckgqa_preprocess.questions.templates.realizer import Filler, Realizer
from ckgqa_preprocess.schema import Schema

HAND_WRITTEN_SHARE = 0.65  # of the questions whose predicate has both hand-written templates and frames


@dataclass(frozen=True)
class SplitView:
    """Facts, entities and templates available to one split."""

    split: Split
    graph: FactGraph
    schema: Schema
    templates: Templates
    catalogue: TemplateCatalogue
    realizer: Realizer
    name_splits: NameSplits
    wording_splits: WordingSplits

    def allows(self, name: str) -> bool:
        """Return whether this split's questions may contain a name, whatever its role."""
        return usable(name) and self.name_splits.allows(name, self.split)

    def allows_role(self, predicate: str, role: str, name: str) -> bool:
        """Return whether this split's questions may contain a name in a role of a predicate."""
        return usable(name) and self.name_splits.of_role(predicate, role, name) == self.split

    @cached_property
    def _role_names_cache(self) -> dict[tuple[str, frozenset[str], str], list[RoleNames]]:
        return {}

    def role_names(self, predicate: str, roles: frozenset[str], asked: str = "") -> list[RoleNames]:
        """Return the names that this split's questions may contain in these roles, sorted, each once.

        Args:
            predicate: the predicate of the facts.
            roles: roles that the question names.
            asked: role that the question asks for, and that the facts must have; empty if any fact will do.
        """
        key = predicate, roles, asked
        if key not in self._role_names_cache:
            facts = self.graph.by_predicate.get(predicate, [])
            found = (names for fact in facts if (names := self._allowed_names(fact, roles, asked)))
            self._role_names_cache[key] = sorted(set(found))
        return self._role_names_cache[key]

    def _allowed_names(self, fact: GraphFact, roles: frozenset[str], asked: str) -> RoleNames | None:
        """Return the names of these roles of a fact, None if the fact or this split does not allow the question."""
        named, answer = fact.names(roles), fact.names(frozenset({asked} if asked else ()))
        if named is None or answer is None or not all(usable(name) for _, name in (*named, *answer)):
            return None
        return named if self.name_splits.allows_question(fact, named, answer, self.split) else None

    @cached_property
    def names_by_type(self) -> dict[str, list[str]]:
        """Type -> the names of this split, sorted."""
        names = defaultdict(list)
        for entity in sorted(self.graph.entities.values(), key=lambda entity: entity.name):
            for kind in entity.types if self.allows(entity.name) else ():
                names[kind].append(entity.name)
        return dict(names)

    def names_for(self, predicate: str, role: str) -> list[str]:
        """Return the names of this split that could have a role, whether or not there is such a fact.

        Subjects and values are names of the role's types; dates, numbers and slots are names that the role has in a
        fact.
        """
        if self.is_literal(predicate, role) or role not in {SUBJECT, VALUE}:
            return [name for ((_, name),) in self.role_names(predicate, frozenset({role}))]
        kinds = self.schema.types_of_roles(predicate)[role]
        names = [name for kind in kinds for name in self.names_by_type.get(kind, [])]
        if not self.name_splits.held_out_in_part:
            return names
        in_part = {
            name
            for name in self.name_splits.held_out_in_part
            if not set(self.graph.entities[name].types).isdisjoint(kinds)
        }
        kept = [name for name in names if name not in in_part]
        return kept + sorted(name for name in in_part if self.allows_role(predicate, role, name))

    def phrasings(self, kind: Kind, step: Step, roles: frozenset[str]) -> list[Phrasing]:
        """Return the templates of this split that ask a step and name these roles."""
        return self.wording_splits.of(self.catalogue.questions.get((kind, step, roles), ()), self.split)

    def is_literal(self, predicate: str, role: str) -> bool:
        """Return whether a role holds dates, numbers and the like, about which no question asks."""
        kinds = self.schema.types_of_roles(predicate)[role]
        return all(self.templates.type(kind).flag("plain") for kind in kinds)

    def filler(self, predicate: str, role: str, name: str, surface: str | None = None) -> Filler:
        """Return the filler of a role by a name, as it is or in another surface form."""
        titled = any(self.templates.type(kind).flag("titles") for kind in self.schema.types_of_roles(predicate)[role])
        return Filler(role, name if surface is None else surface, name, titled)

    def fillers(
        self, predicate: str, names: RoleNames, surfaces: Mapping[str, str] | None = None
    ) -> dict[str, Filler | AnnotatedText]:
        """Return role -> filler for the names of a fact.

        Args:
            predicate: the fact's predicate.
            names: its names.
            surfaces: role -> surface form, for names that are typed in another form.
        """
        typed = surfaces or {}
        return {role: self.filler(predicate, role, name, typed.get(role)) for role, name in names}


def pick(phrasings: Sequence[Phrasing], rng: Random) -> Phrasing:
    """Draw a template; prefer hand-written ones."""
    hand_written = [phrasing for phrasing in phrasings if phrasing.hand_written]
    frames = [phrasing for phrasing in phrasings if not phrasing.hand_written]
    if hand_written and frames:
        return rng.choice(hand_written if rng.random() < HAND_WRITTEN_SHARE else frames)
    return rng.choice(hand_written or frames)
