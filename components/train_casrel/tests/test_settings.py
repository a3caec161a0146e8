"""Settings refuse a value that is out of bounds, or that the encoder would ignore, with the flag's name."""

from dataclasses import replace
from pathlib import Path

import pytest
from ckgqa_train_casrel.model.thresholds import Thresholds
from ckgqa_train_casrel.settings import BERT_ONLY, BILSTM_ONLY, TrainSettings

from ckgqa.runtime.errors import InputError


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hidden_size", 15), ("hidden_size", 8), ("layers", 0), ("attention_heads", 0), ("attention_heads", 3),
        ("char_embedding_dim", 0), ("bigram_embedding_dim", 0), ("char_type_embedding_dim", 0), ("max_bigrams", -1),
        ("min_count", 0), ("min_bigram_count", 0), ("window", 15), ("overlap", -1), ("overlap", 256),
        ("checkpoint_minutes", -1.0),
        ("dropout", 1.0), ("character_dropout", -0.1), ("negative_subject_prob", 1.1), ("epochs", 0), ("patience", 0),
        ("batch_characters", 1), ("learning_rate", 0.0), ("bert_learning_rate", 0.0), ("weight_decay", -1.0),
        ("warmup_fraction", 0.0), ("warmup_fraction", 1.0), ("clip_norm", 0.0), ("ema_decay", 1.0), ("seed", -1),
    ],
)  # fmt: skip
def test_a_value_out_of_bounds_is_refused_by_the_flags_name(field: str, value: float):
    with pytest.raises(InputError, match="--" + field.replace("_", "-")):
        TrainSettings(Path("sentences"), Path("model"), **{field: value})  # type: ignore[arg-type]


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    """Give a folder that is not empty, which is all that the settings look at."""
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert" / "config.json").touch()
    return tmp_path / "bert"


@pytest.mark.parametrize(
    ("pretrained", "field"), [(True, name) for name in BILSTM_ONLY] + [(False, name) for name in BERT_ONLY]
)
def test_what_shapes_the_other_encoder_is_refused_unless_it_is_the_default(bert: Path, pretrained: bool, field: str):
    given = TrainSettings(Path("sentences"), Path("model"), encoder=bert if pretrained else None)
    with pytest.raises(InputError, match=f"--{field.replace('_', '-')} 7: expected its default .* leave the flag out"):
        replace(given, **{field: 7})


def test_the_heads_behind_a_bert_need_not_divide_the_taggers_states(bert: Path):
    TrainSettings(Path("sentences"), Path("model"), encoder=bert, attention_heads=12)
    with pytest.raises(InputError, match="--hidden-size 256: expected a multiple of --attention-heads 12"):
        TrainSettings(Path("sentences"), Path("model"), attention_heads=12)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.5])
def test_a_threshold_lies_between_0_and_1(value: float):
    with pytest.raises(InputError, match="threshold 'object'"):
        Thresholds(object=value)


@pytest.mark.parametrize("value", [1.0, -0.5])
def test_a_least_score_is_at_least_0_and_below_1(value: float):
    with pytest.raises(InputError, match="threshold 'triple'"):
        Thresholds(triple=value)
