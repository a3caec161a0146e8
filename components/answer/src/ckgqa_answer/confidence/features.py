"""Features of an answer from which its confidence is computed."""

import math
from dataclasses import dataclass, fields
from typing import Self

from ckgqa_answer.retrieval.search import Outcome

_MIN, _MAX = 1e-4, 1 - 1e-4


@dataclass(frozen=True)
class ConfidenceFeatures:
    """How an answer came about; 0 is best, except for the logit of the intent and the score."""

    intent_logit: float
    """Logit of the intent's probability."""
    link_quality: float
    """Logarithm of the product of the link qualities."""
    min_mention_probability: float
    """Logarithm of the probability of the model's least certain mention."""
    repair_penalty: float
    """Logarithm of the penalty for repairing the prediction."""
    fuzzy_match: float
    """1 if a name was matched in spite of a typing error."""
    from_context: float
    """1 if a name comes from the conversation."""
    skipped_readings: float
    """1 if likelier interpretations found nothing."""
    two_hops: float
    """1 if two steps led to the answer."""
    negative_answer: float
    """1 if the answer is no."""
    kept_intent: float
    """1 if the intent is that of the question before, because the question asks for nothing by itself."""
    least_fact_score: float
    """Least score of an extracted fact on the paths; 1 if all are labelled."""

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """Compute the features of an answer."""
        interpretation = outcome.interpretation
        matches = {filler.match for filler in interpretation.fillers}
        return cls(
            intent_logit=logit(interpretation.probability),
            link_quality=log_share(interpretation.quality),
            min_mention_probability=log_share(min(filler.probability for filler in interpretation.fillers)),
            repair_penalty=log_share(interpretation.repair_penalty),
            fuzzy_match=float("fuzzy" in matches),
            from_context=float("context" in matches),
            skipped_readings=float(outcome.skipped),
            two_hops=float(len(interpretation.intent.chain) > 1),
            negative_answer=float(outcome.negative),
            kept_intent=float(interpretation.kept_intent),
            least_fact_score=min((fact.score for fact in outcome.result.facts if not fact.is_labelled), default=1.0),
        )


FEATURE_NAMES = tuple(field.name for field in fields(ConfidenceFeatures) if field.name != "least_fact_score")
"""The features that have a weight; what a fact's score is worth was measured apart."""


def logit(probability: float) -> float:
    """Return the logit of a probability, clipped away from 0 and 1."""
    clipped = min(max(probability, _MIN), _MAX)
    return math.log(clipped / (1 - clipped))


def log_share(share: float) -> float:
    """Return the logarithm of a share, 0 to 1, clipped away from 0."""
    return math.log(max(share, _MIN))
