"""The questions folder as this stage reads it: texts labelled with an intent and slots."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ckgqa.runtime.artefacts import QUESTIONS, Split, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.jsonlines import JsonObject, read_jsonl
from ckgqa.runtime.manifest import Manifest, read_manifest
from ckgqa_train_jointbert.data.labels import Labels


@dataclass(frozen=True, order=True)
class LabelledSlot:
    """A name in a question: characters `start` to `end`, the end excluded, and its role."""

    start: int
    end: int
    role: str


@dataclass(frozen=True)
class LabelledQuestion:
    """A question with its labels."""

    id: str
    text: str
    intent: Intent
    slots: tuple[LabelledSlot, ...]
    """In the order of the text, without overlap."""
    shape: str
    """The kind of question that the generator made, such as `two_hops`."""


def check_questions(folder: Path) -> Manifest:
    """Read the manifest of a questions folder.

    Raises:
        InputError: the folder has another format or version.
    """
    return read_manifest(folder, QUESTIONS)


def read_split(folder: Path, split: Split, labels: Labels) -> list[LabelledQuestion]:
    """Read the questions of a split.

    Args:
        folder: written by `preprocess questions`.
        split: name of the split.
        labels: the label sets that intents and roles must come from.

    Raises:
        InputError: a line is not a record, or has a label that `labels` lacks; the message names the line.
    """
    return list(_read_records(folder / split_file(split), labels))


def _read_records(path: Path, labels: Labels) -> Iterator[LabelledQuestion]:
    for number, record in read_jsonl(path):
        try:
            question = _parse_question(record)
            labels.intent_ids(question.intent)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} line {number}: not a record of {QUESTIONS.name} ({error!r})") from error
        except InputError as error:
            raise InputError(f"{path} line {number}: {error}") from error
        unknown = [slot.role for slot in question.slots if slot.role not in labels.roles]
        if unknown:
            raise InputError(f"{path} line {number}: {unknown[0]!r} is none of the roles {', '.join(labels.roles)}")
        yield question


def _parse_question(record: JsonObject) -> LabelledQuestion:
    text = record["text"]
    if not isinstance(text, str) or not text:
        raise ValueError(f"text is {text!r:.80}")
    mentions = cast("list[dict[str, object]]", record["mentions"])
    slots = sorted(LabelledSlot(int(str(m["start"])), int(str(m["end"])), str(m["role"])) for m in mentions)
    previous_end = 0
    for slot in slots:
        if not previous_end <= slot.start < slot.end <= len(text):
            raise ValueError(f"{slot} overlaps another one or leaves the text of {len(text)} characters")
        previous_end = slot.end
    intent = Intent.parse(str(record["intent"]))
    return LabelledQuestion(str(record["id"]), text, intent, tuple(slots), str(record["shape"]))
