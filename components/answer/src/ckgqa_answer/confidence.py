"""How likely an answer is right: a few signs of how it came about, weighed as a calibration file says.

The weights are those of a logistic regression over answers whose truth is known (`evaluate --fit true` writes them);
a curve then corrects what a straight line cannot. `usual.json` is one of DuIE's graph and bge-small, for those who have
fitted none of their own; weights set by hand are what fitting begins with: they order answers, and promise nothing.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from ckgqa.runtime.artefacts import CALIBRATION
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json, write_json

USUAL = Path(__file__).with_name("usual.json")
"""Fitted on the validation questions of DuIE 2.0's labelled graph and a model of bge-small; see the README."""
_LEAST, _MOST = 1e-4, 1 - 1e-4


@dataclass(frozen=True)
class Signs:
    """What speaks for and against one answer; 0 is as good as it gets, except for `intent`."""

    intent: float
    """Logit of the intent's probability."""
    link: float
    """Logarithm of how well the names fit their mentions."""
    mention: float
    """Logarithm of the probability of the model's least sure mention."""
    support: float
    """Logarithm of the score of the least sure fact on the best way; 0 where all are labelled."""
    repair: float
    """Logarithm of what the reading kept when the prediction was repaired."""
    near: float
    """1 where a name was taken for one that is near."""
    context: float
    """1 where a name comes from the conversation."""
    behind: float
    """1 where likelier readings found nothing."""
    hops: float
    """1 where two steps led to the answer."""
    negative: float
    """1 where the answer says no."""


NAMES = tuple(one.name for one in fields(Signs))
BY_HAND: Mapping[str, float] = {
    "intent": 0.8, "link": 4.0, "mention": 1.0, "support": 2.0, "repair": 2.0, "near": -0.5, "context": -0.3,
    "behind": -0.7, "hops": -0.3, "negative": -0.7,
}  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """Weights of the signs, and the curve behind them."""

    weights: Mapping[str, float] = field(default_factory=lambda: dict(BY_HAND))
    bias: float = 0.3
    curve: Sequence[tuple[float, float]] = ()
    """Points (what the weights say, share of right answers there), rising; between them a straight line."""
    fitted_on: str = "by hand"
    """Which questions it was fitted on."""

    def confidence(self, signs: Signs) -> float:
        """Give the probability that an answer with these signs is right."""
        return round(self.corrected(self.raw(signs)), 4)

    def corrected(self, raw: float) -> float:
        """Give what the curve makes of what the weights say."""
        return _on_curve(raw, self.curve) if self.curve else raw

    def raw(self, signs: Signs) -> float:
        """Give what the weights alone say."""
        total = self.bias + sum(self.weights[name] * getattr(signs, name) for name in NAMES)
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, total))))

    def write(self, path: Path) -> None:
        """Write the calibration file."""
        write_json(path, {"format": CALIBRATION.name, "version": CALIBRATION.version, **asdict(self)})


def calibration_of(path: str) -> Calibration:
    """Read a calibration; the usual one where none is named.

    Raises:
        InputError: there is no such file, or it is another one.
    """
    return read_calibration(Path(path) if path else USUAL)


def read_calibration(path: Path) -> Calibration:
    """Read what `Calibration.write` wrote.

    Raises:
        InputError: there is no such file, or it is another one.
    """
    record = read_json(path)
    if (record.get("format"), record.get("version")) != CALIBRATION:
        raise InputError(f"{path}: a {CALIBRATION} is expected")
    try:
        return Calibration(
            weights=_weights(record["weights"]),
            bias=float(str(record["bias"])),
            curve=_points(record["curve"]),
            fitted_on=str(record.get("fitted_on", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: weights for {', '.join(NAMES)}, a bias and a curve are expected") from error


def _weights(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise TypeError("weights is an object")
    return {name: float(value[name]) for name in NAMES}


def _points(value: object) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list):
        raise TypeError("curve is a list")
    return tuple((float(x), float(y)) for x, y in value)


def logit(probability: float) -> float:
    """Give the logit of a probability, kept away from the ends."""
    kept = min(max(probability, _LEAST), _MOST)
    return math.log(kept / (1 - kept))


def logarithm(share: float) -> float:
    """Give the logarithm of a share, 0 to 1, kept away from 0."""
    return math.log(max(share, _LEAST))


def _on_curve(value: float, curve: Sequence[tuple[float, float]]) -> float:
    """Read the curve at a value; beyond its ends it stays as it is there."""
    at = bisect_right([x for x, _ in curve], value)
    if at in {0, len(curve)}:
        return curve[min(at, len(curve) - 1)][1]
    (left, low), (right, high) = curve[at - 1], curve[at]
    return low + (high - low) * (value - left) / (right - left) if right > left else high
