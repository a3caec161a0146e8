"""The template files: what people wrote of each predicate and type, read, checked and put together.

The files beside this one are read first; a user's file adds wordings to them, or with `replace: yes` takes their place.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa_preprocess.questions.patterns import Pattern, PatternError
from ckgqa_preprocess.questions.yaml_lines import Entry, Line, read_entries

SHIPPED = Path(__file__).parent / "templates"
KINDS_OF_LISTS = ("ask", "count", "phrase", "short")
"""Each followed by the role that is asked for, and perhaps by roles that every wording must give."""
TYPE_LISTS = ("as value", "as subject", "count value", "count subject", "short", "pronouns")
GENERAL = (
    "around any question", "around an open question", "punctuation", "quotes", "types", "other types",
    "every predicate", "every slot", "follow-ups", "outside",
)  # fmt: skip
QUESTION = "…"
"""Stands for the question in what goes around it."""


@dataclass(frozen=True)
class Wording:
    """One line of a list, read."""

    pattern: Pattern
    line: Line

    @property
    def shipped(self) -> bool:
        """True where it is ours: what a schema has no role for is left out, and no error."""
        return self.line.file.parent == SHIPPED


NOWHERE = Line("", Path(), 0)


@dataclass
class Section:
    """What one key of a file holds: lists of wordings by name, and plain words."""

    lists: dict[str, list[Wording]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    key: Line = NOWHERE

    def all(self, name: str) -> list[Wording]:
        """Return a list, empty where there is none."""
        return self.lists.get(name, [])

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a yes or no."""
        said = self.words.get(name)
        return default if said is None else said == ["yes"]


@dataclass
class Templates:
    """All that the files say."""

    predicates: dict[str, Section] = field(default_factory=dict)
    types: dict[str, Section] = field(default_factory=dict)
    general: dict[str, Section] = field(default_factory=dict)
    """`other types`, `every predicate`, `every slot`, `follow-ups`, `outside`."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """`around any question`, `around an open question`, `punctuation`, `quotes`."""
    added: set[str] = field(default_factory=set)
    """Predicates that the user's own files name."""

    def predicate(self, name: str) -> Section | None:
        """Find what is said of a predicate, by its own name or by another that the files know it under."""
        if name in self.predicates:
            return self.predicates[name]
        return next((found for found in self.predicates.values() if name in found.words.get("also", ())), None)

    def type(self, name: str) -> Section:
        """Find what is said of a type; for one that nobody named, what is said of all others."""
        return self.types.get(self.group(name), self.general["other types"])

    def group(self, name: str) -> str:
        """Return the type that a type is talked of like; itself where it is named, or known to nobody."""
        if name in self.types:
            return name
        return next((known for known, found in self.types.items() if name in found.words.get("also", ())), name)


def read_templates(extra: Path | None) -> Templates:
    """Read the shipped files, and the user's file or folder of files.

    Raises:
        InputError: `FILE line N: ...`.
    """
    templates = Templates()
    for path in sorted(SHIPPED.glob("*.yaml")):
        _add(templates, read_entries(path))
    for path in _files(extra):
        templates.added |= _add(templates, read_entries(path))
    return templates


def _files(extra: Path | None) -> list[Path]:
    if extra is None:
        return []
    if not extra.is_dir():
        return [extra]
    found = sorted(path for path in extra.iterdir() if path.suffix in {".yaml", ".yml"})
    if not found:
        raise InputError(f"{extra}: no .yaml file in this folder of templates")
    return found


def _add(templates: Templates, entries: Mapping[str, Entry]) -> set[str]:
    """Add one file's content; return the predicates that it names."""
    predicates = set()
    for name, entry in entries.items():
        match name:
            case "around any question" | "around an open question" | "punctuation" | "quotes":
                templates.texts.setdefault(name, []).extend(_plain(entry, around=name.startswith("around")))
            case "types":
                for kind, child in entry.children().items():
                    _merge(templates.types, kind, _section(child, TYPE_LISTS, ("also", "thing", "titles", "plain")))
            case "outside":
                for topic, child in entry.children().items():
                    _merge(
                        templates.general, "outside", Section({topic: list(_wordings(child.texts()))}, {}, entry.key)
                    )
            case "other types" | "every predicate" | "every slot" | "follow-ups":
                _merge(templates.general, name, _section(entry, None, ()))
            case _:
                predicates.add(name)
                words = ("also", "nouns", "akin", "frames", "outside", "replace")
                _merge(templates.predicates, name, _section(entry, KINDS_OF_LISTS, words))
    return predicates


def _section(entry: Entry, lists: Iterable[str] | None, words: Iterable[str]) -> Section:
    """Read one key's lists and words; `lists` are the names that lists may have, None for any."""
    section = Section(key=entry.key)
    for name, child in entry.children().items():
        if name in words:
            section.words[name] = [word for line in child.texts() for word in line.text.split()]
        elif lists is None or name in lists or name == "yes_no" or name.split()[0] in lists:
            section.lists[name] = list(_wordings(child.texts()))
            _check_list(name, section.lists[name], child.key)
        else:
            known = ", ".join([*words, *(f"{kind} ROLE" if kind in KINDS_OF_LISTS else kind for kind in lists)])
            raise child.key.error(f"{name!r} is not known here; known are {known}, yes_no")
    return section


def _check_list(name: str, wordings: Iterable[Wording], key: Line) -> None:
    """Hold a list's wordings against what its name says: the role asked for is not given, the others are."""
    kind, *roles = name.split()
    if name in TYPE_LISTS or kind not in {*KINDS_OF_LISTS, "yes_no"}:
        return
    if not roles and kind != "yes_no":
        raise key.error(f"{name!r} does not say for what role; {kind} @value is an example")
    for wording in wordings:
        given, text = wording.pattern.roles, wording.line.text
        if kind == "short" and given:
            raise wording.line.error(f"a short wording names nothing, but this one gives {{{min(given)}}}: {text}")
        if kind != "short" and not given:
            raise wording.line.error(f"it gives no name; {{subject}} or another role is expected: {text}")
        if roles[:1] and roles[0] in given:
            raise wording.line.error(f"it gives {{{roles[0]}}}, the role that it is to ask for: {text}")
        if missing := set(roles[1:]) - given:
            raise wording.line.error(f"it does not give {{{min(missing)}}}, as {name!r} says: {text}")


def _wordings(lines: Iterable[Line]) -> Iterator[Wording]:
    for line in lines:
        try:
            yield Wording(Pattern.parse(line.text), line)
        except PatternError as error:
            raise line.error(str(error)) from error


def _plain(entry: Entry, *, around: bool) -> list[str]:
    for line in entry.texts():
        if around and line.text.count(QUESTION) != 1:
            raise line.error(f"{line.text!r} has no {QUESTION} for the question, or more than one")
    return [line.text for line in entry.texts()]


def _merge(sections: dict[str, Section], name: str, added: Section) -> None:
    """Put a section to what is there already; `replace: yes` drops what was there."""
    if name not in sections or added.flag("replace"):
        sections[name] = added
        return
    there = sections[name]
    for kind, wordings in added.lists.items():
        there.lists.setdefault(kind, []).extend(wordings)
    for kind, words in added.words.items():
        there.words[kind] = [*there.words.get(kind, []), *words] if kind in {"also", "nouns", "akin"} else words
