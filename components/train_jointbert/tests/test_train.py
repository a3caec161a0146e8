"""Training from files to a model folder: accuracy, files, restarts, several processes, int8 or not."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from ckgqa_train_jointbert.__main__ import COMMANDS
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.evaluation.scoring import score
from ckgqa_train_jointbert.inference.loading import load_served, load_trained
from ckgqa_train_jointbert.model.folder import read_model_folder
from ckgqa_train_jointbert.settings import TrainSettings
from ckgqa_train_jointbert.train import train
from safetensors.torch import load_file

from ckgqa.runtime.jsonlines import read_json, read_jsonl
from ckgqa.runtime.program import main
from ckgqa.runtime.settings import flags_of

# Two processes add the same numbers in another order; Adam's division enlarges that where gradients are near zero.
PROCESSES_TOLERANCE = 1e-3

Made = Callable[..., list[LabelledQuestion]]
Folder = Callable[..., Path]
Small = Callable[..., TrainSettings]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, made: Made, questions_folder: Folder) -> Path:
    return questions_folder(tmp_path_factory.mktemp("data") / "questions", made(400), made(60, seed=2))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, made: Made, questions_folder: Folder) -> Path:
    """A few questions, for runs that need not learn."""
    return questions_folder(tmp_path_factory.mktemp("tiny") / "questions", made(24), made(6, seed=2))


@pytest.fixture(scope="module")
def model(data: Path, small_settings: Small) -> Path:
    settings = small_settings(data, data.parent / "model")
    train(settings)
    return settings.model


def arguments(settings: TrainSettings) -> list[str]:
    """Write settings as the arguments of a command line."""
    values = {flag.option: getattr(settings, flag.name) for flag in flags_of(TrainSettings)}
    return [word for option, value in values.items() if value is not None for word in (option, str(value))]


def program(settings: TrainSettings, *launch: str) -> list[str]:
    return [sys.executable, *launch, "-m", "ckgqa_train_jointbert", "train", *arguments(settings)]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}


def test_new_questions_of_known_kinds_are_predicted(model: Path, made: Made):
    fresh = made(80, seed=9)
    folder = read_model_folder(model)
    for predictor in (load_served(folder, threads=1), load_trained(folder)):
        assert score(fresh, predictor.predict([question.text for question in fresh])).exact_match > 0.9


def test_the_folder_holds_the_files_of_the_contract(model: Path):
    assert {path.name for path in model.iterdir()} == {
        "config.json", "labels.json", "manifest.json", "metrics.jsonl", "model.onnx", "model.safetensors",
        "vocabulary.json",
    }  # fmt: skip
    metrics = [line for _, line in read_jsonl(model / "metrics.jsonl")]
    assert [line["epoch"] for line in metrics] == list(range(1, len(metrics) + 1))
    assert set(metrics[0]) == {"epoch", "loss", "exact_match", "intent_accuracy", "slot_f1"}
    manifest = read_json(model / "manifest.json")
    assert (manifest["format"], manifest["schema_hash"]) == ("ckgqa/jointbert", "c0ffee")
    assert "checkpoint_dir" not in manifest["settings"]  # type: ignore[operator]


def test_the_best_epoch_has_the_highest_exact_match(model: Path, data: Path, made: Made):
    best = max(float(str(line["exact_match"])) for _, line in read_jsonl(model / "metrics.jsonl"))
    validation = made(60, seed=2)
    predictions = load_trained(read_model_folder(model)).predict([question.text for question in validation])
    assert score(validation, predictions).exact_match == best


@pytest.mark.parametrize(("allowed", "precision"), [(1.0, "int8"), (-1.0, "fp32")])
def test_int8_is_served_if_it_loses_no_more_than_the_limit(
    tiny: Path, tmp_path: Path, small_settings: Small, allowed: float, precision: str
):
    train(small_settings(tiny, tmp_path / "model", epochs=1, max_int8_loss=allowed))
    serving = read_json(tmp_path / "model" / "config.json")["serving"]
    assert serving["precision"] == precision  # type: ignore[index, call-overload]
    graph = (tmp_path / "model" / "model.onnx").read_bytes()
    assert (b"DynamicQuantizeMatMul" in graph) == (precision == "int8")


def test_the_config_holds_the_exact_match_of_both_precisions(model: Path, made: Made):
    serving = read_model_folder(model).config.serving
    validation = made(60, seed=2)
    predictions = load_served(read_model_folder(model), threads=1).predict([question.text for question in validation])
    assert serving.precision == "int8"
    assert score(validation, predictions).exact_match == serving.int8_exact_match
    assert serving.int8_exact_match >= serving.fp32_exact_match - 0.005


def test_no_text_is_ever_changed(model: Path):
    predictor = load_served(read_model_folder(model), threads=1)
    (prediction,) = predictor.predict(["《山河云》是谁导演的"])
    assert [(slot.role, slot.start, slot.end) for slot in prediction.slots] == [("subject", 1, 4)]
    for text in ("👨‍👩‍👧ABCｘ１２3😀𠮷\u3000《山河云》是谁导演的", "DROP TABLE x; --", "?", "g.V().drop()", "\n\t "):
        (prediction,) = predictor.predict([text])
        assert all(0 <= slot.start < slot.end <= len(text) for slot in prediction.slots)
        assert prediction.text == text


def test_the_same_settings_and_seed_give_the_same_bytes(tiny: Path, tmp_path: Path, small_settings: Small):
    for name in ("a", "b"):
        train(small_settings(tiny, tmp_path / name, epochs=2, dropout=0.3, character_dropout=0.2))
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_a_killed_run_resumes_and_ends_with_the_same_model(tiny: Path, tmp_path: Path, small_settings: Small):
    changed = {"epochs": 60, "dropout": 0.3, "character_dropout": 0.1, "batch_characters": 64, "patience": 60}
    unbroken = small_settings(tiny, tmp_path / "unbroken", **changed)
    broken = small_settings(
        tiny, tmp_path / "broken", checkpoint_dir=str(tmp_path / "kept"), checkpoint_minutes=0, **changed
    )
    checkpoint = tmp_path / "kept" / "checkpoint.pt"
    process = subprocess.Popen(program(broken), env=environment(), stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 300
    while not checkpoint.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert torch.load(checkpoint, weights_only=True)["state"]["epoch"] < 60
    assert not broken.model.exists()
    ended = subprocess.run(program(broken), env=environment(), stderr=subprocess.PIPE, text=True, check=True)
    assert f"resuming from {tmp_path / 'kept'}" in ended.stderr
    subprocess.run(program(unbroken), env=environment(), stderr=subprocess.DEVNULL, check=True)
    for file in unbroken.model.iterdir():
        assert file.read_bytes() == (broken.model / file.name).read_bytes()


def test_two_processes_under_torchrun_match_one(tiny: Path, tmp_path: Path, small_settings: Small):
    one, two = (small_settings(tiny, tmp_path / name, epochs=3, batch_characters=128) for name in ("one", "two"))
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    for settings, launch in ((one, ()), (two, torchrun)):
        subprocess.run(program(settings, *launch), env=environment(), stderr=subprocess.DEVNULL, check=True)
    mine, others = (load_file(settings.model / "model.safetensors") for settings in (two, one))
    assert mine.keys() == others.keys()
    for name, weights in mine.items():
        torch.testing.assert_close(weights, others[name], rtol=PROCESSES_TOLERANCE, atol=PROCESSES_TOLERANCE, msg=name)


CHANGES = {
    "fresh_hidden_size": 16, "fresh_layers": 2, "fresh_heads": 4, "min_count": 4, "window": 70, "dropout": 0.5,
    "character_dropout": 0.5, "slot_weight": 4.0, "batch_characters": 32, "learning_rate": 0.05, "weight_decay": 0.9,
    "warmup_fraction": 0.9, "clip_norm": 0.001, "ema_decay": 0.0, "bf16": "on", "seed": 2, "epochs": 1,
}  # fmt: skip
# Tested elsewhere: paths, and settings that must change nothing; a BERT's settings in test_bert; patience in the loop's
# tests; max_int8_loss above.
ELSEWHERE = {
    "questions", "model", "checkpoint_dir", "checkpoint_minutes", "tensorboard_dir", "device", "encoder", "layers",
    "bert_learning_rate", "patience", "max_int8_loss",
}  # fmt: skip
REFERENCE = {"epochs": 2, "batch_characters": 128}


def test_every_setting_has_a_test():
    assert {flag.name for flag in flags_of(TrainSettings)} == CHANGES.keys() | ELSEWHERE


@pytest.fixture(scope="module")
def reference(tiny: Path, tmp_path_factory: pytest.TempPathFactory, small_settings: Small) -> Path:
    settings = small_settings(tiny, tmp_path_factory.mktemp("reference") / "model", **REFERENCE)
    train(settings)
    return settings.model


@pytest.mark.parametrize("name", list(CHANGES))
def test_each_setting_changes_the_model(tiny: Path, tmp_path: Path, small_settings: Small, reference: Path, name: str):
    train(small_settings(tiny, tmp_path / "model", **(REFERENCE | {name: CHANGES[name]})))
    changed, before = (load_file(folder / "model.safetensors") for folder in (tmp_path / "model", reference))
    same = changed.keys() == before.keys() and all(
        changed[key].shape == before[key].shape and torch.equal(changed[key], before[key]) for key in before
    )
    assert not same


def test_tensorboard_logs_stand_beside_the_checkpoints(tiny: Path, tmp_path: Path, small_settings: Small):
    train(small_settings(tiny, tmp_path / "model", epochs=1, checkpoint_dir=str(tmp_path / "kept")))
    assert list((tmp_path / "kept" / "tensorboard").glob("events.*"))
    train(small_settings(tiny, tmp_path / "model", epochs=1, tensorboard_dir=str(tmp_path / "board")))
    assert list((tmp_path / "board").glob("events.*"))


def run(settings: TrainSettings) -> int:
    return main("ckgqa_train_jointbert", "Understands questions.", COMMANDS, ["train", *arguments(settings)])


def failure(capsys: pytest.CaptureFixture[str]) -> str:
    return next(line for line in capsys.readouterr().err.splitlines() if "error:" in line)


@pytest.mark.parametrize("split", ["train", "validation"])
def test_an_empty_split_is_refused(
    tiny: Path, tmp_path: Path, small_settings: Small, split: str, capsys: pytest.CaptureFixture[str]
):
    folder = Path(shutil.copytree(tiny, tmp_path / "questions"))
    (folder / f"{split}.jsonl").write_text("")
    assert run(small_settings(folder, tmp_path / "model")) == 2
    assert f"{split}.jsonl: no question" in failure(capsys)
    assert not (tmp_path / "model").exists()


def test_a_question_longer_than_the_window_is_refused(
    tiny: Path, tmp_path: Path, small_settings: Small, capsys: pytest.CaptureFixture[str]
):
    assert run(small_settings(tiny, tmp_path / "model", window=12)) == 2
    assert "has 13 characters and --window is 12; choose a larger window" in failure(capsys)


def test_a_label_outside_the_label_sets_is_refused(
    tiny: Path, tmp_path: Path, small_settings: Small, labels: Labels, capsys: pytest.CaptureFixture[str]
):
    folder = Path(shutil.copytree(tiny, tmp_path / "questions"))
    content = json.loads((folder / "labels.json").read_text())
    (folder / "labels.json").write_text(json.dumps(content | {"steps": ["主演/@value"]}))
    assert run(small_settings(folder, tmp_path / "model")) == 2
    assert "not a record of ckgqa/questions" in failure(capsys)


def test_a_checkpoint_of_other_settings_or_data_is_refused_with_the_remedy(
    tiny: Path, data: Path, tmp_path: Path, small_settings: Small, capsys: pytest.CaptureFixture[str]
):
    kept = {"checkpoint_dir": str(tmp_path / "kept"), "checkpoint_minutes": 0, "epochs": 1}
    assert run(small_settings(tiny, tmp_path / "model", **kept)) == 0
    assert run(small_settings(tiny, tmp_path / "model", **kept, seed=99)) == 2
    assert "seed=13, and this one has seed=99; give the same, or, to start afresh, remove" in failure(capsys)
    assert run(small_settings(data, tmp_path / "model", **kept)) == 2
    assert "questions=" in failure(capsys)
