"""The records of the artefact `ckgqa/questions`, from both sources."""

from collections.abc import Iterable, Iterator
from typing import NotRequired, TypedDict

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import KINDS, Step
from ckgqa_preprocess.questions.drawing import Talk
from ckgqa_preprocess.questions.graph import Given
from ckgqa_preprocess.questions.raw import RawQuestion
from ckgqa_preprocess.questions.texts import Text
from ckgqa_preprocess.schema import Schema


class MentionRecord(TypedDict):
    """A name in a question; `start` and `end` are characters, `end` excluded, quotes left out."""

    role: str
    start: int
    end: int
    name: str


class ImpliedRecord(TypedDict):
    """A name that a question means and does not hold."""

    role: str
    name: str


class QuestionRecord(TypedDict):
    """One line of the artefact."""

    id: str
    text: str
    intent: str
    mentions: list[MentionRecord]
    shape: str
    wording: str
    follows: NotRequired[str]
    """The id of the question before it in the conversation."""
    implied: NotRequired[list[ImpliedRecord]]


def generated_records(talks: Iterable[Talk], first: int) -> Iterator[QuestionRecord]:
    """Yield the records of drawn questions, numbered from `first`; a follow-up stands behind its question."""
    number = first
    for talk in talks:
        before = ""
        for question in talk:
            draft = question.draft
            # What is outside has no step, and so no role that a name could have.
            text = question.text if draft.intent.chain else Text(question.text.words)
            record = _record(f"generated:{number}", text, draft.intent.label, draft.shape, draft.wording)
            if draft.before is not None:
                record["follows"] = before
            if draft.implied:
                record["implied"] = _implied(draft.implied)
            yield record
            before = record["id"]
            number += 1


def raw_record(question: RawQuestion, wording: str) -> QuestionRecord:
    """Return the record of a question of the archive."""
    intent = question.meaning.intent.label
    return _record(f"raw:{question.line}", question.text, intent, question.shape, wording)


def labels(schema: Schema | None, steps: Iterable[Step]) -> dict[str, list[str]]:
    """Return what `labels.json` holds: all that a question can ask under the schema, or by an archive's labels."""
    found = set(steps)
    roles = {SUBJECT, VALUE}
    for predicate in schema.by_predicate if schema else ():
        found |= {Step(predicate, role) for role in schema.types_of_roles(predicate)} if schema else set()
    roles |= {step.asked for step in found}
    return {"kinds": list(KINDS), "steps": sorted(step.label for step in found), "roles": sorted(roles)}


def _record(key: str, text: Text, intent: str, shape: str, wording: str) -> QuestionRecord:
    mentions: list[MentionRecord] = [
        {"role": one.role, "start": one.start, "end": one.end, "name": one.name} for one in text.mentions
    ]
    return {
        "id": key, "text": text.words, "intent": intent, "mentions": mentions, "shape": shape, "wording": wording,
    }  # fmt: skip


def _implied(names: Given) -> list[ImpliedRecord]:
    return [{"role": role, "name": name} for role, name in names]
