"""Labelled questions: the records of `ckgqa/questions` that an evaluation asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ckgqa.runtime.artefacts import Split, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.jsonlines import JsonObject, JsonValue, read_jsonl

UNANSWERABLE_SHAPES = frozenset({"unanswerable", "outside"})
"""Shapes of questions without an answer in the graph."""


@dataclass(frozen=True)
class GoldQuestion:
    """One labelled question."""

    id: str
    text: str
    intent: Intent
    fillers: Mapping[str, str]
    """The names meant, by role, including those that the conversation implies."""
    shape: str
    follows: str = ""
    """Id of the previous question in the conversation; empty at its beginning."""


def read_questions(folder: Path, split: Split) -> list[GoldQuestion]:
    """Read one split.

    Raises:
        InputError: the file is missing or empty, a record breaks the contract, or a question follows one that is not in
            the file.
    """
    path = folder / split_file(split)
    questions: dict[str, GoldQuestion] = {}
    for number, record in read_jsonl(path):
        try:
            question = _question(record)
        except (KeyError, TypeError, InputError) as error:
            raise InputError(f"{path} line {number}: not a labelled question ({error})") from error
        if question.id in questions:
            raise InputError(f"{path} line {number}: the id {question.id!r} stands for two questions")
        questions[question.id] = question
    for question in questions.values():
        if question.follows and question.follows not in questions:
            raise InputError(f"{path}: {question.id!r} follows {question.follows!r}, which is not in this file")
    if not questions:
        raise InputError(f"{path}: no question to ask")
    return list(questions.values())


def _question(record: JsonObject) -> GoldQuestion:
    mentions = record["mentions"]
    if not isinstance(mentions, list):
        raise TypeError("`mentions` is a list")
    implied = record.get("implied") or []
    if not isinstance(implied, list):
        raise TypeError("`implied` is a list")
    return GoldQuestion(
        id=str(record["id"]),
        text=str(record["text"]),
        intent=Intent.parse(str(record["intent"])),
        fillers=dict(_filler(mention) for mention in (*mentions, *implied)),
        shape=str(record["shape"]),
        follows=str(record.get("follows") or ""),
    )


def _filler(mention: JsonValue) -> tuple[str, str]:
    if not isinstance(mention, dict):
        raise TypeError("a mention is an object")
    return str(mention["role"]), str(mention["name"])
