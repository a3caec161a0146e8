"""Loads and checks the template files: hand-written wordings for each predicate and type.

The files in `data/` come first; a user's file adds wordings to them, or replaces them with `replace: yes`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa_preprocess.questions.templates.pattern import Pattern, PatternError
from ckgqa_preprocess.questions.templates.yaml_lines import SourceLine, YamlEntry, read_entries

SHIPPED = Path(__file__).parent / "data"
KINDS_OF_LISTS = ("ask", "count", "phrase", "short")
"""Followed by the role that the wordings ask for, and perhaps by roles that every wording must name."""
TYPE_LISTS = ("as value", "as subject", "count value", "count subject", "short", "pronouns")
QUESTION = "…"
"""Stands for the question in a politeness phrase."""


@dataclass(frozen=True)
class Wording:
    """One line of a list, parsed."""

    pattern: Pattern
    line: SourceLine

    @property
    def shipped(self) -> bool:
        """Whether a shipped file holds the line; if the schema lacks its roles, it is dropped without an error."""
        return self.line.file.parent == SHIPPED


NO_LINE = SourceLine("", Path(), 0)


@dataclass
class TemplateSection:
    """The value of one key of a file: lists of wordings by name, and plain words."""

    lists: dict[str, list[Wording]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    key: SourceLine = NO_LINE

    def all(self, name: str) -> list[Wording]:
        """Return a list of wordings, empty if there is none."""
        return self.lists.get(name, [])

    def flag(self, name: str, default: bool = False) -> bool:
        """Return the value of a yes-or-no key."""
        words = self.words.get(name)
        return default if words is None else words == ["yes"]


@dataclass
class Templates:
    """The content of all template files."""

    predicates: dict[str, TemplateSection] = field(default_factory=dict)
    types: dict[str, TemplateSection] = field(default_factory=dict)
    general: dict[str, TemplateSection] = field(default_factory=dict)
    """`other types`, `every predicate`, `every slot`, `follow-ups`, `outside`."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """`around any question`, `around an open question`, `punctuation`, `quotes`."""
    added: set[str] = field(default_factory=set)
    """Predicates in the user's own files."""

    def predicate(self, name: str) -> TemplateSection | None:
        """Find the section of a predicate, by its name or by one that the files list under `also`."""
        if name in self.predicates:
            return self.predicates[name]
        sections = self.predicates.values()
        return next((section for section in sections if name in section.words.get("also", ())), None)

    def type(self, name: str) -> TemplateSection:
        """Find the section of a type, or the section of all other types."""
        return self.types.get(self.group(name), self.general["other types"])

    def group(self, name: str) -> str:
        """Return the type whose section covers a type; the type itself if it has a section or none covers it."""
        if name in self.types:
            return name
        return next((group for group, section in self.types.items() if name in section.words.get("also", ())), name)


def read_templates(extra: Path | None) -> Templates:
    """Read the shipped files, and the user's file or folder of files.

    Raises:
        InputError: `FILE line N: ...`.
    """
    templates = Templates()
    for path in sorted(SHIPPED.glob("*.yaml")):
        _merge_file(templates, read_entries(path))
    for path in _files(extra):
        templates.added |= _merge_file(templates, read_entries(path))
    return templates


def _files(extra: Path | None) -> list[Path]:
    if extra is None:
        return []
    if not extra.is_dir():
        return [extra]
    files = sorted(path for path in extra.iterdir() if path.suffix in {".yaml", ".yml"})
    if not files:
        raise InputError(f"{extra}: no .yaml file in this folder of templates")
    return files


def _merge_file(templates: Templates, entries: Mapping[str, YamlEntry]) -> set[str]:
    """Add the content of one file; return its predicates."""
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
                        templates.general,
                        "outside",
                        TemplateSection({topic: list(_wordings(child.texts()))}, {}, entry.key),
                    )
            case "other types" | "every predicate" | "every slot" | "follow-ups":
                _merge(templates.general, name, _section(entry, None, ()))
            case _:
                predicates.add(name)
                words = ("also", "nouns", "akin", "frames", "outside", "replace")
                _merge(templates.predicates, name, _section(entry, KINDS_OF_LISTS, words))
    return predicates


def _section(entry: YamlEntry, lists: Iterable[str] | None, words: Iterable[str]) -> TemplateSection:
    """Read the lists and words of one key; `lists` are the allowed names of lists, None for any."""
    section = TemplateSection(key=entry.key)
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


def _check_list(name: str, wordings: Iterable[Wording], key: SourceLine) -> None:
    """Check a list's wordings against its name: they must not name the role that it asks for, but all others."""
    kind, *roles = name.split()
    if name in TYPE_LISTS or kind not in {*KINDS_OF_LISTS, "yes_no"}:
        return
    if not roles and kind != "yes_no":
        raise key.error(f"{name!r} does not say for what role; {kind} @value is an example")
    for wording in wordings:
        named, text = wording.pattern.roles, wording.line.text
        if kind == "short" and named:
            raise wording.line.error(f"a short wording names nothing, but this one gives {{{min(named)}}}: {text}")
        if kind != "short" and not named:
            raise wording.line.error(f"it gives no name; expected {{subject}} or another role: {text}")
        if roles[:1] and roles[0] in named:
            raise wording.line.error(f"it gives {{{roles[0]}}}, the role that it is to ask for: {text}")
        if missing := set(roles[1:]) - named:
            raise wording.line.error(f"it does not give {{{min(missing)}}}, as {name!r} says: {text}")


def _wordings(lines: Iterable[SourceLine]) -> Iterator[Wording]:
    for line in lines:
        try:
            yield Wording(Pattern.parse(line.text), line)
        except PatternError as error:
            raise line.error(str(error)) from error


def _plain(entry: YamlEntry, *, around: bool) -> list[str]:
    for line in entry.texts():
        if around and line.text.count(QUESTION) != 1:
            raise line.error(f"{line.text!r} has no {QUESTION} for the question, or more than one")
    return [line.text for line in entry.texts()]


def _merge(sections: dict[str, TemplateSection], name: str, added: TemplateSection) -> None:
    """Merge a section into an earlier one of that name; `replace: yes` drops the earlier one."""
    if name not in sections or added.flag("replace"):
        sections[name] = added
        return
    earlier = sections[name]
    for kind, wordings in added.lists.items():
        earlier.lists.setdefault(kind, []).extend(wordings)
    for kind, words in added.words.items():
        earlier.words[kind] = [*earlier.words.get(kind, []), *words] if kind in {"also", "nouns", "akin"} else words
