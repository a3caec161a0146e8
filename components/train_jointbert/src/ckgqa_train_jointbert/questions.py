"""The questions folder as this stage reads it: texts with what they ask for and the names that they give."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from ckgqa.runtime.artefacts import QUESTIONS
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.jsonlines import JsonObject, read_jsonl
from ckgqa.runtime.manifest import Manifest, read_manifest
from ckgqa_train_jointbert.labels import Labels

Split = Literal["train", "validation", "test"]


@dataclass(frozen=True, order=True)
class Mention:
    """One name in a question: characters `start` to `end`, the end excluded, and the role that it has."""

    start: int
    end: int
    role: str


@dataclass(frozen=True)
class Question:
    """One labelled question."""

    id: str
    text: str
    intent: Intent
    mentions: tuple[Mention, ...]
    """In the order of the text; no two overlap."""
    shape: str
    """What kind of question the generator made, such as `two_hops`."""


def check_questions(folder: Path) -> Manifest:
    """Read the manifest of a questions folder.

    Raises:
        InputError: it is something else, or of another version.
    """
    return read_manifest(folder, QUESTIONS)


def read_split(folder: Path, split: Split, labels: Labels) -> list[Question]:
    """Read one split.

    Args:
        folder: written by `preprocess questions`.
        split: which part of it.
        labels: what its intents and roles must be among.

    Raises:
        InputError: a line is no such record, or holds a label that is not in `labels`; the message has its number.
    """
    return list(_records(folder / f"{split}.jsonl", labels))


def _records(path: Path, labels: Labels) -> Iterator[Question]:
    for number, record in read_jsonl(path):
        try:
            question = _question(record)
            labels.intent_ids(question.intent)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} line {number}: not a record of {QUESTIONS[0]} ({error!r})") from error
        except InputError as error:
            raise InputError(f"{path} line {number}: {error}") from error
        unknown = [mention.role for mention in question.mentions if mention.role not in labels.roles]
        if unknown:
            raise InputError(f"{path} line {number}: {unknown[0]!r} is none of the roles {', '.join(labels.roles)}")
        yield question


def _question(record: JsonObject) -> Question:
    text = record["text"]
    if not isinstance(text, str) or not text:
        raise ValueError(f"text is {text!r:.80}")
    found = cast("list[dict[str, object]]", record["mentions"])
    mentions = sorted(Mention(int(str(m["start"])), int(str(m["end"])), str(m["role"])) for m in found)
    at = 0
    for mention in mentions:
        if not at <= mention.start < mention.end <= len(text):
            raise ValueError(f"{mention} overlaps another one or leaves the text of {len(text)} characters")
        at = mention.end
    return Question(str(record["id"]), text, Intent.parse(str(record["intent"])), tuple(mentions), str(record["shape"]))
