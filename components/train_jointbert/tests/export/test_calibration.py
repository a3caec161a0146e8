"""The temperature undoes overconfidence, and never adds certainty."""

import numpy as np
import pytest
from ckgqa_train_jointbert.export.calibration import TEMPERATURES, choose_temperature


def test_logits_that_are_twice_too_large_are_halved():
    rng = np.random.default_rng(0)
    calibrated = rng.normal(size=(4000, 3)) * 2
    probabilities = np.exp(calibrated) / np.exp(calibrated).sum(1, keepdims=True)
    drawn = np.array([rng.choice(3, p=row) for row in probabilities])
    both, classes = np.concatenate([calibrated, calibrated], axis=1), np.stack([drawn, drawn], axis=1)
    assert choose_temperature(2 * both, classes, [3, 3]) == pytest.approx(2.0, rel=0.06)
    assert choose_temperature(both, classes, [3, 3]) == pytest.approx(1.0, rel=0.06)


def test_predictions_that_are_never_wrong_get_no_more_certainty():
    logits = np.array([[5.0, 0.0], [0.0, 5.0]])
    assert choose_temperature(logits, np.array([[0], [1]]), [2]) == TEMPERATURES[0] == 1.0
