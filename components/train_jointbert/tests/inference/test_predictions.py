"""Logits become predictions: probabilities, the offsets of slots, and the record that clients receive."""

import json

import numpy as np
import pytest
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.inference.predictions import JointBertLogits, asked_role, decode, softmax

LABELS = Labels(("list", "outside"), ("导演/@value",), ("subject",))
TEXT = "《Ａ😀2》谁导的"


def logits(*tags: int) -> JointBertLogits:
    tag_logits = np.full((1, len(TEXT), 3), 0.0, dtype=np.float32)
    tag_logits[0, range(len(TEXT)), tags] = [2.0 + position for position in range(len(TEXT))]
    return JointBertLogits(np.array([[3.0, 0.0, 0.0, 4.0, 5.0, 0.0]], dtype=np.float32), tag_logits)


def test_offsets_are_characters_of_the_unchanged_text():
    (prediction,) = decode([TEXT], logits(0, 1, 2, 2, 0, 0, 0, 0), LABELS, 1.0)
    record = prediction.as_record()
    (slot,) = record["slots"]  # type: ignore[misc]
    assert slot == {"role": "subject", "start": 1, "end": 4, "text": "Ａ😀2", "probability": slot["probability"]}
    # The least sure of the three is the first: e^3 / (e^3 + 2).
    assert slot["probability"] == pytest.approx(0.9094, abs=1e-4)
    assert json.loads(json.dumps(record)) == record


def test_the_label_is_the_likeliest_and_its_probability_a_product():
    (prediction,) = decode([TEXT], logits(*[0] * 8), LABELS, 1.0)
    assert prediction.label == "list:导演/@value"
    wanted = 1 / (1 + np.exp(-3)) / (1 + np.exp(-4)) / (1 + np.exp(-5))
    assert prediction.probability == pytest.approx(wanted, rel=1e-6)
    assert list(prediction.as_record()) == ["predicted_label", "probability", "probabilities", "slots"]
    assert prediction.slots == ()


def test_temperature_makes_less_sure_and_changes_no_order():
    sure, less = (decode([TEXT], logits(*[0] * 8), LABELS, temperature)[0] for temperature in (1.0, 2.0))
    assert less.probability < sure.probability
    assert list(less.probabilities) == list(sure.probabilities)


def test_softmax_bears_large_scores():
    assert softmax(np.array([1000.0, 1000.0, -1000.0])) == pytest.approx([0.5, 0.5, 0.0])


ROLES = Labels(("list", "yes_no"), ("导演/@value", "导演/subject"), ("@value", "subject"))


@pytest.mark.parametrize(
    ("kind", "step", "role"),
    [(0, 1, "subject"), (0, 2, "@value"), (1, 1, "@value"), (1, 2, "subject")],
)
def test_no_slot_has_the_asked_role_except_in_a_yes_no_question(kind: int, step: int, role: str):
    intents = np.zeros((1, 2 + 3 + 3), dtype=np.float32)
    intents[0, [kind, 2 + step, 5]] = 9.0
    tag_logits = np.zeros((1, 2, 5), dtype=np.float32)
    surer, less = (2, 4) if (kind, step) in {(0, 1), (1, 1)} else (4, 2)  # the role asked for looks likelier
    tag_logits[0, :, surer - 1 : surer + 1] = [[9, 0], [0, 9]]
    tag_logits[0, :, less - 1 : less + 1] = [[7, 0], [0, 7]]
    (prediction,) = decode(["甲乙"], JointBertLogits(intents, tag_logits), ROLES, 1.0)
    (slot,) = prediction.slots
    assert (slot.role, slot.start, slot.end) == (role, 0, 2)
    assert slot.probability == pytest.approx(1.0, abs=0.2 if kind else 0.01)


def test_an_outside_question_may_name_every_role():
    assert asked_role("outside") is None
    assert asked_role("list:导演/@value>妻子/@value") == "@value"
    assert asked_role("count:导演/subject") == "subject"
