"""The archive of labelled questions: `seq.in`, `seq.out`, `label`, and a `schema` folder that says what they mean.

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
from ckgqa_preprocess.archive import Archive, Layout, open_archive
from ckgqa_preprocess.questions.graph import usable
from ckgqa_preprocess.questions.texts import Mention, Text
from ckgqa_preprocess.records import BadRecord
from ckgqa_preprocess.report import Findings

QUESTIONS = Layout(
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
"""Direction -> the role asked for, the role given, and where the tags of the given one stand."""
MAX_QUESTION_CHARS = 200
OUTSIDE_TAG = "O"


@dataclass(frozen=True)
class Meaning:
    """What a label of the archive means."""

    intent: Intent
    given: str
    """The role of the name in the question."""
    begin: str
    inside: str
    """The tags of that name's first and further characters."""


@dataclass(frozen=True)
class RawQuestion:
    """One question of the archive."""

    line: int
    """In its three files, from 1."""
    text: Text
    label: str
    """As the archive has it."""
    meaning: Meaning

    @property
    def shape(self) -> str:
        """Which way it asks."""
        return "object_asked" if self.meaning.given == SUBJECT else "subject_asked"


@dataclass
class RawQuestions:
    """What an archive holds."""

    questions: list[RawQuestion]
    steps: list[Step]
    """All that its labels can ask, sorted."""
    bad: Findings
    duplicates: int
    """Questions left out, since the same words with the same label stood before them."""


def read_raw(path: Path, max_bad_fraction: float) -> RawQuestions:
    """Read an archive.

    Raises:
        InputError: it is not what it should be, or has too many bad records.
    """
    bad = Findings()
    found: dict[tuple[str, str], RawQuestion] = {}
    records = 0
    with open_archive(path, QUESTIONS) as archive:
        meanings = _read_meanings(archive)
        for records, (question, tags, label) in enumerate(_aligned(archive), start=1):
            try:
                read = _read(records, question, tags, label, meanings)
            except BadRecord as error:
                bad.add(error.reason, f"{archive.name('question')} line {records}", error.detail)
            else:
                found.setdefault((read.text.words, read.label), read)
        _refuse_bad(archive, bad, records, max_bad_fraction)
    steps = sorted({step for meaning in meanings.values() for step in meaning.intent.chain}, key=lambda one: one.label)
    return RawQuestions(list(found.values()), steps, bad, records - bad.counts.total() - len(found))


def _read_meanings(archive: Archive) -> dict[str, Meaning]:
    """Read label -> meaning from the schema folder."""
    intentions, tags = _json(archive, "intentions"), _json(archive, "slot labels")
    name = archive.name("intentions")
    found: dict[str, Meaning] = {}
    for predicate, directions in intentions.items():
        if not isinstance(directions, dict) or not directions:
            raise InputError(f'{name}: {predicate!r} is {directions!r}; {{"ask_object": LABEL, ...}} is expected')
        for direction, label in directions.items():
            if direction not in ROLES or not isinstance(label, str):
                raise InputError(f"{name}: {predicate!r} has {direction!r}; ask_object and ask_subject are expected")
            if label in found:
                raise InputError(f"{name}: the label {label!r} has two meanings, {predicate!r} is one; one is expected")
            asked, given, key = ROLES[direction]
            begin, inside = _tags(archive.name("slot labels"), tags.get(predicate), predicate, key)
            found[label] = Meaning(Intent("list", (Step(predicate, asked),)), given, begin, inside)
    if not found:
        raise InputError(f"{name}: no predicate in it; at least one is expected")
    return found


def _tags(name: str, entry: object, predicate: str, key: str) -> tuple[str, str]:
    pair = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(tag, str) for tag in pair):
        raise InputError(f'{name}: {predicate!r} has no {key} such as ["B_name", "I_name"]')
    return str(pair[0]), str(pair[1])


def _json(archive: Archive, role: str) -> dict[str, object]:
    try:
        value = json.loads(b"\n".join(archive.lines(role)))
    except ValueError as error:
        raise InputError(f"{archive.name(role)}: not JSON in UTF-8 ({error})") from error
    if not isinstance(value, dict):
        raise InputError(f"{archive.name(role)}: a JSON object with predicates for keys is expected")
    return value


