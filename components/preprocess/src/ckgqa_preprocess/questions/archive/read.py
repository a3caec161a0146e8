"""Reads an archive of labelled questions: `seq.in`, `seq.out`, `label`, and a `schema` folder that defines the labels.

`seq.in` has a question a line, `seq.out` a BIO tag for each of its characters, `label` its intent. The folder maps a
predicate's two directions to intents (`domain_specific_intentions.json`) and its subject and object to tags
(`domain_specific_slot_labels.json`).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent, Step
from ckgqa.runtime.names import name_span
from ckgqa.runtime.white_space import is_blank, trimmed, trimmed_line, trimmed_span
from ckgqa_preprocess.archive import Archive, open_archive
from ckgqa_preprocess.archive_files import ArchiveLayout
from ckgqa_preprocess.findings import BadRecord, Findings
from ckgqa_preprocess.questions.graph.facts import usable
from ckgqa_preprocess.questions.templates.annotated_text import AnnotatedMention, AnnotatedText

QUESTION_FILES = ArchiveLayout(
    {
        "question": ("seq.in",),
        "tag": ("seq.out",),
        "label": ("label",),
        "intentions": ("domain_specific_intentions.json",),
        "slot labels": ("domain_specific_slot_labels.json",),
    },
    depth=3,
    record="one question, its tags or its label a line",
)
ROLES = {"ask_object": (VALUE, SUBJECT, "subject_label"), "ask_subject": (SUBJECT, VALUE, "object_label")}
"""Direction -> the role that it asks for, the role that it names, and the key of the named role's tags."""
MAX_QUESTION_CHARS = 200
OUTSIDE_TAG = "O"


@dataclass(frozen=True)
class LabelMeaning:
    """The meaning of a label of the archive."""

    intent: Intent
    named: str
    """The role of the name in the question."""
    begin: str
    inside: str
    """The tags of that name's first and further characters."""


@dataclass(frozen=True)
class RawQuestion:
    """One question of the archive."""

    line: int
    """Its line in the three files, from 1."""
    text: AnnotatedText
    label: str
    """The archive's label."""
    meaning: LabelMeaning

    @property
    def shape(self) -> str:
        """The direction in which it asks."""
        return "object_asked" if self.meaning.named == SUBJECT else "subject_asked"


@dataclass
class RawQuestions:
    """The content of an archive."""

    questions: list[RawQuestion]
    steps: list[Step]
    """All steps that its labels ask, sorted."""
    bad: Findings
    duplicates: int
    """Number of dropped questions, which repeat the words and the label of an earlier one."""


def read_raw_questions(path: Path, max_bad_fraction: float) -> RawQuestions:
    """Read an archive.

    Raises:
        InputError: the archive is damaged or of another kind, or has too many bad records.
    """
    bad = Findings()
    questions: dict[tuple[str, str], RawQuestion] = {}
    records = 0
    with open_archive(path, QUESTION_FILES) as archive:
        meanings = _read_meanings(archive)
        for records, (question, tags, label) in enumerate(_aligned(archive), start=1):
            try:
                parsed = _parse(records, question, tags, label, meanings)
            except BadRecord as error:
                bad.add(error.reason, f"{archive.name('question')} line {records}", error.detail)
            else:
                questions.setdefault((parsed.text.words, parsed.label), parsed)
        bad.reject_bad_file(archive.name("question"), records, max_bad_fraction, archive.layout.record)
    steps = sorted(
        {step for meaning in meanings.values() for step in meaning.intent.chain}, key=lambda step: step.label
    )
    return RawQuestions(list(questions.values()), steps, bad, records - bad.counts.total() - len(questions))


def _read_meanings(archive: Archive) -> dict[str, LabelMeaning]:
    """Read label -> meaning from the schema folder."""
    intentions, tags = _json(archive, "intentions"), _json(archive, "slot labels")
    name = archive.name("intentions")
    meanings: dict[str, LabelMeaning] = {}
    tags = _trimmed_keys(tags, archive.name("slot labels"))
    for predicate, directions in _trimmed_keys(intentions, name).items():
        if not isinstance(directions, dict) or not directions:
            raise InputError(f'{name}: {predicate!r} is {directions!r}; expected {{"ask_object": LABEL, ...}}')
        for direction, raw_label in directions.items():
            if direction not in ROLES or not isinstance(raw_label, str):
                raise InputError(f"{name}: {predicate!r} has {direction!r}; expected ask_object and ask_subject")
            label = trimmed(raw_label)
            if label in meanings:
                raise InputError(f"{name}: the label {label!r} has two meanings, {predicate!r} is one; expected one")
            asked, named, key = ROLES[direction]
            begin, inside = _tags(archive.name("slot labels"), tags.get(predicate), predicate, key)
            meanings[label] = LabelMeaning(Intent("list", (Step(predicate, asked),)), named, begin, inside)
    if not meanings:
        raise InputError(f"{name}: no predicate in it; expected at least one")
    return meanings


