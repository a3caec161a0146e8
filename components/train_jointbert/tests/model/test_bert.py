"""A BERT inside: a tiny one, pruned for characters, and a real one if CKGQA_TEST_BERT names it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.data.vocabulary import PADDING
from ckgqa_train_jointbert.evaluate import evaluate
from ckgqa_train_jointbert.evaluation.scoring import score
from ckgqa_train_jointbert.inference.loading import load_served
from ckgqa_train_jointbert.model.bert import pretrained_bert
from ckgqa_train_jointbert.model.folder import read_model_folder
from ckgqa_train_jointbert.settings import EvaluateSettings, TrainSettings
from ckgqa_train_jointbert.train import train
from safetensors.torch import load_file

from ckgqa.runtime.artefacts import JOINTBERT
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.manifest import read_manifest

CHARACTERS = (
    "《》？是谁导演的过哪些电影几部主有在里妻子今天气怎么样山河星海春秋风云龙虎赵钱孙李周吴郑王明华芳伟娜敏静强ab2"
)
TOKENS = ["[MASK]", "[PAD]", "##山", "[UNK]", "2019", "[CLS]", "[SEP]", *dict.fromkeys(CHARACTERS)]
Made = Callable[..., list[LabelledQuestion]]
Folder = Callable[..., Path]
Small = Callable[..., TrainSettings]


def write_bert(folder: Path, **changed: object) -> Path:
    """Write a BERT of three layers, as its own library saves one, with [PAD] at 1."""
    from transformers import BertConfig, BertModel

    folder.mkdir()
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in TOKENS), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True})
    )
    torch.manual_seed(1)
    sizes: dict[str, object] = {
        "vocab_size": len(TOKENS), "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2,
        "intermediate_size": 64, "max_position_embeddings": 80, "pad_token_id": 1, "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
    }  # fmt: skip
    BertModel(BertConfig(**(sizes | changed)), add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bert(tmp_path_factory.mktemp("berts") / "tiny")


def test_the_pruned_bert_computes_what_the_whole_one_does(tiny_bert: Path):
    from transformers import BertModel

    bert, architecture, vocabulary = pretrained_bert(tiny_bert, layers=6, window=64, dropout=0.0)
    assert (architecture.layers, architecture.positions) == (3, 66)
    assert set(vocabulary.characters) == set(CHARACTERS)
    whole = BertModel.from_pretrained(tiny_bert, add_pooling_layer=False).eval()
    text = "《山河》是谁导演的Ａ😀"
    mine = torch.tensor([[*vocabulary.encode(text), PADDING]])
    plain = text.replace("Ａ", "a")
    tokens = ["[CLS]", *(token if token in TOKENS else "[UNK]" for token in plain), "[SEP]", "[PAD]"]
    theirs = torch.tensor([[TOKENS.index(token) for token in tokens]])
    with torch.inference_mode():
        mask = (mine != PADDING).long()
        states = bert.eval()(input_ids=mine, attention_mask=mask).last_hidden_state
        wanted = whole(input_ids=theirs, attention_mask=mask).last_hidden_state
    torch.testing.assert_close(states[:, :-1], wanted[:, :-1], rtol=0, atol=1e-5)


def test_the_pruned_bert_has_the_first_layers(tiny_bert: Path):
    bert, architecture, _ = pretrained_bert(tiny_bert, layers=2, window=64, dropout=0.0)
    weights = load_file(tiny_bert / "model.safetensors")
    assert architecture.layers == 2
    pruned = bert.state_dict()
    assert not any("layer.2." in name for name in pruned)
    for number in range(2):
        name = f"encoder.layer.{number}.output.dense.weight"
        assert torch.equal(pruned[name], next(v for k, v in weights.items() if k.endswith(name)))


def test_a_window_with_more_positions_than_the_bert_is_refused(tiny_bert: Path):
    with pytest.raises(InputError, match="--window 79: expected at most the 78 characters of this BERT"):
        pretrained_bert(tiny_bert, layers=6, window=79, dropout=0.0)


def test_an_activation_that_the_graph_lacks_is_refused(tmp_path: Path):
    folder = write_bert(tmp_path / "bert", hidden_act="silu")
    with pytest.raises(InputError, match="expected a BERT with one of the activations gelu, relu, not 'silu'"):
        pretrained_bert(folder, layers=6, window=64, dropout=0.0)


def test_a_folder_without_a_bert_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="not a BERT that can be loaded"):
        pretrained_bert(tmp_path / "empty", layers=6, window=64, dropout=0.0)


def test_a_model_on_a_bert_learns_and_loads_without_the_berts_folder(
    tiny_bert: Path, tmp_path: Path, made: Made, questions_folder: Folder, small_settings: Small
):
    data = questions_folder(tmp_path / "questions", made(300), made(60, seed=2))
    train(small_settings(data, tmp_path / "model", encoder=tiny_bert, layers=2, epochs=15))
    assert "tiny" not in (tmp_path / "model" / "config.json").read_text()
    fresh = made(60, seed=9)
    folder = read_model_folder(tmp_path / "model")
    assert folder.config.architecture.layers == 2
    assert score(fresh, load_served(folder).predict([q.text for q in fresh])).exact_match > 0.8


def test_the_berts_weights_have_their_own_learning_rate(
    tiny_bert: Path, tmp_path: Path, made: Made, questions_folder: Folder, small_settings: Small
):
    data = questions_folder(tmp_path / "questions", made(20), made(5))
    key = "encoder.layer.0.output.dense.weight"
    start = next(v for k, v in load_file(tiny_bert / "model.safetensors").items() if k.endswith(key))
    moved = {}
    for name, rate in (("slow", 1e-9), ("fast", 1e-2)):
        train(small_settings(data, tmp_path / name, encoder=tiny_bert, epochs=2, bert_learning_rate=rate))
        trained = load_file(tmp_path / name / "model.safetensors")[f"bert.{key}"]
        moved[name] = float((trained - start).abs().max())
    assert moved["slow"] < 1e-6
    assert moved["fast"] > 1e-4


@pytest.mark.slow
def test_a_pretrained_bert_learns_from_few_questions(
    tmp_path: Path, made: Made, questions_folder: Folder, small_settings: Small
):
    folder = Path(os.environ["CKGQA_TEST_BERT"])  # a folder of a BERT, such as BAAI/bge-small-zh-v1.5
    data = questions_folder(tmp_path / "questions", made(150), made(60, seed=2))
    rates = {"learning_rate": 0.001, "bert_learning_rate": 0.0001}
    train(small_settings(data, tmp_path / "model", encoder=folder, epochs=6, batch_characters=128, **rates))
    for weights in ("served", "trained"):
        places = {name: tmp_path / f"{weights}-{name}" for name in ("report", "intent_accuracy", "slot_f1")}
        evaluate(EvaluateSettings(model=tmp_path / "model", questions=data, weights=weights, **places))  # type: ignore[arg-type]
        assert float(places["intent_accuracy"].read_text()) > 0.95
        assert float(places["slot_f1"].read_text()) > 0.9


def test_an_encoder_is_a_folder_or_nothing(tiny_bert: Path, tmp_path: Path, small_settings: Small):
    (tmp_path / "empty").mkdir()
    encoders = (None, tmp_path / "empty", tiny_bert)
    seen = [small_settings(tmp_path, tmp_path / "model", encoder=encoder).pretrained for encoder in encoders]
    assert seen == [None, None, tiny_bert]
    with pytest.raises(
        InputError,
        match="-zh-v1.5: expected an existing folder. Fetch a BERT of the Hugging Face hub once",
    ):
        small_settings(tmp_path, tmp_path / "model", encoder=Path("BAAI/bge-small-zh-v1.5"))


def test_the_manifest_identifies_the_bert(
    tiny_bert: Path, tmp_path: Path, made: Made, questions_folder: Folder, small_settings: Small
):
    data = questions_folder(tmp_path / "questions", made(20), made(5))
    for name, encoder in (("fresh", None), ("bert", tiny_bert)):
        train(small_settings(data, tmp_path / name, encoder=encoder, epochs=1))
        manifest = read_manifest(tmp_path / name, JOINTBERT)
        assert manifest.settings["encoder"] == name
        assert manifest.inputs.get("encoder") == (tree_hash(encoder) if encoder else None)