def _aligned(archive: Archive) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Stream the lines of the three files side by side; blank lines at the ends are none.

    Raises:
        InputError: one of them has fewer lines than the others.
    """
    roles = ("question", "tag", "label")
    for number, lines in enumerate(zip_longest(*(_without_blank_end(archive, role) for role in roles)), start=1):
        question, tags, label = lines
        if question is None or tags is None or label is None:
            short = ", ".join(archive.name(role) for role, line in zip(roles, lines, strict=True) if line is None)
            raise InputError(
                f"{archive.path}: {short} ends before line {number}; three files of one length are expected"
            )
        yield question, tags, label


def _without_blank_end(archive: Archive, role: str) -> Iterator[bytes]:
    blank = 0
    for line in archive.lines(role):
        if not line.strip():
            blank += 1
            continue
        yield from [b""] * blank
        blank = 0
        yield line.removesuffix(b"\r")


def _read(number: int, question: bytes, tags: bytes, label: bytes, meanings: dict[str, Meaning]) -> RawQuestion:
    """Read one record, or say why it is none."""
    try:
        words, tag_list, name = question.decode(), tags.decode().split(), label.decode().strip()
    except UnicodeDecodeError as error:
        raise BadRecord("not UTF-8", str(error)) from error
    if not words.strip():
        raise BadRecord("empty question", "a question is expected")
    if name not in meanings:
        raise BadRecord("unknown label", f"label {name!r} is not in the schema; it has {', '.join(sorted(meanings))}")
    if len(words) != len(tag_list) and len(words.split()) == len(tag_list):
        tag_list = [tag for part, tag in zip(words.split(), tag_list, strict=True) for tag in _of_part(part, tag)]
        words = "".join(words.split())
    if len(words) != len(tag_list):
        raise BadRecord("tags do not fit", f"{len(words)} characters and {len(tag_list)} tags in {words!r}")
    if len(words) > MAX_QUESTION_CHARS:
        raise BadRecord("too long", f"{len(words)} characters; at most {MAX_QUESTION_CHARS} are expected")
    meaning = meanings[name]
    start, end = _span(tag_list, meaning)
    if not usable(words[start:end]):
        raise BadRecord("unusable name", f"the name is {words[start:end]!r}")
    mention = Mention(meaning.given, start, end, words[start:end])
    return RawQuestion(number, Text(words, (mention,)), name, meaning)


def _of_part(part: str, tag: str) -> list[str]:
    """Spread the tag of a word over its characters."""
    return [tag, *["I" + tag[1:] if tag[:1] == "B" else tag] * (len(part) - 1)]


def _span(tags: list[str], meaning: Meaning) -> tuple[int, int]:
    """Find the one name, end excluded."""
    begins = [place for place, tag in enumerate(tags) if tag == meaning.begin]
    if strange := sorted(set(tags) - {meaning.begin, meaning.inside, OUTSIDE_TAG}):
        raise BadRecord("unknown tag", f"{strange[0]!r}; {meaning.begin}, {meaning.inside} and O are expected")
    if len(begins) != 1:
        raise BadRecord("not one name", f"{len(begins)} names; one is expected")
    start = begins[0]
    end = next((place for place in range(start + 1, len(tags)) if tags[place] != meaning.inside), len(tags))
    if meaning.inside in tags[:start] + tags[end:]:
        raise BadRecord("not one name", f"{meaning.inside} without {meaning.begin} before it")
    return start, end


def _refuse_bad(archive: Archive, bad: Findings, records: int, max_bad_fraction: float) -> None:
    """Raise InputError where too many records are bad, or none is good."""
    dropped, name = bad.counts.total(), archive.name("question")
    if not records:
        raise InputError(f"{name}: it is empty; one question a line is expected")
    if dropped > max_bad_fraction * records or dropped == records:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in bad.counts.most_common())
        first = next(iter(bad.examples.values()), [""])[0]
        raise InputError(
            f"{name}: {dropped} of {records} records are bad ({dropped / records:.1%}), "
            f"at most {max_bad_fraction:.1%} may be; {reasons}; first {first}"
        )
