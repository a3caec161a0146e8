"""Questions with what they ask for: the records of `ckgqa/questions` that evaluation reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.jsonlines import JsonObject, JsonValue, read_jsonl

SILENT_SHAPES = frozenset({"unanswerable", "outside"})
"""Shapes of questions that the graph has no answer to."""


@dataclass(frozen=True)
class Question:
    """One labelled question."""

    id: str
    text: str
    intent: Intent
    given: Mapping[str, str]
    """Names meant, by role, those that the conversation implies too."""
    shape: str
    follows: str = ""
    """Id of the question before it in the conversation; empty at its beginning."""


def read_questions(folder: Path, split: str) -> list[Question]:
    """Read one split.

    Raises:
        InputError: the file is missing or empty, a record is not what the contract says, or a question follows one
            that is not there.
    """
    path = folder / f"{split}.jsonl"
    found: dict[str, Question] = {}
    for number, record in read_jsonl(path):
        try:
            question = _question(record)
        except (KeyError, TypeError, InputError) as error:
            raise InputError(f"{path} line {number}: not a labelled question ({error})") from error
        if question.id in found:
            raise InputError(f"{path} line {number}: the id {question.id!r} stands for two questions")
        found[question.id] = question
    for question in found.values():
        if question.follows and question.follows not in found:
            raise InputError(f"{path}: {question.id!r} follows {question.follows!r}, which is not in this file")
    if not found:
        raise InputError(f"{path}: no question to ask")
    return list(found.values())


def _question(record: JsonObject) -> Question:
    mentions = record["mentions"]
    if not isinstance(mentions, list):
        raise TypeError("`mentions` is a list")
    implied = record.get("implied") or []
    if not isinstance(implied, list):
        raise TypeError("`implied` is a list")
    given = dict(_mention(mention) for mention in (*mentions, *implied))
    return Question(
        id=str(record["id"]),
        text=str(record["text"]),
        intent=Intent.parse(str(record["intent"])),
        given=given,
        shape=str(record["shape"]),
        follows=str(record.get("follows") or ""),
    )


def _mention(mention: JsonValue) -> tuple[str, str]:
    if not isinstance(mention, dict):
        raise TypeError("a mention is an object")
    return str(mention["role"]), str(mention["name"])
