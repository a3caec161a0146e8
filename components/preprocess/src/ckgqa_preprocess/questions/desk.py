"""What the makers of questions work with: facts, names and wordings of one split."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Kind, Step
from ckgqa_preprocess.questions.book import Book, Phrasing
from ckgqa_preprocess.questions.graph import Given, Graph, usable
from ckgqa_preprocess.questions.splits import NameSplits, Split, WordingSplits
from ckgqa_preprocess.questions.templates import Templates
from ckgqa_preprocess.questions.texts import Text
from ckgqa_preprocess.questions.writer import Filler, Writer
from ckgqa_preprocess.schema import Schema

OWN_SHARE = 0.65  # of questions whose wording somebody wrote of this very predicate, where there are any


@dataclass(frozen=True)
class Draft:
    """A question before its manners."""

    text: Text
    intent: Intent
    shape: str
    wording: str
    is_open: bool = True
    """False where it is answered by yes or no."""
    around: bool = True
    """False where nothing polite may stand around it."""
    before: "Draft | None" = None
    """The question before it in the conversation."""
    implied: Given = ()
    """Names that it means and does not hold."""


@dataclass(frozen=True)
class Desk:
    """One split's share of everything."""

    split: Split
    graph: Graph
    schema: Schema
    templates: Templates
    book: Book
    writer: Writer
    name_splits: NameSplits
    wording_splits: WordingSplits

    def allows(self, name: str) -> bool:
        """Say whether this split's questions may hold a name."""
        return usable(name) and self.name_splits.allows(name, self.split)

    @cached_property
    def _cache(self) -> dict[tuple[str, frozenset[str]], list[Given]]:
        return {}

    def givens(self, predicate: str, roles: frozenset[str]) -> list[Given]:
        """Return what questions that give these roles can give, each once, sorted."""
        key = predicate, roles
        if key not in self._cache:
            found = {fact.names(roles) for fact in self.graph.by_predicate.get(predicate, [])}
            allowed = {given for given in found if given and all(self.allows(name) for _, name in given)}
            self._cache[key] = sorted(allowed)
        return self._cache[key]

    @cached_property
    def names_by_type(self) -> dict[str, list[str]]:
        """Type -> the names of this split, sorted."""
        found = defaultdict(list)
        for name in sorted(self.graph.names.values(), key=lambda one: one.name):
            for kind in name.types if self.allows(name.name) else ():
                found[kind].append(name.name)
        return dict(found)

    def names_for(self, predicate: str, role: str) -> list[str]:
        """Return the names of this split that could have a role, whether or not there is such a fact.

        Subjects and values are those of the role's types; dates, numbers and slots those that the role has somewhere.
        """
        if self.is_plain(predicate, role) or role not in {SUBJECT, VALUE}:
            return [name for ((_, name),) in self.givens(predicate, frozenset({role}))]
        kinds = self.schema.types_of_roles(predicate)[role]
        return [name for kind in kinds for name in self.names_by_type.get(kind, [])]

    def phrasings(self, kind: Kind, step: Step, given: frozenset[str]) -> list[Phrasing]:
        """Return the wordings of this split."""
        return self.wording_splits.of(self.book.asks.get((kind, step, given), ()), self.split)

    def is_plain(self, predicate: str, role: str) -> bool:
        """Say whether a role is held by dates, numbers and the like, of which nothing more is asked."""
        kinds = self.schema.types_of_roles(predicate)[role]
        return all(self.templates.type(kind).flag("plain") for kind in kinds)

    def filler(self, predicate: str, role: str, name: str, surface: str | None = None) -> Filler:
        """Return a name as it goes into a question."""
        titled = any(self.templates.type(kind).flag("titles") for kind in self.schema.types_of_roles(predicate)[role])
        return Filler(role, name if surface is None else surface, name, titled)

    def fillers(
        self, predicate: str, given: Given, surfaces: Mapping[str, str] | None = None
    ) -> dict[str, Filler | Text]:
        """Return the names of a fact as they go into a question, some of them typed otherwise."""
        typed = surfaces or {}
        return {role: self.filler(predicate, role, name, typed.get(role)) for role, name in given}


def pick(phrasings: Sequence[Phrasing], random: Random) -> Phrasing:
    """Draw a wording, more often one that somebody wrote."""
    own = [one for one in phrasings if one.own]
    frames = [one for one in phrasings if not one.own]
    if own and frames:
        return random.choice(own if random.random() < OWN_SHARE else frames)
    return random.choice(own or frames)
