"""The confidence: features, fitting, and the calibration file."""

import json

import pytest
from ckgqa_answer.confidence.calibration import (
    DEFAULT_CALIBRATION,
    Calibration,
    load_calibration,
    read_calibration,
)
from ckgqa_answer.confidence.features import FEATURE_NAMES, ConfidenceFeatures
from ckgqa_answer.confidence.fit import HIGH_CONFIDENCE, HIGH_CONFIDENCE_ACCURACY, cap_overconfidence, fit, monotone

from ckgqa.runtime.artefacts import CALIBRATION_JSON
from ckgqa.runtime.errors import InputError


def features(**named):
    score = named.pop("least_fact_score", 1.0)
    return ConfidenceFeatures(**{name: named.get(name, 0.0) for name in FEATURE_NAMES}, least_fact_score=score)


AGAINST = {"fuzzy_match", "from_context", "skipped_readings", "two_hops", "negative_answer", "kept_intent"}
"""Features that are 0 or 1; the others are logarithms."""


def test_a_feature_that_speaks_against_an_answer_lowers_the_confidence():
    by_hand = Calibration()
    best = by_hand.confidence(features(intent_logit=4.0))
    assert best > 0.95
    for name in FEATURE_NAMES[1:]:
        against = 1.0 if name in AGAINST else -0.5
        assert by_hand.confidence(features(intent_logit=4.0, **{name: against})) < best


def test_fitting_finds_the_feature_that_predicts_the_truth():
    # Fuzzy matches are right every other time, others always but for one in fifty.
    examples = [(features(intent_logit=3.0, fuzzy_match=1.0), number % 2 == 0) for number in range(200)]
    examples += [(features(intent_logit=3.0), number % 50 != 0) for number in range(200)]
    fitted = fit(examples, "a test")
    assert fitted.confidence(features(intent_logit=3.0, fuzzy_match=1.0)) == pytest.approx(0.5, abs=0.05)
    assert fitted.confidence(features(intent_logit=3.0)) == pytest.approx(0.98, abs=0.02)
    assert fitted.fitted_on == "a test"


def test_too_few_or_equal_answers_teach_nothing():
    assert fit([(features(), True)] * 49 + [(features(), False)], "x").fitted_on == "x"
    assert fit([(features(), True)] * 48 + [(features(), False)], "x") == Calibration()
    assert fit([(features(), True)] * 100, "x") == Calibration()


def test_the_curve_rises_and_pools_neighbours():
    curve = monotone([(0.1, False), (0.2, True), (0.3, False), (0.4, True), (0.5, True)])
    assert [x for x, _ in curve] == sorted(x for x, _ in curve)
    assert [y for _, y in curve] == sorted(y for _, y in curve)


def test_what_is_sure_is_right_often_enough():
    scored = [(0.5 + number / 1000, number % 10 != 0 or number > 300) for number in range(400)]
    careless = [(0.5, 0.95), (0.9, 0.99)]
    careful = Calibration(curve=cap_overconfidence(careless, scored))
    sure = [right for score, right in scored if careful.corrected(score) >= HIGH_CONFIDENCE]
    assert sure
    assert sum(sure) >= HIGH_CONFIDENCE_ACCURACY * len(sure)
    assert sum(right for _, right in scored) < HIGH_CONFIDENCE_ACCURACY * len(scored)


def test_a_calibration_file_is_read_as_it_was_written(tmp_path):
    written = Calibration(bias=0.5, curve=((0.1, 0.2), (0.5, 0.9)), fitted_on="a test")
    written.write(tmp_path / "calibration.json")
    assert read_calibration(tmp_path / "calibration.json") == written
    assert written.corrected(0.3) == pytest.approx(0.55)
    assert (written.corrected(0.0), written.corrected(1.0)) == (0.2, 0.9)
    (tmp_path / "calibration.json").write_text(json.dumps({"format": "other"}))
    with pytest.raises(
        InputError,
        match="expected ckgqa/calibration version 3, this is other version None",
    ):
        read_calibration(tmp_path / "calibration.json")


def test_without_a_path_the_default_calibration_is_read(tmp_path):
    default = load_calibration("")
    assert default == read_calibration(DEFAULT_CALIBRATION)
    assert "DuIE" in default.fitted_on
    assert default.curve
    Calibration(bias=3.5).write(tmp_path / CALIBRATION_JSON)
    assert load_calibration(str(tmp_path / CALIBRATION_JSON)).bias == 3.5


def test_a_calibration_of_version_1_is_rejected_with_the_remedy(tmp_path):
    old = {"format": "ckgqa/calibration", "version": 1, "weights": {}, "bias": 0.0, "curve": []}
    (tmp_path / "calibration.json").write_text(json.dumps(old))
    with pytest.raises(InputError) as raised:
        read_calibration(tmp_path / "calibration.json")
    assert "expected ckgqa/calibration version 3, this is ckgqa/calibration version 1" in str(raised.value)
    assert "run `answer evaluate` again, or leave --calibration out" in str(raised.value)