def _tags(name: str, entry: object, predicate: str, key: str) -> tuple[str, str]:
    pair = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(tag, str) for tag in pair):
        raise InputError(f'{name}: {predicate!r} has no {key} such as ["B_name", "I_name"]')
    return trimmed(str(pair[0])), trimmed(str(pair[1]))


def _trimmed_keys(content: dict[str, object], name: str) -> dict[str, object]:
    """Return the object of a file with its predicates without white space around them."""
    predicates = {trimmed(predicate): value for predicate, value in content.items()}
    if len(predicates) < len(content):
        raise InputError(f"{name}: a predicate is there twice, with other white space around it; expected it once")
    return predicates


def _json(archive: Archive, role: str) -> dict[str, object]:
    try:
        value = json.loads(b"\n".join(archive.lines(role)))
    except ValueError as error:
        raise InputError(f"{archive.name(role)}: not JSON in UTF-8 ({error})") from error
    if not isinstance(value, dict):
        raise InputError(f"{archive.name(role)}: expected a JSON object with predicates for keys")
    return value


def _aligned(archive: Archive) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Stream the lines of the three files side by side; blank lines at the ends do not count.

    Raises:
        InputError: one of them has fewer lines than the others.
    """
    roles = ("question", "tag", "label")
    for number, lines in enumerate(zip_longest(*(_without_blank_end(archive, role) for role in roles)), start=1):
        question, tags, label = lines
        if question is None or tags is None or label is None:
            short = ", ".join(archive.name(role) for role, line in zip(roles, lines, strict=True) if line is None)
            raise InputError(f"{archive.path}: {short} ends before line {number}; expected three files of one length")
        yield question, tags, label


def _without_blank_end(archive: Archive, role: str) -> Iterator[bytes]:
    blank = 0
    for line in archive.lines(role):
        if not trimmed_line(line):
            blank += 1
            continue
        yield from [b""] * blank
        blank = 0
        yield line.removesuffix(b"\r")


def _parse(number: int, question: bytes, tags: bytes, label: bytes, meanings: dict[str, LabelMeaning]) -> RawQuestion:
    """Parse one record.

    Raises:
        BadRecord: the record cannot be used.
    """
    try:
        words, tag_list, name = question.decode(), trimmed(tags.decode()).split(), trimmed(label.decode())
    except UnicodeDecodeError as error:
        raise BadRecord("not UTF-8", str(error)) from error
    if is_blank(words):
        raise BadRecord("empty question", "a question is expected")
    if name not in meanings:
        raise BadRecord("unknown label", f"label {name!r} is not in the schema; it has {', '.join(sorted(meanings))}")
    words, tag_list = _fitted(words, tag_list)
    if len(words) > MAX_QUESTION_CHARS:
        raise BadRecord("too long", f"{len(words)} characters; at most {MAX_QUESTION_CHARS} are expected")
    meaning = meanings[name]
    start, end = name_span(words, *_span(tag_list, meaning))
    if not usable(words[start:end]):
        raise BadRecord("unusable name", f"the name is {words[start:end]!r}")
    first, last = trimmed_span(words, 0, len(words))
    mention = AnnotatedMention(meaning.named, start - first, end - first, words[start:end])
    return RawQuestion(number, AnnotatedText(words[first:last], (mention,)), name, meaning)


def _fitted(words: str, tags: list[str]) -> tuple[str, list[str]]:
    """Return a question and a tag for each of its characters.

    White space at the ends has tags of its own or none; inside, it is a character with a tag, or it separates words
    with one tag each.

    Raises:
        BadRecord: the numbers do not fit.
    """
    plain = trimmed(words)
    parts = plain.split()
    if len(words) == len(tags):
        return words, tags
    if len(plain) == len(tags):
        return plain, tags
    if len(parts) == len(tags):
        return "".join(parts), [each for part, tag in zip(parts, tags, strict=True) for each in _of_part(part, tag)]
    raise BadRecord("tags do not fit", f"{len(plain)} characters and {len(tags)} tags in {plain!r}")


def _of_part(part: str, tag: str) -> list[str]:
    """Spread the tag of a word over its characters."""
    return [tag, *["I" + tag[1:] if tag[:1] == "B" else tag] * (len(part) - 1)]


def _span(tags: list[str], meaning: LabelMeaning) -> tuple[int, int]:
    """Return start and end of the only name, end excluded."""
    begins = [index for index, tag in enumerate(tags) if tag == meaning.begin]
    if unknown := sorted(set(tags) - {meaning.begin, meaning.inside, OUTSIDE_TAG}):
        raise BadRecord("unknown tag", f"{unknown[0]!r}; {meaning.begin}, {meaning.inside} and O are expected")
    if len(begins) != 1:
        raise BadRecord("not one name", f"{len(begins)} names; one is expected")
    start = begins[0]
    end = next((index for index in range(start + 1, len(tags)) if tags[index] != meaning.inside), len(tags))
    if meaning.inside in tags[:start] + tags[end:]:
        raise BadRecord("not one name", f"{meaning.inside} without {meaning.begin} before it")
    return start, end
