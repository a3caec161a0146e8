"""Thresholds that give the best F1 on the validation split."""

from collections.abc import Sequence

from ckgqa_train_casrel.model import CasRel
from ckgqa_train_casrel.reading import Reader, read_texts, triples_of
from ckgqa_train_casrel.records import Sentence
from ckgqa_train_casrel.scoring import Scores, micro_f1
from ckgqa_train_casrel.thresholds import Thresholds

# What is tried for either threshold.
GRID = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)


def measure(model: CasRel, reader: Reader, sentences: Sequence[Sentence], thresholds: Thresholds) -> Scores:
    """Score the model on labelled sentences at given thresholds."""
    read = read_texts(model, reader, [s.text for s in sentences], [thresholds.subject], thresholds.object)
    return micro_f1([s.triples for s in sentences], triples_of(read, reader, thresholds))


def choose_thresholds(model: CasRel, reader: Reader, sentences: Sequence[Sentence]) -> tuple[Thresholds, Scores]:
    """Try the grid of subject and object thresholds; of equals the pair nearest to the middle wins."""
    gold = [s.triples for s in sentences]
    read = read_texts(model, reader, [s.text for s in sentences], GRID, min(GRID))
    tried = [Thresholds(subject, each) for subject in GRID for each in GRID]
    scored = [(thresholds, micro_f1(gold, triples_of(read, reader, thresholds))) for thresholds in tried]
    return max(scored, key=lambda pair: (pair[1].f1, -abs(pair[0].subject - 0.5) - abs(pair[0].object - 0.5)))
