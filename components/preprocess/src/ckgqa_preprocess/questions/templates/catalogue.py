"""The catalogue of a schema's templates: hand-written wordings of its predicates, and frames that fit its types."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Kind, Step
from ckgqa_preprocess.questions.templates.loader import Templates, TemplateSection, Wording
from ckgqa_preprocess.questions.templates.pattern import Pattern, Piece, Placeholder
from ckgqa_preprocess.schema import Schema


@dataclass(frozen=True)
class Phrasing:
    """One template of the catalogue."""

    label: str
    """`导演/@value#4`: the fourth of its list."""
    pattern: Pattern
    hand_written: bool
    """True if somebody wrote it for this very predicate, False for a frame of its types."""


QuestionKey = tuple[Kind, Step, frozenset[str]]
"""The kind of question, the step that it asks, and the roles whose names it contains."""


@dataclass
class TemplateCatalogue:
    """The templates, by their use."""

    questions: dict[QuestionKey, list[Phrasing]] = field(default_factory=dict)
    phrases: dict[Step, list[Phrasing]] = field(default_factory=dict)
    """Noun phrases for the answer of a step, to use as a name in a second step."""
    short_questions: dict[Step, list[Phrasing]] = field(default_factory=dict)
    """Follow-up questions that omit the name."""
    other_name: list[Phrasing] = field(default_factory=list)
    """Follow-up questions that repeat the previous question for another name."""
    out_of_scope: list[Phrasing] = field(default_factory=list)
    """Questions that no predicate of the schema covers."""
    without_templates: list[str] = field(default_factory=list)
    """Predicates without hand-written templates."""


def build_catalogue(templates: Templates, schema: Schema) -> TemplateCatalogue:
    """Combine the templates with a schema.

    Raises:
        InputError: a user's file names a role that the predicate lacks, or a predicate that the schema lacks.
    """
    catalogue = TemplateCatalogue()
    for predicate in sorted(schema.by_predicate):
        _PredicateBinder(templates, schema, predicate).add_to(catalogue)
    catalogue.other_name = _numbered("other name", templates.general["follow-ups"].all("other name"))
    catalogue.out_of_scope = list(_out_of_scope(templates, schema))
    _reject_unused(templates, schema)
    return catalogue


class _PredicateBinder:
    """Binds the template files to one predicate of the schema."""

    def __init__(self, templates: Templates, schema: Schema, predicate: str) -> None:
        section = templates.predicate(predicate)
        self.templates = templates
        self.predicate = predicate
        self.templated = section is not None
        self.section = section or TemplateSection()
        self.framed = self.section.flag("frames", default=True)
        self.nouns = self.section.words.get("nouns", [predicate])
        self.types = schema.types_of_roles(predicate)

    def add_to(self, catalogue: TemplateCatalogue) -> None:
        """Add every list of this predicate to the catalogue."""
        if not self.templated:
            catalogue.without_templates.append(self.predicate)
        for role in self.types:
            step = Step(self.predicate, role)
            self._add(catalogue, "list", step, self._hand_written("ask", role), self._frames(role))
            self._add(catalogue, "count", step, self._hand_written("count", role), self._counts(role))
            phrases, shorts = self._hand_written("phrase", role), self._hand_written("short", role)
            catalogue.phrases[step] = _numbered(step.label, phrases, self._phrases(role))
            catalogue.short_questions[step] = _numbered(step.label, shorts, self._shorts(role))
        frames = self._filled(self.templates.general["every predicate"].all("yes_no"), "") if self.framed else []
        yes_no = self._of_schema(self.section.all("yes_no"))
        self._add(catalogue, "yes_no", Step(self.predicate, VALUE), yes_no, frames)

    def _add(
        self,
        catalogue: TemplateCatalogue,
        kind: Kind,
        step: Step,
        wordings: Iterable[Wording],
        frames: Iterable[Pattern],
    ) -> None:
        label = step.label if kind == "list" else f"{kind}:{step.label}"
        for phrasing in _numbered(label, wordings, frames):
            catalogue.questions.setdefault((kind, step, phrasing.pattern.roles), []).append(phrasing)

    def _hand_written(self, kind: str, role: str) -> list[Wording]:
        """Return the wordings of the lists `ask ROLE ...` and the like."""
        names = [name for name in self.section.lists if name.split()[:2] == [kind, role]]
        return [wording for name in names for wording in self._of_schema(self.section.all(name))]

    def _of_schema(self, wordings: Iterable[Wording]) -> list[Wording]:
        """Drop shipped wordings with roles that this schema's predicate lacks; reject a user's."""
        selected = []
        for wording in wordings:
            if unknown := wording.pattern.roles - self.types.keys():
                if wording.shipped:
                    continue
                known = ", ".join(f"{{{role}}}" for role in self.types)
                raise wording.line.error(f"{self.predicate!r} has no role {{{min(unknown)}}}; it has {known}")
            selected.append(wording)
        return selected

    def _frames(self, role: str) -> list[Pattern]:
        """Return the questions for a role that follow from its types."""
        if role in {SUBJECT, VALUE}:
            patterns = self._of_types("as subject" if role == SUBJECT else "as value", role) if self.framed else []
            return patterns if role == SUBJECT or self.templated else [*patterns, *self._with_slots()]
        if self._hand_written("ask", role):
            return []
        return self._filled(self.templates.general["every slot"].all("asked"), role, {"slot": role})

    def _with_slots(self) -> list[Pattern]:
        """Return the questions for the value that name a slot beside the subject."""
        slots = [role for role in self.types if role not in {SUBJECT, VALUE}]
        wordings = self.templates.general["every slot"].all("given")
        return [
            pattern
            for slot in slots
            for pattern in self._filled(wordings, "", {"slot": slot, "given": Placeholder(slot)})
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
        """Return the frames of a list that the types of a role have, without duplicates."""
        patterns: dict[str, Pattern] = {}
        for name in self._entity_types(role) if kind == "as subject" else self.types[role]:
            section = self.templates.type(name)
            if kind.startswith("count") and section.flag("plain"):
                continue
            wordings = section.all(kind) or self.templates.general["other types"].all(kind)
            words: dict[str, Piece] = {"thing": " ".join(section.words.get("thing", [name]))}
            patterns |= {pattern.text: pattern for pattern in self._filled(wordings, role, words)}
        return list(patterns.values())

    def _entity_types(self, role: str) -> Sequence[str]:
        """Return the types of a role without dates and numbers, unless it has no other."""
        types = self.types.get(role, ())
        return [name for name in types if not self.templates.type(name).flag("plain")] or types

    def _filled(
        self, wordings: Iterable[Wording], role: str, words: Mapping[str, Piece] | None = None
    ) -> list[Pattern]:
        """Fill each noun of the predicate, and a general noun for the names of a role, into frames."""
        things = [" ".join(self.templates.type(name).words.get("thing", [name])) for name in self._entity_types(role)]
        pieces: dict[str, Piece] = {"thing": things[0] if things else "", **(words or {})}
        return [wording.pattern.filled({**pieces, "noun": noun}) for wording, noun in product(wordings, self.nouns)]


def _numbered(label: str, wordings: Iterable[Wording], frames: Iterable[Pattern] = ()) -> list[Phrasing]:
    patterns = [*((wording.pattern, True) for wording in wordings), *((pattern, False) for pattern in frames)]
    return [
        Phrasing(f"{label}#{number}", pattern, hand_written)
        for number, (pattern, hand_written) in enumerate(patterns, start=1)
    ]


def _out_of_scope(templates: Templates, schema: Schema) -> Iterator[Phrasing]:
    """Yield the questions that no predicate covers: general topics, and predicates that the schema lacks."""
    covered = set(schema.by_predicate)
    for topic, wordings in templates.general["outside"].lists.items():
        if not covered & set(topic.split()):
            yield from _numbered(f"outside/{topic.split()[0]}", wordings)
    used = {id(templates.predicate(predicate)) for predicate in covered}
    for name, section in templates.predicates.items():
        subject_types = section.words.get("outside", [])
        if subject_types and id(section) not in used:
            lists = [section.all(key) for key in section.lists if key.split()[:2] == ["ask", VALUE]]
            wordings = [wording for listed in lists for wording in listed if wording.pattern.roles == {SUBJECT}]
            for phrasing in _numbered(f"outside/{name}", wordings):
                pattern = phrasing.pattern.filled({SUBJECT: Placeholder(subject_types[0])})
                yield Phrasing(phrasing.label, pattern, hand_written=True)


def _reject_unused(templates: Templates, schema: Schema) -> None:
    """Raise InputError if a user's file has wordings for a predicate that the schema lacks."""
    used = {id(templates.predicate(predicate)) for predicate in schema.by_predicate}
    for name in sorted(templates.added):
        section = templates.predicates[name]
        if id(section) not in used and "outside" not in section.words:
            known = ", ".join(sorted(schema.by_predicate))
            raise section.key.error(f"the schema has no predicate {name!r}; it has {known}")
