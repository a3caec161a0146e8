"""What the model learns from: characters as numbers, and the labelled spans of each window."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ckgqa_train_casrel.records import LabelledTriple, Sentence
from ckgqa_train_casrel.vocabulary import Vocabulary, kind_ids
from ckgqa_train_casrel.windows import cut

Span = tuple[int, int]


@dataclass(frozen=True)
class Encoded:
    """One window's characters as numbers; T is its length."""

    characters: np.ndarray
    """(T,) int32."""
    neighbours: np.ndarray
    """(T, 2) int32: ids of the pairs with the left and with the right neighbour."""
    kinds: np.ndarray
    """(T,) int32."""

    def __len__(self) -> int:
        return len(self.characters)


@dataclass(frozen=True)
class Example:
    """One window with its labels; spans are positions in the window, end included (pointers point at characters)."""

    inputs: Encoded
    subjects: np.ndarray
    """(S, 2) int64: head and tail of each occurrence of each subject."""
    objects: np.ndarray
    """(N, 4) int64: index into `subjects`, label, head, tail."""
    distractors: np.ndarray
    """(D, 2) int64: head and tail of names that are objects here, and no subject."""


def encode(text: str, vocabulary: Vocabulary) -> Encoded:
    """Turn a window's text into numbers."""
    return Encoded(vocabulary.character_ids(text), vocabulary.neighbour_ids(text), kind_ids(text))


def occurrences(text: str, name: str) -> list[Span]:
    """Find all places of a name in the text, (start, end) with the end excluded, overlapping ones too."""
    found = []
    at = text.find(name)
    while at >= 0:
        found.append((at, at + len(name)))
        at = text.find(name, at + 1)
    return found


def places(text: str, names: Iterable[str]) -> dict[str, list[Span]]:
    """Find where each labelled name is meant: everywhere but inside a longer labelled name.

    The labels say what, not where. A name that stands only inside longer ones (北京 in 北京大学) is meant there.
    """
    everywhere = {name: occurrences(text, name) for name in set(names)}
    longer = sorted(everywhere, key=len, reverse=True)
    chosen = {}
    for name, spans in everywhere.items():
        covers = [span for other in longer if len(other) > len(name) for span in everywhere[other]]
        free = [s for s in spans if not any(start <= s[0] and s[1] <= end for start, end in covers)]
        chosen[name] = free or spans
    return chosen


def make_examples(
    sentence: Sentence, vocabulary: Vocabulary, label_ids: Mapping[tuple[str, str], int], window: int, overlap: int
) -> list[Example]:
    """Turn one sentence into the examples of its windows; a window keeps the facts that are whole in it."""
    return [
        make_example(sentence.text[part.start : part.end], sentence.triples, vocabulary, label_ids)
        for part in cut(0, len(sentence.text), window, overlap)
    ]


def make_example(
    text: str,
    triples: Sequence[LabelledTriple],
    vocabulary: Vocabulary,
    label_ids: Mapping[tuple[str, str], int],
) -> Example:
    """Label one window: every occurrence of every subject, and for it every occurrence of its objects."""
    names = [name for t in triples for name in (t.subject, *t.object.values())]
    spans = places(text, names)
    subjects: list[Span] = []
    objects: set[tuple[int, int, int, int]] = set()
    whole = [t for t in triples if spans[t.subject] and all(spans[value] for value in t.object.values())]
    for name in dict.fromkeys(t.subject for t in whole):
        facts = [(label_ids[t.predicate, slot], v) for t in whole if t.subject == name for slot, v in t.object.items()]
        for start, end in spans[name]:
            objects.update((len(subjects), label, s, e - 1) for label, value in facts for s, e in spans[value])
            subjects.append((start, end - 1))
    values = {value for t in whole for value in t.object.values()} - {t.subject for t in whole}
    distractors = sorted({(s, e - 1) for value in values for s, e in spans[value]})
    return Example(
        encode(text, vocabulary),
        np.array(subjects, dtype=np.int64).reshape(-1, 2),
        np.array(sorted(objects), dtype=np.int64).reshape(-1, 4),
        np.array(distractors, dtype=np.int64).reshape(-1, 2),
    )
