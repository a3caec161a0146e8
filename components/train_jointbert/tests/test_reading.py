"""Scores become readings: probabilities, the names' places, and the record that clients get."""

import json

import numpy as np
import pytest
from ckgqa_train_jointbert.labels import Labels
from ckgqa_train_jointbert.reading import Scores, read, softmax

LABELS = Labels(("list", "outside"), ("导演/@value",), ("subject",))
TEXT = "《Ａ😀2》谁导的"


def scores(*tags: int) -> Scores:
    marks = np.full((1, len(TEXT), 3), 0.0, dtype=np.float32)
    marks[0, range(len(TEXT)), tags] = [2.0 + position for position in range(len(TEXT))]
    return Scores(np.array([[3.0, 0.0, 0.0, 4.0, 5.0, 0.0]], dtype=np.float32), marks)


def test_offsets_are_characters_of_the_text_as_it_was_given():
    (reading,) = read([TEXT], scores(0, 1, 2, 2, 0, 0, 0, 0), LABELS, 1.0)
    record = reading.as_record()
    (slot,) = record["slots"]  # type: ignore[misc]
    assert slot == {"role": "subject", "start": 1, "end": 4, "text": "Ａ😀2", "probability": slot["probability"]}
    # The least sure of the three is the first: e^3 / (e^3 + 2).
    assert slot["probability"] == pytest.approx(0.9094, abs=1e-4)
    assert json.loads(json.dumps(record)) == record


def test_the_label_is_the_likeliest_and_its_probability_a_product():
    (reading,) = read([TEXT], scores(*[0] * 8), LABELS, 1.0)
    assert reading.label == "list:导演/@value"
    wanted = 1 / (1 + np.exp(-3)) / (1 + np.exp(-4)) / (1 + np.exp(-5))
    assert reading.probability == pytest.approx(wanted, rel=1e-6)
    assert list(reading.as_record()) == ["predicted_label", "probability", "probabilities", "slots"]
    assert reading.slots == ()


def test_temperature_makes_less_sure_and_changes_no_order():
    sure, less = (read([TEXT], scores(*[0] * 8), LABELS, temperature)[0] for temperature in (1.0, 2.0))
    assert less.probability < sure.probability
    assert list(less.probabilities) == list(sure.probabilities)


def test_softmax_bears_large_scores():
    assert softmax(np.array([1000.0, 1000.0, -1000.0])) == pytest.approx([0.5, 0.5, 0.0])
