"""Training examples: characters as numbers, and the labelled spans of each window."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ckgqa_train_casrel.data.records import LabelledSentence, LabelledTriple
from ckgqa_train_casrel.data.vocabulary import CasRelVocabulary, encode_char_types
from ckgqa_train_casrel.data.windows import cut_windows

Span = tuple[int, int]


@dataclass(frozen=True)
class EncodedWindow:
    """One window's characters as numbers; T is its length."""

    characters: np.ndarray
    """(T,) int32."""
    bigrams: np.ndarray
    """(T, 2) int32: ids of the bigrams with the left and with the right neighbour."""
    char_types: np.ndarray
    """(T,) int32."""

    def __len__(self) -> int:
        return len(self.characters)


@dataclass(frozen=True)
class WindowExample:
    """One window with its labels; spans are positions in the window, end included (pointers point at characters)."""

    inputs: EncodedWindow
    subjects: np.ndarray
    """(S, 2) int64: head and tail of each occurrence of each subject."""
    objects: np.ndarray
    """(N, 4) int64: index into `subjects`, label, head, tail."""
    negative_subjects: np.ndarray
    """(D, 2) int64: head and tail of names that are objects in this window, and not subjects."""


def encode_window(text: str, vocabulary: CasRelVocabulary) -> EncodedWindow:
    """Turn a window's text into numbers."""
    return EncodedWindow(vocabulary.encode_characters(text), vocabulary.encode_bigrams(text), encode_char_types(text))


def find_occurrences(text: str, name: str) -> list[Span]:
    """Find all occurrences of a name in the text, (start, end) with the end excluded, overlapping ones too."""
    spans = []
    start = text.find(name)
    while start >= 0:
        spans.append((start, start + len(name)))
        start = text.find(name, start + 1)
    return spans


def locate_names(text: str, names: Iterable[str]) -> dict[str, list[Span]]:
    """Find the occurrences of each labelled name that are not inside a longer labelled name.

    The labels have words and no positions. A name that occurs only inside longer ones (北京, Beijing, in 北京大学,
    its university) keeps those occurrences.
    """
    everywhere = {name: find_occurrences(text, name) for name in set(names)}
    longest_first = sorted(everywhere, key=len, reverse=True)
    located = {}
    for name, spans in everywhere.items():
        covers = [span for other in longest_first if len(other) > len(name) for span in everywhere[other]]
        free = [s for s in spans if not any(start <= s[0] and s[1] <= end for start, end in covers)]
        located[name] = free or spans
    return located


def make_examples(
    sentence: LabelledSentence,
    vocabulary: CasRelVocabulary,
    label_ids: Mapping[tuple[str, str], int],
    window: int,
    overlap: int,
) -> list[WindowExample]:
    """Turn one sentence into the examples of its windows; a window keeps the facts that are whole in it."""
    return [
        make_example(sentence.text[part.start : part.end], sentence.triples, vocabulary, label_ids)
        for part in cut_windows(0, len(sentence.text), window, overlap)
    ]


def make_example(
    text: str,
    triples: Sequence[LabelledTriple],
    vocabulary: CasRelVocabulary,
    label_ids: Mapping[tuple[str, str], int],
) -> WindowExample:
    """Label one window: every occurrence of every subject, and for it every occurrence of its objects."""
    names = [name for t in triples for name in (t.subject, *t.object.values())]
    spans = locate_names(text, names)
    subjects: list[Span] = []
    objects: set[tuple[int, int, int, int]] = set()
    whole = [t for t in triples if spans[t.subject] and all(spans[value] for value in t.object.values())]
    for name in dict.fromkeys(t.subject for t in whole):
        facts = [(label_ids[t.predicate, slot], v) for t in whole if t.subject == name for slot, v in t.object.items()]
        for start, end in spans[name]:
            objects.update((len(subjects), label, s, e - 1) for label, value in facts for s, e in spans[value])
            subjects.append((start, end - 1))
    values = {value for t in whole for value in t.object.values()} - {t.subject for t in whole}
    negative_subjects = sorted({(s, e - 1) for value in values for s, e in spans[value]})
    return WindowExample(
        encode_window(text, vocabulary),
        np.array(subjects, dtype=np.int64).reshape(-1, 2),
        np.array(sorted(objects), dtype=np.int64).reshape(-1, 4),
        np.array(negative_subjects, dtype=np.int64).reshape(-1, 2),
    )
