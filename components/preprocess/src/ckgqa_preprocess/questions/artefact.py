"""The records of the artefact `ckgqa/questions`, from both sources."""

from collections.abc import Iterable, Iterator
from typing import NotRequired, TypedDict

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import KINDS, Step
from ckgqa_preprocess.questions.archive.read import RawQuestion
from ckgqa_preprocess.questions.graph.facts import RoleNames
from ckgqa_preprocess.questions.sampler import Dialogue
from ckgqa_preprocess.questions.templates.annotated_text import AnnotatedText
from ckgqa_preprocess.schema import Schema


class MentionRecord(TypedDict):
    """A name in a question; `start` and `end` count characters, `end` and quotes excluded."""

    role: str
    start: int
    end: int
    name: str


class ImpliedRecord(TypedDict):
    """A name that a question means without containing it."""

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
    """The id of the previous question in the dialogue."""
    implied: NotRequired[list[ImpliedRecord]]


def generated_records(dialogues: Iterable[Dialogue], first: int) -> Iterator[QuestionRecord]:
    """Yield the records of generated questions, numbered from `first`; a follow-up comes after its first question."""
    number = first
    for dialogue in dialogues:
        previous_id = ""
        for question in dialogue:
            draft = question.draft
            # An out-of-scope question has no step, so that its names have no role.
            text = question.text if draft.intent.chain else AnnotatedText(question.text.words)
            record = _record(f"generated:{number}", text, draft.intent.label, draft.shape, draft.wording)
            if draft.before is not None:
                record["follows"] = previous_id
            if draft.implied:
                record["implied"] = _implied(draft.implied)
            yield record
            previous_id = record["id"]
            number += 1


def raw_record(question: RawQuestion, wording: str) -> QuestionRecord:
    """Return the record of a question of the archive; `wording` is the label of its wording."""
    intent = question.meaning.intent.label
    return _record(f"raw:{question.line}", question.text, intent, question.shape, wording)


def labels(schema: Schema | None, steps: Iterable[Step]) -> dict[str, list[str]]:
    """Return the content of `labels.json`: everything that a question can ask under the schema or an archive's labels.

    Args:
        schema: the schema of the graph, if there is one.
        steps: the steps that an archive's labels ask.
    """
    all_steps = set(steps)
    if schema is not None:
        for predicate in schema.by_predicate:
            all_steps |= {Step(predicate, role) for role in schema.types_of_roles(predicate)}
    roles = {SUBJECT, VALUE} | {step.asked for step in all_steps}
    return {"kinds": list(KINDS), "steps": sorted(step.label for step in all_steps), "roles": sorted(roles)}


def _record(key: str, text: AnnotatedText, intent: str, shape: str, wording: str) -> QuestionRecord:
    mentions: list[MentionRecord] = [
        {"role": mention.role, "start": mention.start, "end": mention.end, "name": mention.name}
        for mention in text.mentions
    ]
    return {
        "id": key, "text": text.words, "intent": intent, "mentions": mentions, "shape": shape, "wording": wording,
    }  # fmt: skip


def _implied(names: RoleNames) -> list[ImpliedRecord]:
    return [{"role": role, "name": name} for role, name in names]
