"""Nonsense is refused when it is made, with the flag's name."""

from pathlib import Path

import pytest
from ckgqa_train_jointbert.evaluate_settings import EvaluateSettings
from ckgqa_train_jointbert.serve_settings import ServeSettings
from ckgqa_train_jointbert.train_settings import TrainSettings

from ckgqa.runtime.errors import InputError


def refused(field: str) -> "pytest.RaisesExc[InputError]":
    return pytest.raises(InputError, match="--" + field.replace("_", "-"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("layers", 0), ("fresh_layers", 0), ("fresh_hidden", 4), ("fresh_hidden", 30), ("fresh_heads", 0),
        ("min_count", 0), ("window", 7), ("dropout", 1.0), ("character_dropout", -0.1), ("slot_weight", 0.0),
        ("epochs", 0), ("patience", 0), ("batch_characters", 1), ("learning_rate", 0.0), ("bert_learning_rate", 0.0),
        ("weight_decay", -1.0), ("warmup_fraction", 0.0), ("warmup_fraction", 1.0), ("clip_norm", 0.0),
        ("ema_decay", 1.0), ("max_int8_loss", 1.5), ("max_int8_loss", -1.5), ("checkpoint_minutes", -1.0), ("seed", -1),
    ],
)  # fmt: skip
def test_nonsense_for_train_is_refused(field: str, value: float):
    with refused(field):
        TrainSettings(Path("questions"), Path("model"), **{field: value})  # type: ignore[arg-type]


def test_nonsense_for_evaluate_is_refused():
    with refused("examples"):
        EvaluateSettings(Path("m"), Path("q"), Path("r"), Path("i"), Path("s"), examples=-1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("port", -1), ("port", 65536), ("threads", -1), ("max_batch", 0), ("max_wait_ms", -1.0), ("max_waiting", 0),
        ("max_request_bytes", 1023), ("max_request_questions", 0), ("max_question_chars", -1), ("body_timeout_s", 0.0),
        ("drain_s", 0),
    ],
)  # fmt: skip
def test_nonsense_for_serve_is_refused(field: str, value: float):
    with refused(field):
        ServeSettings(Path("model"), **{field: value})  # type: ignore[arg-type]
