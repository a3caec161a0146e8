"""The served graph agrees with the network: exactly in single precision, nearly in int8."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.vocabulary import CLS, SEP
from ckgqa_train_jointbert.export.onnx_graph import LARGEST_INT, build_graph, quantise
from ckgqa_train_jointbert.inference.onnx_engine import OnnxEngine
from ckgqa_train_jointbert.inference.predictor import pad
from ckgqa_train_jointbert.inference.torch_engine import TorchEngine
from ckgqa_train_jointbert.model.bert import build_bert, fresh_architecture
from ckgqa_train_jointbert.model.config import BertArchitecture, Precision
from ckgqa_train_jointbert.model.jointbert import JointBert

from ckgqa.runtime.errors import InputError

CHARACTERS = 200
SIZES = fresh_architecture(hidden_size=48, layers=2, heads=3, window=30)


def network(labels: Labels, sizes: BertArchitecture) -> JointBert:
    """Build a network whose weights are large enough to differ visibly."""
    torch.manual_seed(4)
    bert = build_bert(sizes, CHARACTERS, dropout=0.0)
    model = JointBert(bert, sizes.hidden_size, labels, dropout=0.0, character_dropout=0.0, slot_weight=1.0).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, mean=float(parameter.detach().mean()), std=0.15)
    return model


def questions() -> np.ndarray:
    rng = np.random.default_rng(1)
    return pad([[CLS, *rng.integers(4, CHARACTERS, size=size).tolist(), SEP] for size in (30, 1, 12, 7)])


def served(model: JointBert, sizes: BertArchitecture, precision: Precision, folder: Path) -> OnnxEngine:
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    onnx.save(build_graph(weights, sizes, precision), folder / f"{precision}.onnx")
    return OnnxEngine(folder / f"{precision}.onnx", threads=1)


@pytest.mark.parametrize("activation", ["gelu", "relu"])
def test_single_precision_is_exact_whatever_the_lengths(tmp_path: Path, labels: Labels, activation: str):
    sizes = replace(SIZES, activation=activation)
    model, ids = network(labels, sizes), questions()
    expected = TorchEngine(model, torch.device("cpu")).run(ids)
    actual = served(model, sizes, "fp32", tmp_path).run(ids)
    is_character = ids[:, 2:] != 0  # [SEP] is two positions behind the last character
    assert actual.intents.shape == expected.intents.shape
    assert actual.intents == pytest.approx(expected.intents, abs=1e-4)
    assert actual.tags.shape == expected.tags.shape
    assert actual.tags[is_character] == pytest.approx(expected.tags[is_character], abs=1e-4)


def test_int8_is_near_and_a_quarter_of_the_size(tmp_path: Path, labels: Labels):
    sizes = fresh_architecture(hidden_size=256, layers=2, heads=4, window=30)
    model, ids = network(labels, sizes), questions()
    exact, small = (served(model, sizes, precision, tmp_path).run(ids) for precision in ("fp32", "int8"))
    assert np.corrcoef(exact.intents.ravel(), small.intents.ravel())[0, 1] > 0.99
    assert (exact.tags.argmax(-1) == small.tags.argmax(-1))[ids[:, 2:] != 0].mean() > 0.9
    large, less = ((tmp_path / f"{precision}.onnx").stat().st_size for precision in ("fp32", "int8"))
    assert less < 0.32 * large


def test_a_column_becomes_integers_of_seven_bits_with_a_scale_of_its_own():
    integers, scales = quantise(np.array([[1.0, -0.5, 0.0], [0.25, 0.125, 0.0]], dtype=np.float32))
    assert integers.dtype == np.int8
    assert integers.tolist() == [[LARGEST_INT, -LARGEST_INT, 0], [16, 16, 0]]
    assert scales[:2] == pytest.approx([1 / 63, 0.5 / 63])


def test_a_file_that_is_missing_or_no_model_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="is missing, so there is nothing to run"):
        OnnxEngine(tmp_path / "model.onnx")
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(InputError, match="not a model that ONNX Runtime can run"):
        OnnxEngine(tmp_path / "model.onnx")
