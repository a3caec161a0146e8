"""Precision, recall, F1, reliability and calibration error, against hand-checked figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckgqa.metrics import PrecisionRecall, expected_calibration_error, reliability_bins

confidences = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


def test_precision_recall_and_f1():
    counts = PrecisionRecall(correct=3, predicted=4, gold=6)
    assert (counts.precision, counts.recall) == (0.75, 0.5)
    assert counts.f1 == pytest.approx(2 * 0.75 * 0.5 / 1.25)


def test_a_ratio_of_nothing_is_zero():
    assert (PrecisionRecall().precision, PrecisionRecall().recall, PrecisionRecall().f1) == (0.0, 0.0, 0.0)


def test_the_sum_of_counts_is_the_micro_average():
    assert PrecisionRecall(1, 1, 2) + PrecisionRecall(1, 3, 2) == PrecisionRecall(2, 4, 4)


def test_reliability_of_a_hand_checked_case():
    low, high = reliability_bins([(0.95, True), (1.0, False), (0.12, False)])
    assert (low.low, low.high, low.count, low.confidence, low.accuracy) == (0.1, 0.2, 1, 0.12, 0.0)
    assert (high.low, high.high, high.count, high.confidence, high.accuracy) == (0.9, 1.0, 2, pytest.approx(0.975), 0.5)
    assert expected_calibration_error([low, high]) == pytest.approx((0.12 + 2 * 0.475) / 3)


def test_the_calibration_error_of_nothing_is_zero():
    assert expected_calibration_error(reliability_bins([])) == 0.0


@given(confidences)
def test_every_prediction_is_in_the_bin_of_its_confidence(predictions):
    bins = reliability_bins(predictions)
    assert sum(one.count for one in bins) == len(predictions)
    assert sum(one.accuracy * one.count for one in bins) == pytest.approx(sum(right for _, right in predictions))
    for one in bins:
        assert one.low - 1e-9 <= one.confidence <= one.high + 1e-9
