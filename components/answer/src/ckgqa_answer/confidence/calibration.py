"""The confidence of an answer: a logistic regression over its features, corrected by a monotone curve.

`evaluate --fit true` fits the weights to answers of known truth; the curve corrects what a linear model cannot. An
answer from an extracted fact is worth less: its confidence is multiplied by the share of facts of this score that are
right.
`default_calibration.json` was fitted on DuIE's graph and bge-small, for users who have fitted none of their own.
Hand-tuned weights are the prior for fitting; they rank answers but are not calibrated.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ckgqa.runtime.artefacts import CALIBRATION
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa_answer.confidence.features import FEATURE_NAMES, ConfidenceFeatures

DEFAULT_CALIBRATION = Path(__file__).with_name("default_calibration.json")
"""Fitted on the validation questions of DuIE 2.0's labelled graph and a model of bge-small; see the README."""
HAND_TUNED_WEIGHTS: Mapping[str, float] = {
    "intent_logit": 0.8, "link_quality": 4.0, "min_mention_probability": 1.0, "repair_penalty": 2.0,
    "fuzzy_match": -0.5, "from_context": -0.3, "skipped_readings": -0.7, "two_hops": -0.3, "negative_answer": -0.7,
    "kept_intent": -0.3,
}  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """Weights of the features, and the curve that corrects their result."""

    weights: Mapping[str, float] = field(default_factory=lambda: dict(HAND_TUNED_WEIGHTS))
    bias: float = 0.3
    curve: Sequence[tuple[float, float]] = ()
    """Points (result of the weights, share of right answers there), rising; linear between them."""
    fact_curve: Sequence[tuple[float, float]] = ()
    """Points (score of an extracted fact, share of right facts there), rising; without any, the score itself counts."""
    unsure_below: float = 0.0
    """Confidence below which a reply is `unsure`."""
    fitted_on: str = "by hand"
    """The questions that it was fitted on."""

    def confidence(self, features: ConfidenceFeatures) -> float:
        """Return the probability that an answer with these features is right."""
        return round(self.corrected(self.raw(features)) * self.fact_odds(features.least_fact_score), 4)

    def fact_odds(self, score: float) -> float:
        """Return the probability that a fact of this score is right; a labelled fact has score 1 and is right."""
        return 1.0 if score >= 1.0 else _interpolate(score, self.fact_curve) if self.fact_curve else score

    def corrected(self, raw: float) -> float:
        """Correct the result of the weights by the curve."""
        return _interpolate(raw, self.curve) if self.curve else raw

    def raw(self, features: ConfidenceFeatures) -> float:
        """Return the result of the weights alone."""
        total = self.bias + sum(self.weights[name] * getattr(features, name) for name in FEATURE_NAMES)
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, total))))

    def write(self, path: Path) -> None:
        """Write the calibration file."""
        write_json(path, {"format": CALIBRATION.name, "version": CALIBRATION.version, **asdict(self)})


def load_calibration(path: str) -> Calibration:
    """Read a calibration file, or the default calibration if the path is empty.

    Raises:
        InputError: the file is missing, or is not a calibration of this version.
    """
    return read_calibration(Path(path) if path else DEFAULT_CALIBRATION)


def read_calibration(path: Path) -> Calibration:
    """Read a file that `Calibration.write` wrote.

    Raises:
        InputError: the file is missing, or is not a calibration of this version.
    """
    record = read_json(path)
    if (record.get("format"), record.get("version")) != CALIBRATION:
        found = f"{record.get('format')} version {record.get('version')}"
        remedy = "run `answer evaluate` again, or leave --calibration out"
        raise InputError(f"{path}: expected {CALIBRATION}, this is {found}; {remedy}")
    try:
        return Calibration(
            weights=_weights(record["weights"]),
            bias=float(str(record["bias"])),
            curve=_points(record["curve"]),
            fact_curve=_points(record["fact_curve"]),
            unsure_below=float(str(record["unsure_below"])),
            fitted_on=str(record.get("fitted_on", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: expected weights for {', '.join(FEATURE_NAMES)}, a bias and curves") from error


def _weights(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise TypeError("weights is an object")
    return {name: float(value[name]) for name in FEATURE_NAMES}


def _points(value: object) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list):
        raise TypeError("curve is a list")
    return tuple((float(x), float(y)) for x, y in value)


def _interpolate(value: float, curve: Sequence[tuple[float, float]]) -> float:
    """Interpolate the curve; it is constant beyond its ends."""
    at = bisect_right([x for x, _ in curve], value)
    if at in {0, len(curve)}:
        return curve[min(at, len(curve) - 1)][1]
    (left, low), (right, high) = curve[at - 1], curve[at]
    return low + (high - low) * (value - left) / (right - left) if right > left else high
