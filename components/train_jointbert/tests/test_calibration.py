"""Calibration: bins and their error by hand, and a temperature that undoes too much certainty."""

import numpy as np
import pytest
from ckgqa_train_jointbert.calibration import (
    TEMPERATURES,
    Bin,
    choose_temperature,
    expected_calibration_error,
    reliability,
)


def test_bins_and_their_error_as_counted_by_hand():
    bins = reliability([0.95, 0.97, 1.0, 0.31, 0.35], [True, True, False, False, True])
    assert bins == [
        Bin(2, pytest.approx(0.33), 0.5),
        Bin(3, pytest.approx(0.97333, abs=1e-5), pytest.approx(2 / 3)),
    ]
    # (2 * |0.33 - 0.5| + 3 * |0.97333 - 0.66667|) / 5
    assert expected_calibration_error(bins) == pytest.approx((2 * 0.17 + 3 * 0.30667) / 5, abs=1e-5)


def test_scores_that_are_twice_too_large_are_halved():
    draw = np.random.default_rng(0)
    honest = draw.normal(size=(4000, 3)) * 2
    chances = np.exp(honest) / np.exp(honest).sum(1, keepdims=True)
    drawn = np.array([draw.choice(3, p=row) for row in chances])
    both, classes = np.concatenate([honest, honest], axis=1), np.stack([drawn, drawn], axis=1)
    assert choose_temperature(2 * both, classes, [3, 3]) == pytest.approx(2.0, rel=0.06)
    assert choose_temperature(both, classes, [3, 3]) == pytest.approx(1.0, rel=0.06)


def test_what_is_never_wrong_is_made_no_surer():
    scores = np.array([[5.0, 0.0], [0.0, 5.0]])
    assert choose_temperature(scores, np.array([[0], [1]]), [2]) == TEMPERATURES[0] == 1.0
