"""Training from files to a model folder: what is learnt, what is written, restarts, several processes."""

import hashlib
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
from ckgqa_train_casrel.__main__ import COMMANDS
from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.evaluation.scoring import score_micro
from ckgqa_train_casrel.inference.extractor import load_extractor
from ckgqa_train_casrel.model.thresholds import Thresholds
from ckgqa_train_casrel.settings import TrainSettings
from ckgqa_train_casrel.train import train
from safetensors.torch import load_file

from ckgqa.runtime.jsonlines import read_json, read_jsonl
from ckgqa.runtime.program import main
from ckgqa.runtime.settings import flags_of

from .words import arguments

# Two processes add the same numbers in another order; Adam's division enlarges that where gradients are near zero.
PROCESSES_TOLERANCE = 1e-3

Sentences = Callable[..., list[LabelledSentence]]
Folder = Callable[..., Path]
Small = Callable[..., TrainSettings]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, sentences: Sentences, sentences_folder: Folder) -> Path:
    folder = tmp_path_factory.mktemp("data") / "sentences"
    train_split = [*sentences(200), *sentences(150, seed=3, joined=4)]
    return sentences_folder(folder, train_split, sentences(40, seed=2))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, sentences: Sentences, sentences_folder: Folder) -> Path:
    """A few sentences, for runs that need not learn."""
    folder = tmp_path_factory.mktemp("tiny") / "sentences"
    return sentences_folder(folder, [*sentences(12), *sentences(2, joined=4)], sentences(6, seed=2))


@pytest.fixture(scope="module")
def model(data: Path, small_settings: Small) -> Path:
    settings = small_settings(data, data.parent / "model", epochs=12, batch_characters=256)
    train(settings)
    return settings.model


def program(settings: TrainSettings, *launch: str) -> list[str]:
    return [sys.executable, *launch, "-m", "ckgqa_train_casrel", "train", *arguments(settings)]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}


def test_new_sentences_of_known_kinds_are_understood(model: Path, sentences: Sentences):
    fresh = sentences(60, seed=9)
    found = load_extractor(model).extract([s.text for s in fresh])
    assert score_micro([s.triples for s in fresh], found).f1 > 0.9


def test_the_folder_holds_what_the_contract_names(model: Path):
    names = {path.name for path in model.iterdir()}
    assert names == {
        "config.json", "manifest.json", "metrics.jsonl", "model.safetensors", "schema.json", "vocabulary.json",
    }  # fmt: skip
    metrics = [line for _, line in read_jsonl(model / "metrics.jsonl")]
    assert [line["epoch"] for line in metrics] == list(range(1, len(metrics) + 1))
    assert set(metrics[0]) == {"epoch", "loss", "f1", "precision", "recall"}
    assert set(read_json(model / "config.json")["thresholds"]) == {"subject", "object", "triple"}


def test_the_model_knows_which_files_it_has_learnt_from(model: Path, data: Path):
    assert read_json(model / "config.json")["folds"] == {
        name: {
            "file": f"{name}.jsonl",
            "sha256": hashlib.sha256((data / f"{name}.jsonl").read_bytes()).hexdigest(),
            "sentences": sentences,
        }
        for name, sentences in (("train", 350), ("validation", 40))
    }


def test_the_thresholds_are_the_best_of_the_grid_on_the_validation_split(model: Path, sentences: Sentences):
    validation = sentences(40, seed=2)
    extractor = load_extractor(model)
    gold, texts = [s.triples for s in validation], [s.text for s in validation]
    chosen = score_micro(gold, extractor.extract(texts)).f1
    for subject, other, triple in ((0.2, 0.2, 0.0), (0.1, 0.4, 0.2), (0.4, 0.1, 0.5), (0.3, 0.3, 0.3)):
        assert chosen >= score_micro(gold, extractor.extract(texts, Thresholds(subject, other, triple))).f1


def test_a_document_of_5000_characters_is_read_whole_with_facts_across_every_cut(model: Path, sentences: Sentences):
    told = [s for s in sentences(500, seed=11) if s.triples]
    text, wanted, spots = "", [], []
    for sentence in told:
        if len(text) + len(sentence.text) > 5000:
            break
        spots.append((len(text), len(text) + len(sentence.text)))
        wanted.append(sentence)
        text += sentence.text + "。"
    cuts = range(64, len(text), 32)  # where windows of 64 end, each 32 behind the last
    assert len(text) > 4950
    assert sum(any(start < cut < end for cut in cuts) for start, end in spots) > 100
    (found,) = load_extractor(model).extract([text])
    keys = {(t.subject, t.predicate, tuple(sorted(t.object.items()))) for t in found}
    told_keys = {(t.subject, t.predicate, tuple(sorted(t.object.items()))) for s in wanted for t in s.triples}
    assert len(keys & told_keys) / len(told_keys) > 0.85
    for triple in found:
        words = {"subject": triple.subject, **triple.object}
        assert {name: text[start:end] for name, (start, end) in triple.spans.items()} == words
    # The far end of the document as well as its beginning, and what a single short text would give.
    assert max(triple.spans["subject"][0] for triple in found) > 4900
    assert any(triple.spans["subject"][0] < 20 for triple in found)


