"""All wordings that a schema's predicates have: what people wrote of them, and what follows from their types."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Kind, Step
from ckgqa_preprocess.questions.patterns import Pattern, Piece, Slot
from ckgqa_preprocess.questions.templates import Section, Templates, Wording
from ckgqa_preprocess.schema import Schema


@dataclass(frozen=True)
class Phrasing:
    """One wording of a list."""

    label: str
    """`导演/@value#4`: the fourth of its list."""
    pattern: Pattern
    own: bool
    """True where somebody wrote it of this very predicate."""


Ask = tuple[Kind, Step, frozenset[str]]
"""How an answer is put, what is asked, and which roles are given."""


@dataclass
class Book:
    """The wordings, by what they are for."""

    asks: dict[Ask, list[Phrasing]] = field(default_factory=dict)
    phrases: dict[Step, list[Phrasing]] = field(default_factory=dict)
    """What a step finds as a name in a further question."""
    shorts: dict[Step, list[Phrasing]] = field(default_factory=dict)
    """A question whose name is clear from what was said before."""
    other_names: list[Phrasing] = field(default_factory=list)
    """The question asked before, of another name."""
    outside: list[Phrasing] = field(default_factory=list)
    without_templates: list[str] = field(default_factory=list)
    """Predicates that nobody wrote wordings for."""


def make_book(templates: Templates, schema: Schema) -> Book:
    """Bring the templates and a schema together.

    Raises:
        InputError: a user's file names a role that the predicate does not have, or a predicate that is not there.
    """
    book = Book()
    for predicate in sorted(schema.by_predicate):
        _Binding(templates, schema, predicate).add_to(book)
    book.other_names = _numbered("other name", templates.general["follow-ups"].all("other name"))
    book.outside = list(_outside(templates, schema))
    _refuse_unused(templates, schema)
    return book


class _Binding:
    """One predicate and what is said of it."""

    def __init__(self, templates: Templates, schema: Schema, predicate: str) -> None:
        section = templates.predicate(predicate)
        self.templates = templates
        self.predicate = predicate
        self.templated = section is not None
        self.section = section or Section()
        self.framed = self.section.flag("frames", default=True)
        self.nouns = self.section.words.get("nouns", [predicate])
        self.types = schema.types_of_roles(predicate)

    def add_to(self, book: Book) -> None:
        """Put every list of this predicate into the book."""
        if not self.templated:
            book.without_templates.append(self.predicate)
        for role in self.types:
            step = Step(self.predicate, role)
            self._ask(book, "list", step, self._own("ask", role), self._frames(role))
            self._ask(book, "count", step, self._own("count", role), self._counts(role))
            book.phrases[step] = _numbered(step.label, self._own("phrase", role), self._phrases(role))
            book.shorts[step] = _numbered(step.label, self._own("short", role), self._shorts(role))
        both = self._filled(self.templates.general["every predicate"].all("yes_no"), "") if self.framed else []
        self._ask(book, "yes_no", Step(self.predicate, VALUE), self._known(self.section.all("yes_no")), both)

    def _ask(self, book: Book, kind: Kind, step: Step, own: Iterable[Wording], frames: Iterable[Pattern]) -> None:
        label = step.label if kind == "list" else f"{kind}:{step.label}"
        for phrasing in _numbered(label, own, frames):
            book.asks.setdefault((kind, step, phrasing.pattern.roles), []).append(phrasing)

    def _own(self, kind: str, role: str) -> list[Wording]:
        """Return what people wrote under `ask ROLE ...` and the like."""
        names = [name for name in self.section.lists if name.split()[:2] == [kind, role]]
        return [wording for name in names for wording in self._known(self.section.all(name))]

    def _known(self, wordings: Iterable[Wording]) -> list[Wording]:
        """Leave out shipped wordings with roles that this schema's predicate lacks; refuse a user's."""
        kept = []
        for wording in wordings:
            if strange := wording.pattern.roles - self.types.keys():
                if wording.shipped:
                    continue
                known = ", ".join(f"{{{role}}}" for role in self.types)
                raise wording.line.error(f"{self.predicate!r} has no role {{{min(strange)}}}; it has {known}")
            kept.append(wording)
        return kept

    def _frames(self, role: str) -> list[Pattern]:
        """Return the questions for a role that any predicate of its types has."""
        if role in {SUBJECT, VALUE}:
            found = self._of_types("as subject" if role == SUBJECT else "as value", role) if self.framed else []
            return found if role == SUBJECT or self.templated else [*found, *self._with_slots()]
        if self._own("ask", role):
            return []
        return self._filled(self.templates.general["every slot"].all("asked"), role, {"slot": role})

    def _with_slots(self) -> list[Pattern]:
        """Return the questions for the value that give a slot beside the subject."""
        slots = [role for role in self.types if role not in {SUBJECT, VALUE}]
        wordings = self.templates.general["every slot"].all("given")
        return [
            pattern for slot in slots for pattern in self._filled(wordings, "", {"slot": slot, "given": Slot(slot)})
        ]

    def _counts(self, role: str) -> list[Pattern]:
        if self.templated or role not in {SUBJECT, VALUE}:
            return []
        return self._of_types("count subject" if role == SUBJECT else "count value", role)

    def _phrases(self, role: str) -> list[Pattern]:
        return self._filled(self.templates.general["every predicate"].all(f"phrase {role}"), role)

    def _shorts(self, role: str) -> list[Pattern]:
        if role != VALUE or not self.framed:
            return []
        return self._of_types("short", role) + self._filled(self.templates.general["follow-ups"].all("same name"), role)

    def _of_types(self, kind: str, role: str) -> list[Pattern]:
        """Return the frames of a list that the types of a role have, each pattern once."""
        found: dict[str, Pattern] = {}
        for name in self._spoken_types(role) if kind == "as subject" else self.types[role]:
            section = self.templates.type(name)
            if kind.startswith("count") and section.flag("plain"):
                continue
            wordings = section.all(kind) or self.templates.general["other types"].all(kind)
            words: dict[str, Piece] = {"thing": " ".join(section.words.get("thing", [name]))}
            found |= {pattern.text: pattern for pattern in self._filled(wordings, role, words)}
        return list(found.values())

    def _spoken_types(self, role: str) -> Sequence[str]:
        """Return the types that names of a role are spoken of as: dates and numbers only where there is no other."""
        types = self.types.get(role, ())
        return [name for name in types if not self.templates.type(name).flag("plain")] or types

    def _filled(
        self, wordings: Iterable[Wording], role: str, words: Mapping[str, Piece] | None = None
    ) -> list[Pattern]:
        """Put each noun of the predicate, and a word for the things of a role, into frames."""
        things = [" ".join(self.templates.type(name).words.get("thing", [name])) for name in self._spoken_types(role)]
        pieces: dict[str, Piece] = {"thing": things[0] if things else "", **(words or {})}
        return [wording.pattern.filled({**pieces, "noun": noun}) for wording, noun in product(wordings, self.nouns)]


def _numbered(label: str, own: Iterable[Wording], frames: Iterable[Pattern] = ()) -> list[Phrasing]:
    patterns = [*((wording.pattern, True) for wording in own), *((pattern, False) for pattern in frames)]
    return [Phrasing(f"{label}#{number}", pattern, own) for number, (pattern, own) in enumerate(patterns, start=1)]


def _outside(templates: Templates, schema: Schema) -> Iterator[Phrasing]:
    """Yield the questions that no predicate covers: the topics, and what is known of predicates that are not there."""
    there = set(schema.by_predicate)
    for topic, wordings in templates.general["outside"].lists.items():
        if not there & set(topic.split()):
            yield from _numbered(f"outside/{topic.split()[0]}", wordings)
    used = {id(templates.predicate(predicate)) for predicate in there}
    for name, section in templates.predicates.items():
        kinds = section.words.get("outside", [])
        if kinds and id(section) not in used:
            lists = [section.all(key) for key in section.lists if key.split()[:2] == ["ask", VALUE]]
            wordings = [wording for found in lists for wording in found if wording.pattern.roles == {SUBJECT}]
            for phrasing in _numbered(f"outside/{name}", wordings):
                yield Phrasing(phrasing.label, phrasing.pattern.filled({SUBJECT: Slot(kinds[0])}), own=True)


def _refuse_unused(templates: Templates, schema: Schema) -> None:
    """Raise InputError where a user's file has wordings for a predicate that the schema lacks."""
    used = {id(templates.predicate(predicate)) for predicate in schema.by_predicate}
    for name in sorted(templates.added):
        section = templates.predicates[name]
        if id(section) not in used and "outside" not in section.words:
            known = ", ".join(sorted(schema.by_predicate))
            raise section.key.error(f"the schema has no predicate {name!r}; it has {known}")
