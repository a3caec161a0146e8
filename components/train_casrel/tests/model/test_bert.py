"""A BERT as encoder: a tiny one made here, and, where CKGQA_TEST_BERT names one, a real one."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from ckgqa_train_casrel.data.batches import collate
from ckgqa_train_casrel.data.examples import encode_window
from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.evaluation.scoring import score_micro
from ckgqa_train_casrel.inference.extractor import load_extractor
from ckgqa_train_casrel.model.bert import load_bert
from ckgqa_train_casrel.settings import TrainSettings
from ckgqa_train_casrel.train import train
from safetensors.torch import load_file, save_file

from ckgqa.runtime.artefacts import CASREL
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.manifest import read_manifest

Sentences = Callable[..., list[LabelledSentence]]
Folder = Callable[..., Path]
Small = Callable[..., TrainSettings]


def test_a_known_character_has_the_id_of_the_berts_own_vocabulary(tiny_bert: Path):
    lines = (tiny_bert / "vocab.txt").read_text(encoding="utf-8").splitlines()
    _, vocabulary = load_bert(tiny_bert)
    assert vocabulary.encode_characters("山Ａ😀").tolist() == [
        lines.index("山"),
        lines.index("a"),
        lines.index("[UNK]"),
    ]


def test_every_character_has_one_state_and_padding_is_not_read(tiny_bert: Path):
    encoder, vocabulary = load_bert(tiny_bert)
    texts = ["山河2019AB😀", "王"]
    windows = [encode_window(text, vocabulary) for text in texts]
    device = torch.device("cpu")
    together = encoder.eval()(collate(windows, device))
    for row, window in enumerate(windows):
        alone = encoder(collate([window], device))
        torch.testing.assert_close(together[row, : len(window)], alone[0, : len(window)])


@pytest.fixture(scope="module")
def trained(
    tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory, sentences: Sentences, sentences_folder: Folder,
    small_settings: Small,
) -> Path:  # fmt: skip
    folder = tmp_path_factory.mktemp("trained")
    data = sentences_folder(folder / "sentences", sentences(150), sentences(40, seed=2))
    settings = small_settings(
        data, folder / "model", encoder=tiny_bert, epochs=12, bert_learning_rate=0.003, batch_characters=256
    )
    train(settings)
    return settings.model


def test_a_model_on_a_bert_learns_and_is_read_back_without_the_berts_folder(trained: Path, sentences: Sentences):
    names = {path.name for path in trained.iterdir()}
    assert {"bert.json", "vocabulary.json", "model.safetensors"} <= names
    assert str(trained.parent) not in (trained / "bert.json").read_text()
    fresh = sentences(40, seed=9)
    found = load_extractor(trained).extract([s.text for s in fresh])
    assert score_micro([s.triples for s in fresh], found).f1 > 0.7


def test_the_berts_weights_have_a_rate_of_their_own(
    tiny_bert: Path, tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small
):
    data = sentences_folder(tmp_path / "sentences", sentences(10), sentences(5))
    for name, rate in (("slow", 1e-9), ("fast", 1e-2)):
        train(
            small_settings(
                data, tmp_path / name, encoder=tiny_bert, epochs=2, bert_learning_rate=rate, batch_characters=64
            )
        )
    key = "encoder.bert.encoder.layer.0.output.dense.weight"
    before = load_file(tiny_bert / "model.safetensors")
    start = next(weights for name, weights in before.items() if key.removeprefix("encoder.bert.") in name)
    slow, fast = (load_file(tmp_path / name / "model.safetensors")[key] for name in ("slow", "fast"))
    torch.testing.assert_close(slow, start, atol=1e-6, rtol=0)
    assert (fast - start).abs().max() > 1e-4


def test_a_window_longer_than_the_bert_sees_is_refused(
    tiny_bert: Path, tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small
):
    data = sentences_folder(tmp_path / "sentences", sentences(10), sentences(5))
    with pytest.raises(InputError, match="--window 79: expected at most 78: this BERT sees no more characters"):
        train(small_settings(data, tmp_path / "model", encoder=tiny_bert, window=79))


def test_what_is_no_bert_is_refused(
    tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small
):
    data = sentences_folder(tmp_path / "sentences", sentences(10), sentences(5))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("no BERT", encoding="utf-8")
    with pytest.raises(InputError, match="notes: not a BERT that can be loaded"):
        train(small_settings(data, tmp_path / "model", encoder=tmp_path / "notes"))


def test_a_bert_without_its_vocabulary_or_with_a_larger_one_is_refused(tiny_bert: Path, tmp_path: Path):
    copy = Path(shutil.copytree(tiny_bert, tmp_path / "copy"))
    with (copy / "vocab.txt").open("a", encoding="utf-8") as vocabulary:
        vocabulary.write("甲\n乙\n")
    with pytest.raises(InputError, match=r"tokens for \d+ embeddings, .* tokenizer.json that came with"):
        load_bert(copy)
    (copy / "vocab.txt").unlink()
    with pytest.raises(InputError, match="0 single characters among them"):
        load_bert(copy)


def test_a_name_on_the_hugging_face_hub_is_refused_with_the_way_to_a_folder(
    tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    data = sentences_folder(tmp_path / "sentences", sentences(10), sentences(5))
    with pytest.raises(InputError, match="bert-base-chinese: expected an existing folder.* `hf download NAME"):
        train(small_settings(data, tmp_path / "model", encoder=Path("bert-base-chinese")))


def test_an_empty_folder_is_how_a_pipeline_says_that_no_bert_is_given(
    tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small
):
    data = sentences_folder(tmp_path / "sentences", sentences(10), sentences(5))
    (tmp_path / "empty").mkdir()
    for name, encoder in (("with", tmp_path / "empty"), ("without", None)):
        train(replace(small_settings(data, tmp_path / name, epochs=1), encoder=encoder))
    for file in (tmp_path / "with").iterdir():
        assert file.read_bytes() == (tmp_path / "without" / file.name).read_bytes(), file.name


def test_heads_that_do_not_divide_the_berts_size_are_refused(
    tiny_bert: Path, tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small
):
    data = sentences_folder(tmp_path / "sentences", sentences(10), sentences(5))
    settings = small_settings(data, tmp_path / "model", encoder=tiny_bert, attention_heads=3)
    with pytest.raises(InputError, match=r"--attention-heads 3: expected a divisor of 32, .* such as 1, 2, 4, 8, 16"):
        train(settings)


def test_the_same_bert_in_another_folder_gives_the_same_bytes_and_another_is_another_input(
    tiny_bert: Path, tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small
):
    data = sentences_folder(tmp_path / "sentences", sentences(10), sentences(5))
    copy = Path(shutil.copytree(tiny_bert, tmp_path / "copy"))
    for name, encoder in (("one", tiny_bert), ("two", copy)):
        train(small_settings(data, tmp_path / name, encoder=encoder, epochs=1))
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
    manifest = read_manifest(tmp_path / "one", CASREL)
    assert manifest.inputs == {"sentences": tree_hash(data), "encoder": tree_hash(tiny_bert)}
    assert manifest.settings["encoder"] == "bert"


def test_a_checkpoint_goes_on_with_the_same_bert_alone_wherever_it_stands(
    tiny_bert: Path, tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small
):
    data = sentences_folder(tmp_path / "sentences", sentences(10), sentences(5))
    kept = {"checkpoint_dir": str(tmp_path / "kept"), "checkpoint_minutes": 0, "epochs": 1}
    train(small_settings(data, tmp_path / "model", encoder=tiny_bert, **kept))
    copy = Path(shutil.copytree(tiny_bert, tmp_path / "copy"))
    train(small_settings(data, tmp_path / "model", encoder=copy, **kept))
    weights = load_file(copy / "model.safetensors")
    save_file({name: 2 * tensor for name, tensor in weights.items()}, copy / "model.safetensors", {"format": "pt"})
    with pytest.raises(InputError, match="the checkpoint is of a run with encoder="):
        train(small_settings(data, tmp_path / "model", encoder=copy, **kept))


def test_a_broken_bert_configuration_is_refused(trained: Path):
    kept = (trained / "bert.json").read_bytes()
    try:
        (trained / "bert.json").write_text("{}")
        with pytest.raises(InputError, match=r"bert\.json: not the settings of a BERT"):
            load_extractor(trained)
    finally:
        (trained / "bert.json").write_bytes(kept)


@pytest.mark.slow
def test_a_pretrained_bert_learns_from_few_sentences(
    tmp_path: Path, sentences: Sentences, sentences_folder: Folder, small_settings: Small
):
    folder = Path(os.environ["CKGQA_TEST_BERT"])  # a folder of a BERT, such as BAAI/bge-small-zh-v1.5
    _, vocabulary = load_bert(folder)
    assert vocabulary.encode_characters("战").tolist() == [2773]  # as in the vocabulary of bert-base-chinese
    data = sentences_folder(tmp_path / "sentences", sentences(200), sentences(40, seed=2))
    rates = {"learning_rate": 0.001, "bert_learning_rate": 0.0001}
    train(small_settings(data, tmp_path / "model", encoder=folder, epochs=10, batch_characters=128, **rates))
    fresh = sentences(40, seed=9)
    found = load_extractor(tmp_path / "model").extract([s.text for s in fresh])
    assert score_micro([s.triples for s in fresh], found).f1 > 0.9
