"""Thresholds that give the best F1 on the validation split.

A triple is as good as all of its pointers together: so the pointers' thresholds stand low, and the score of the whole
decides (measured in this stage's README).
"""

from collections.abc import Sequence
from dataclasses import replace

from ckgqa_train_casrel.model import CasRel
from ckgqa_train_casrel.reading import Read, Reader, read_texts, triples_of
from ckgqa_train_casrel.records import Sentence
from ckgqa_train_casrel.scoring import Scores, key, scores_over_thresholds
from ckgqa_train_casrel.thresholds import Thresholds

# Pointers' thresholds that are tried in the end; while training goes on, the middle one serves.
POINTERS = (0.1, 0.15, 0.2, 0.3, 0.4)
MIDDLE = Thresholds(0.2, 0.2)
# Scores of whole triples that are tried with each of them.
LEAST_SCORES = tuple(round(step * 0.02, 2) for step in range(46))


def measure(model: CasRel, reader: Reader, sentences: Sequence[Sentence]) -> Scores:
    """Score the model on labelled sentences at the best least score."""
    read = read_texts(model, reader, [s.text for s in sentences], [MIDDLE.subject], MIDDLE.object)
    return _best_least_score(read, reader, sentences, MIDDLE)[1]


def choose_thresholds(model: CasRel, reader: Reader, sentences: Sequence[Sentence]) -> tuple[Thresholds, Scores]:
    """Try all pairs of pointers' thresholds, and for each every least score; of equals the first wins."""
    read = read_texts(model, reader, [s.text for s in sentences], POINTERS, min(POINTERS))
    tried = [Thresholds(subject, each) for subject in POINTERS for each in POINTERS]
    return max((_best_least_score(read, reader, sentences, t) for t in tried), key=lambda found: found[1].f1)


def _best_least_score(
    read: Read, reader: Reader, sentences: Sequence[Sentence], thresholds: Thresholds
) -> tuple[Thresholds, Scores]:
    """Find the least score with the best F1 at some pointers' thresholds."""
    right: list[float] = []
    wrong: list[float] = []
    labelled = 0
    for sentence, triples in zip(sentences, triples_of(read, reader, thresholds), strict=True):
        gold = {key(triple) for triple in sentence.triples}
        labelled += len(gold)
        for triple in triples:
            (right if key(triple) in gold else wrong).append(triple.score)
    points = scores_over_thresholds(right, wrong, labelled, LEAST_SCORES)
    best = max(range(len(points)), key=lambda index: points[index].f1)
    return replace(thresholds, triple=LEAST_SCORES[best]), points[best]
