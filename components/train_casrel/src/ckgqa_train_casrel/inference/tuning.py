"""Choosing the thresholds that give the best F1 on the validation split.

A triple is as good as all of its pointers together. So the thresholds of the pointers are low, and the score of the
whole triple decides (measured in this stage's README).
"""

from collections.abc import Sequence
from dataclasses import replace

from ckgqa.metrics import PrecisionRecall
from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.evaluation.scoring import score_over_thresholds, triple_key
from ckgqa_train_casrel.inference.pipeline import RawPredictions, decode_triples, predict_texts
from ckgqa_train_casrel.model.casrel import CasRel
from ckgqa_train_casrel.model.config import InferenceConfig
from ckgqa_train_casrel.model.thresholds import Thresholds

# Pointer thresholds that are tried after the training; during it, the middle ones serve.
POINTER_THRESHOLDS = (0.1, 0.15, 0.2, 0.3, 0.4)
MIDDLE_THRESHOLDS = Thresholds(0.2, 0.2)
# Minimum scores of whole triples that are tried with each of them.
MIN_SCORES = tuple(round(step * 0.02, 2) for step in range(46))


def score_validation(model: CasRel, config: InferenceConfig, sentences: Sequence[LabelledSentence]) -> PrecisionRecall:
    """Score the model on labelled sentences at the best minimum score of a triple."""
    texts = [sentence.text for sentence in sentences]
    predictions = predict_texts(model, config, texts, [MIDDLE_THRESHOLDS.subject], MIDDLE_THRESHOLDS.object)
    return _choose_min_score(predictions, config, sentences, MIDDLE_THRESHOLDS)[1]


def choose_thresholds(
    model: CasRel, config: InferenceConfig, sentences: Sequence[LabelledSentence]
) -> tuple[Thresholds, PrecisionRecall]:
    """Try all combinations of thresholds, and return the one with the best F1, the first among equals."""
    texts = [sentence.text for sentence in sentences]
    predictions = predict_texts(model, config, texts, POINTER_THRESHOLDS, min(POINTER_THRESHOLDS))
    tried = [Thresholds(subject, object_) for subject in POINTER_THRESHOLDS for object_ in POINTER_THRESHOLDS]
    scored = (_choose_min_score(predictions, config, sentences, thresholds) for thresholds in tried)
    return max(scored, key=lambda result: result[1].f1)


def _choose_min_score(
    predictions: RawPredictions,
    config: InferenceConfig,
    sentences: Sequence[LabelledSentence],
    thresholds: Thresholds,
) -> tuple[Thresholds, PrecisionRecall]:
    """Find the minimum score of a triple with the best F1 at some pointer thresholds."""
    right: list[float] = []
    wrong: list[float] = []
    labelled = 0
    for sentence, triples in zip(sentences, decode_triples(predictions, config, thresholds), strict=True):
        gold = {triple_key(triple) for triple in sentence.triples}
        labelled += len(gold)
        for triple in triples:
            (right if triple_key(triple) in gold else wrong).append(triple.score)
    points = score_over_thresholds(right, wrong, labelled, MIN_SCORES)
    best = max(range(len(points)), key=lambda index: points[index].f1)
    return replace(thresholds, triple=MIN_SCORES[best]), points[best]
