"""A triple that the model extracts: words, types, character spans and a score."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExtractedTriple:
    """One fact that the model found in one text.

    Attributes:
        subject: the subject's words, as they stand in the text.
        subject_type: its type in the schema, such as 人物 (person).
        predicate: the relation, such as 饰演 (plays the part of).
        object: the words of each slot; "@value" is always there.
        object_type: the type of each slot.
        spans: characters (start, end), end excluded, of "subject" and of each slot, into the original text.
        score: the model's confidence, 0 to 1: the probability of the subject's head times that of its tail, times the
            lowest such product of a slot.
    """

    subject: str
    subject_type: str
    predicate: str
    object: dict[str, str]
    object_type: dict[str, str]
    spans: dict[str, tuple[int, int]]
    score: float
