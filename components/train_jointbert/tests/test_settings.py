"""Settings: nonsense is refused with the flag's name, and the command line needs none of the heavy libraries."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ckgqa_train_jointbert.settings import EvaluateSettings, ServeSettings, TrainSettings

from ckgqa.runtime.errors import InputError


def refused(field: str, value: float) -> "pytest.RaisesExc[InputError]":
    return pytest.raises(InputError, match=f"^--{field.replace('_', '-')} {value}: expected ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("layers", 0), ("fresh_layers", 0), ("fresh_hidden_size", 4), ("fresh_hidden_size", 30), ("fresh_heads", 0),
        ("min_count", 0), ("window", 7), ("dropout", 1.0), ("character_dropout", -0.1), ("slot_weight", 0.0),
        ("epochs", 0), ("patience", 0), ("batch_characters", 1), ("learning_rate", 0.0), ("bert_learning_rate", 0.0),
        ("weight_decay", -1.0), ("warmup_fraction", 0.0), ("warmup_fraction", 1.0), ("clip_norm", 0.0),
        ("ema_decay", 1.0), ("max_int8_loss", 1.5), ("max_int8_loss", -1.5), ("checkpoint_minutes", -1.0), ("seed", -1),
    ],
)  # fmt: skip
def test_nonsense_for_train_is_refused(field: str, value: float):
    with refused(field, value):
        TrainSettings(Path("questions"), Path("model"), **{field: value})  # type: ignore[arg-type]


def test_nonsense_for_evaluate_is_refused():
    with refused("examples", -1):
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
    with refused(field, value):
        ServeSettings(Path("model"), **{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "argv",
    [
        ["train", "--questions", "q", "--model", "m", "--epochs", "0"],
        ["evaluate", "--model", "m", "--questions", "q", "--report", "r", "--intent-accuracy", "i", "--slot-f1", "s",
         "--split", "none"],
        ["serve", "--model", "m", "--port", "65536"],
    ],
    ids=lambda argv: argv[0],
)  # fmt: skip
def test_help_and_refusals_import_no_heavy_library(argv: list[str]):
    code = (
        "import sys\n"
        "from ckgqa_train_jointbert.__main__ import COMMANDS\n"
        "from ckgqa.runtime.program import build_parser, main\n"
        "assert 'Train a model' in build_parser('p', '', COMMANDS).format_help()\n"
        "assert main('p', '', COMMANDS, sys.argv[1:]) == 2\n"
        "heavy = {'torch', 'numpy', 'transformers', 'onnx', 'onnxruntime', 'fastapi', 'uvicorn', 'jinja2'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, *argv], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
