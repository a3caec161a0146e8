"""The facts, entities and templates of one split, from which its questions are generated."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from ckgqa.runtime.artefacts import SUBJECT, VALUE, Split
from ckgqa.runtime.intents import Kind, Step
from ckgqa_preprocess.questions.graph.facts import FactGraph, RoleNames, usable
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
        """Return whether this split's questions may contain a name."""
        return usable(name) and self.name_splits.allows(name, self.split)

    @cached_property
    def _role_names_cache(self) -> dict[tuple[str, frozenset[str]], list[RoleNames]]:
        return {}

    def role_names(self, predicate: str, roles: frozenset[str]) -> list[RoleNames]:
        """Return the names that facts of a predicate have in these roles and this split allows, sorted, each once."""
        key = predicate, roles
        if key not in self._role_names_cache:
            candidates = {fact.names(roles) for fact in self.graph.by_predicate.get(predicate, [])}
            allowed = {names for names in candidates if names and all(self.allows(name) for _, name in names)}
            self._role_names_cache[key] = sorted(allowed)
        return self._role_names_cache[key]

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
        return [name for kind in kinds for name in self.names_by_type.get(kind, [])]

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
