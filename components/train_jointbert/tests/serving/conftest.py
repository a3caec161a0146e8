"""A model folder with random weights, made without torch, because the serving image has none."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from ckgqa_train_jointbert.data.labels import Labels, write_labels
from ckgqa_train_jointbert.data.vocabulary import CharacterVocabulary, write_vocabulary
from ckgqa_train_jointbert.export.onnx_graph import build_graph
from ckgqa_train_jointbert.model.config import BertArchitecture, JointBertConfig, ServedPrecision, write_config

from ckgqa.runtime.artefacts import JOINTBERT
from ckgqa.runtime.manifest import Manifest, write_manifest

SIZES = BertArchitecture(
    hidden_size=32, layers=1, heads=2, inner=64, positions=66, activation="gelu", norm_epsilon=1e-12
)
VOCABULARY = CharacterVocabulary(tuple("《》？谁导演的是吴京战狼2a"))


def random_weights(labels: Labels) -> dict[str, np.ndarray]:
    """Return weights with the names and shapes of the network's."""
    rng = np.random.default_rng(3)

    def linear(name: str, outputs: int, inputs: int) -> dict[str, np.ndarray]:
        weight = rng.normal(size=(outputs, inputs), scale=0.3).astype(np.float32)
        return {f"{name}.weight": weight, f"{name}.bias": rng.normal(size=outputs, scale=0.1).astype(np.float32)}

    def norm(name: str) -> dict[str, np.ndarray]:
        return {f"{name}.weight": np.ones(32, dtype=np.float32), f"{name}.bias": np.zeros(32, dtype=np.float32)}

    layer = "bert.encoder.layer.0."
    weights = norm("bert.embeddings.LayerNorm")
    for name, rows in (("word", len(VOCABULARY)), ("position", 66), ("token_type", 2)):
        table = rng.normal(size=(rows, 32), scale=0.5).astype(np.float32)
        weights[f"bert.embeddings.{name}_embeddings.weight"] = table
    for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
        weights |= linear(layer + name, 32, 32)
    weights |= linear(layer + "intermediate.dense", 64, 32) | linear(layer + "output.dense", 32, 64)
    weights |= norm(layer + "attention.output.LayerNorm") | norm(layer + "output.LayerNorm")
    intents = len(labels.kinds) + 2 * len(labels.step_classes)
    return weights | linear("intents", intents, 32) | linear("tags", len(labels.tags), 32)


@pytest.fixture(scope="session")
def served_model(tmp_path_factory: pytest.TempPathFactory, labels: Labels) -> Path:
    folder = tmp_path_factory.mktemp("served") / "model"
    folder.mkdir()
    write_config(folder, JointBertConfig(SIZES, window=64, temperature=1.5, serving=ServedPrecision("int8", 0.9, 0.9)))
    write_labels(folder, labels)
    write_vocabulary(folder, VOCABULARY)
    onnx.save(build_graph(random_weights(labels), SIZES, "int8"), folder / "model.onnx")
    (folder / "metrics.jsonl").write_text(json.dumps({"epoch": 1}) + "\n")
    write_manifest(folder, Manifest(*JOINTBERT, "c0ffee", "a test"))
    return folder