def test_text_is_never_changed_whatever_stands_in_it(model: Path):
    frame = "👨‍👩‍👧ABCｘ１２3😀𠮷\u3000《山河云》由李明华执导，\ud83dÉ﷽"
    (plain,) = load_extractor(model).extract(["《山河云》由李明华执导"])
    assert [(t.subject, t.object["@value"]) for t in plain] == [("山河云", "李明华")]
    for text in (frame, frame * 3, "", " "):
        for triples in load_extractor(model).extract([text]):
            for triple in triples:
                for name, (start, end) in triple.spans.items():
                    assert text[start:end] == (triple.subject if name == "subject" else triple.object[name])


def test_results_come_in_the_order_of_the_texts_whatever_their_lengths(model: Path, sentences: Sentences):
    texts = [s.text * (n % 4) for n, s in enumerate(sentences(30, seed=5))]
    extractor = load_extractor(model)
    together = extractor.extract(texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = extractor.extract([text])
        assert [(t.subject, t.predicate, t.object, t.spans) for t in alone] == [
            (t.subject, t.predicate, t.object, t.spans) for t in found
        ]


def test_the_same_settings_and_seed_give_the_same_bytes(tiny: Path, tmp_path: Path, small_settings: Small):
    for name in ("a", "b"):
        train(small_settings(tiny, tmp_path / name, epochs=2, dropout=0.3))
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_a_killed_run_goes_on_and_ends_with_the_same_model(tiny: Path, tmp_path: Path, small_settings: Small):
    changed = {"epochs": 40, "dropout": 0.3, "negative_subject_prob": 1.0, "batch_characters": 64, "patience": 40}
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
    held = torch.load(checkpoint, weights_only=True)["state"]
    assert held["epoch"] < 40
    assert not broken.model.exists()
    ended = subprocess.run(program(broken), env=environment(), stderr=subprocess.PIPE, text=True, check=True)
    assert f"resuming from {tmp_path / 'kept'}" in ended.stderr
    subprocess.run(program(unbroken), env=environment(), stderr=subprocess.DEVNULL, check=True)
    for name in ("model.safetensors", "metrics.jsonl", "config.json"):
        assert (broken.model / name).read_bytes() == (unbroken.model / name).read_bytes()


def test_two_processes_under_torchrun_match_one(tiny: Path, tmp_path: Path, small_settings: Small):
    changed = {"epochs": 3, "negative_subject_prob": 0.0, "batch_characters": 128}
    one, two = (small_settings(tiny, tmp_path / name, **changed) for name in ("one", "two"))
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    for settings, launch in ((one, ()), (two, torchrun)):
        subprocess.run(program(settings, *launch), env=environment(), stderr=subprocess.DEVNULL, check=True)
    mine, others = (load_file(settings.model / "model.safetensors") for settings in (two, one))
    assert mine.keys() == others.keys()
    for name, weights in mine.items():
        torch.testing.assert_close(weights, others[name], rtol=PROCESSES_TOLERANCE, atol=PROCESSES_TOLERANCE, msg=name)


CHANGES = {
    "hidden_size": 32, "layers": 2, "attention_heads": 4, "char_embedding_dim": 8,
    "bigram_embedding_dim": 4, "char_type_embedding_dim": 2, "max_bigrams": 3, "min_count": 3,
    "min_bigram_count": 9, "dropout": 0.5, "character_dropout": 0.5, "negative_subject_prob": 0.0,
    "subject_join": "norm", "window": 20, "overlap": 4, "batch_characters": 32, "learning_rate": 0.05,
    "weight_decay": 0.9, "warmup_fraction": 0.9, "clip_norm": 0.001, "ema_decay": 0.0, "bf16": "on", "seed": 2,
    "epochs": 1,
}  # fmt: skip
# Tested elsewhere: places; what changes nothing; a BERT and its rate in test_bert, patience in the loop's tests.
ELSEWHERE = {
    "sentences", "model", "checkpoint_dir", "checkpoint_minutes", "tensorboard_dir", "device", "encoder",
    "bert_learning_rate", "patience",
}  # fmt: skip


def test_every_setting_is_looked_at_by_a_test():
    assert {flag.name for flag in flags_of(TrainSettings)} == CHANGES.keys() | ELSEWHERE


@pytest.fixture(scope="module")
def reference(tiny: Path, tmp_path_factory: pytest.TempPathFactory, small_settings: Small) -> Path:
    settings = small_settings(tiny, tmp_path_factory.mktemp("reference") / "model", **REFERENCE)
    train(settings)
    return settings.model


REFERENCE = {"epochs": 2, "negative_subject_prob": 1.0, "batch_characters": 128, "window": 16, "overlap": 8}


@pytest.mark.parametrize("name", CHANGES)
def test_each_setting_changes_the_model(tiny: Path, tmp_path: Path, small_settings: Small, reference: Path, name: str):
    train(small_settings(tiny, tmp_path / "model", **(REFERENCE | {name: CHANGES[name]})))
    changed, before = (load_file(folder / "model.safetensors") for folder in (tmp_path / "model", reference))
    same = changed.keys() == before.keys() and all(
        changed[key].shape == before[key].shape and torch.equal(changed[key], before[key]) for key in before
    )
    assert not same


@pytest.mark.parametrize("bf16", ["on", "off"])
def test_the_model_says_in_which_precision_it_was_trained(tiny: Path, tmp_path: Path, small_settings: Small, bf16: str):
    train(small_settings(tiny, tmp_path / "model", **(REFERENCE | {"epochs": 1, "bf16": bf16})))
    assert read_json(tmp_path / "model" / "config.json")["bf16"] is (bf16 == "on")


def test_tensorboard_logs_stand_beside_the_checkpoints(tiny: Path, tmp_path: Path, small_settings: Small):
    train(small_settings(tiny, tmp_path / "model", epochs=1, checkpoint_dir=str(tmp_path / "kept")))
    assert list((tmp_path / "kept" / "tensorboard").glob("events.*"))
    train(small_settings(tiny, tmp_path / "model", epochs=1, tensorboard_dir=str(tmp_path / "board")))
    assert list((tmp_path / "board").glob("events.*"))


def run(settings: TrainSettings) -> int:
    return main("ckgqa_train_casrel", "Finds triples.", COMMANDS, ["train", *arguments(settings)])


def failure(capsys: pytest.CaptureFixture[str]) -> str:
    return next(line for line in capsys.readouterr().err.splitlines() if "error:" in line)


def test_another_format_or_version_is_refused(
    tiny: Path, tmp_path: Path, small_settings: Small, capsys: pytest.CaptureFixture[str]
):
    for change in ({"version": 2}, {"format": "ckgqa/facts"}):
        folder = tmp_path / next(iter(change))
        folder.mkdir()
        (folder / "manifest.json").write_text(json.dumps(read_json(tiny / "manifest.json") | change))
        assert run(small_settings(folder, tmp_path / "model")) == 2
        assert "expected a folder written as ckgqa/sentences version 1" in failure(capsys)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_split_without_triples_is_refused(
    tiny: Path, tmp_path: Path, small_settings: Small, split: str, capsys: pytest.CaptureFixture[str]
):
    folder = Path(shutil.copytree(tiny, tmp_path / "sentences"))
    (folder / f"{split}.jsonl").write_text("")
    assert run(small_settings(folder, tmp_path / "model")) == 2
    assert f"{split}.jsonl: no sentence with a triple" in failure(capsys)


def test_a_line_that_is_no_record_is_named(
    tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    folder = sentences_folder(tmp_path / "sentences", sentences(5), sentences(5))
    with (folder / "train.jsonl").open("a") as out:
        out.write('{"id": "train:6", "text": "x"}\n')
    assert run(small_settings(folder, tmp_path / "model")) == 2
    assert "train.jsonl line 6: not a record of ckgqa/sentences" in failure(capsys)


def test_a_label_outside_the_schema_is_named(
    tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    folder = sentences_folder(tmp_path / "sentences", sentences(5), sentences(5))
    content = (folder / "train.jsonl").read_text(encoding="utf-8")
    (folder / "train.jsonl").write_text(content.replace("主演", "编剧"), encoding="utf-8")
    assert run(small_settings(folder, tmp_path / "model")) == 2
    assert "schema.json has no label ('编剧', '@value')" in failure(capsys)


def test_a_checkpoint_of_other_settings_or_data_is_refused_with_the_way_out(
    tiny: Path, data: Path, tmp_path: Path, small_settings: Small, capsys: pytest.CaptureFixture[str]
):
    kept = {"checkpoint_dir": str(tmp_path / "kept"), "checkpoint_minutes": 0, "epochs": 1}
    assert run(small_settings(tiny, tmp_path / "model", **kept)) == 0
    assert run(small_settings(tiny, tmp_path / "model", **kept, seed=99)) == 2
    assert "seed=13, and this one has seed=99; give the same, or, to start afresh, remove" in failure(capsys)
    assert run(small_settings(data, tmp_path / "model", **kept)) == 2
    assert "sentences=" in failure(capsys)
    (tmp_path / "kept" / "checkpoint.pt").write_bytes(b"half a check")
    assert run(small_settings(tiny, tmp_path / "model", **kept)) == 2
    assert "not a checkpoint that can be read" in failure(capsys)
