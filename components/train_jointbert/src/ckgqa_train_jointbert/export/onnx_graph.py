"""The network as an ONNX graph, written node by node from the trained weights.

No exporter traces it: a BERT is a dozen operators, and a handwritten graph can take the fused ones of ONNX Runtime
(`com.microsoft`: attention, layer norm with its residual, GELU with its bias), which a trace does not reach. With
`int8`, every matrix of a layer is a matrix of 7-bit integers with one scale a column, and the graph quantises the
hidden states dynamically. The integers have 7 bits and not 8 because the sums of two products then never overflow on
processors without VNNI, so that the model predicts the same everywhere.

Source of the operators: ONNX Runtime's ContribOperators.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ckgqa_train_jointbert.data.vocabulary import PADDING
from ckgqa_train_jointbert.model.config import BertArchitecture, Precision

OPSET, IR_VERSION, FUSED = 17, 8, "com.microsoft"
LARGEST_INT = 63  # of signed integers with 7 bits

Weights = Mapping[str, np.ndarray]
"""The tensors of `model.jointbert.JointBert`, by name."""


def build_graph(weights: Weights, architecture: BertArchitecture, precision: Precision) -> onnx.ModelProto:
    """Build the model: ids (B, T + 2) int32 -> intents (B, C) and tags (B, T + 2, K)."""
    graph = _Graph(precision)
    states, lengths = _embeddings(graph, weights, architecture)
    for number in range(architecture.layers):
        prefix = f"bert.encoder.layer.{number}."
        of_layer = {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
        states = _Layer(graph, of_layer, architecture, prefix).add(states, lengths)
    first = graph.node("Gather", [states, graph.tensor("first", np.array(0, dtype=np.int64))], axis=1)
    _head(graph, weights, "intents", first)
    _head(graph, weights, "tags", states)
    return graph.model()


class _Graph:
    """Nodes and tensors of a graph under construction; a node has the name of its output."""

    def __init__(self, precision: Precision) -> None:
        self.int8 = precision == "int8"
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}

    def tensor(self, name: str, value: np.ndarray) -> str:
        """Add a constant and return its name."""
        self._tensors[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def node(
        self, kind: str, inputs: Sequence[str], *, fused: bool = False, output: str = "", **settings: float
    ) -> str:
        """Add an operator with one output and return that output's name."""
        name = output or f"{kind}-{len(self._nodes)}"
        self.nodes(kind, inputs, [name], fused=fused, **settings)
        return name

    def nodes(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str], *, fused: bool = False, **settings: float
    ) -> None:
        """Add an operator with named outputs."""
        domain = FUSED if fused else ""
        node = helper.make_node(kind, inputs, outputs, name=outputs[0], domain=domain)
        node.attribute.extend(helper.make_attribute(name, value) for name, value in sorted(settings.items()))
        self._nodes.append(node)

    def product(self, states: str, name: str, matrix: np.ndarray) -> str:
        """Multiply by a matrix (inputs, outputs), which an int8 graph quantises."""
        if not self.int8:
            return self.node("MatMul", [states, self.tensor(name, matrix)])
        integers, scales = quantise(matrix)
        inputs = [states, self.tensor(name, integers), self.tensor(f"{name}.scale", scales)]
        return self.node("DynamicQuantizeMatMul", inputs, fused=True)

    def model(self) -> onnx.ModelProto:
        """Build the model; its outputs are as wide as the heads' biases."""
        classes = {name: self._tensors[f"{name}.bias"].dims[0] for name in ("intents", "tags")}
        ids = helper.make_tensor_value_info("ids", TensorProto.INT32, ["questions", "positions"])
        intents = helper.make_tensor_value_info("intents", TensorProto.FLOAT, ["questions", classes["intents"]])
        tags = helper.make_tensor_value_info("tags", TensorProto.FLOAT, ["questions", "positions", classes["tags"]])
        graph = helper.make_graph(self._nodes, "jointbert", [ids], [intents, tags], list(self._tensors.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="ckgqa")


def quantise(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quantise a matrix to integers of -63 to 63, (inputs, outputs) int8, and one scale a column, (outputs,)."""
    scales = np.maximum(np.abs(matrix).max(axis=0), np.finfo(np.float32).tiny) / LARGEST_INT
    return np.rint(matrix / scales).astype(np.int8), scales.astype(np.float32)


def _embeddings(graph: _Graph, weights: Weights, architecture: BertArchitecture) -> tuple[str, str]:
    """Embed the characters; return the names of the states and of the lengths, [CLS] and [SEP] included."""
    table = {name: weights[f"bert.embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")}
    padding = graph.tensor("padding", np.array(PADDING, dtype=np.int32))
    mask = graph.node("Cast", [graph.node("Greater", ["ids", padding])], to=TensorProto.INT32)
    # A question has one segment, so that every position embedding can include the embedding of segment 0.
    inputs = [
        "ids", "",
        graph.tensor("word", table["word"]), graph.tensor("position", table["position"] + table["token_type"][0]), "",
        graph.tensor("embeddings.gamma", weights["bert.embeddings.LayerNorm.weight"]),
        graph.tensor("embeddings.beta", weights["bert.embeddings.LayerNorm.bias"]),
        mask,
    ]  # fmt: skip
    graph.nodes(
        "EmbedLayerNormalization", inputs, ["embedded", "lengths"], fused=True, epsilon=architecture.norm_epsilon
    )
    return "embedded", "lengths"


@dataclass(frozen=True)
class _Layer:
    """A layer: attention, then the feed-forward network, each with its residual and layer norm."""

    graph: _Graph
    weights: Weights
    """The tensors of the layer, by their names within it."""
    architecture: BertArchitecture
    prefix: str
    """Prefix of the names of its tensors in the graph."""

    def add(self, states: str, lengths: str) -> str:
        """Add the layer behind `states`, (B, T + 2, hidden), and return the name of its output."""
        attended = self._product(self._attention(states, lengths), "attention.output.dense.weight")
        states = self._norm(attended, states, "attention.output")
        inner = self._product(states, "intermediate.dense.weight")
        bias = self._tensor("intermediate.dense.bias")
        if self.architecture.activation == "gelu":
            inner = self.graph.node("BiasGelu", [inner, bias], fused=True)
        else:
            inner = self.graph.node("Relu", [self.graph.node("Add", [inner, bias])])
        return self._norm(self._product(inner, "output.dense.weight"), states, "output")

    def _attention(self, states: str, lengths: str) -> str:
        """Add the self-attention; query, key and value are one matrix, side by side."""
        parts = [f"attention.self.{name}" for name in ("query", "key", "value")]
        matrix = np.concatenate([self.weights[f"{part}.weight"].T for part in parts], axis=1)  # (hidden, 3 * hidden)
        bias = self._constant("attention.bias", np.concatenate([self.weights[f"{part}.bias"] for part in parts]))
        heads = self.architecture.heads
        if not self.graph.int8:
            inputs = [states, self._constant("attention", matrix), bias, lengths]
            return self.graph.node("Attention", inputs, fused=True, num_heads=heads)
        integers, scales = quantise(matrix)
        quantised, state_scale, state_zero = (f"{self.prefix}states{part}" for part in ("", ".scale", ".zero"))
        self.graph.nodes("DynamicQuantizeLinear", [states], [quantised, state_scale, state_zero])
        weight, weight_scale = self._constant("attention", integers), self._constant("attention.scale", scales)
        inputs = [quantised, weight, bias, state_scale, weight_scale, lengths, state_zero]
        return self.graph.node("QAttention", inputs, fused=True, num_heads=heads)

    def _norm(self, changed: str, before: str, name: str) -> str:
        """Add the residual `before` and the bias of the last matrix, and normalize the sum."""
        constants = [self._tensor(f"{name}.{part}") for part in ("LayerNorm.weight", "LayerNorm.bias", "dense.bias")]
        epsilon = self.architecture.norm_epsilon
        return self.graph.node("SkipLayerNormalization", [changed, before, *constants], fused=True, epsilon=epsilon)

    def _product(self, states: str, name: str) -> str:
        return self.graph.product(states, self.prefix + name, self.weights[name].T)

    def _tensor(self, name: str) -> str:
        return self._constant(name, self.weights[name])

    def _constant(self, name: str, value: np.ndarray) -> str:
        return self.graph.tensor(self.prefix + name, value)


def _head(graph: _Graph, weights: Weights, name: str, states: str) -> None:
    """Add a head, always in single precision: it is small, and it decides the prediction."""
    scores = graph.node("MatMul", [states, graph.tensor(f"{name}.weight", weights[f"{name}.weight"].T)])
    graph.node("Add", [scores, graph.tensor(f"{name}.bias", weights[f"{name}.bias"])], output=name)
