"""A triple as the model finds it: texts, types, character spans and a score."""

from dataclasses import dataclass

# The name of the subject's entry in `spans`; every other entry is named by its slot ("@value", "inWork", ...).
# The slot that every triple has; the challenge's name for the plain object.


@dataclass(frozen=True)
class Triple:
    """One fact found in one text.

    Attributes:
        subject: the subject's words, as they stand in the text.
        subject_type: its type in the schema, such as 人物 (person).
        predicate: the relation, such as 饰演 (plays the part of).
        object: the words of each slot; "@value" is always there.
        object_type: the type of each slot.
        spans: characters (start, end), end excluded, of "subject" and of each slot, into the original text.
        score: how sure the model is, 0..1: the subject's head times its tail, times the lowest such product of a slot.
    """

    subject: str
    subject_type: str
    predicate: str
    object: dict[str, str]
    object_type: dict[str, str]
    spans: dict[str, tuple[int, int]]
    score: float
