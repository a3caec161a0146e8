"""The network as an ONNX graph, written node by node from the trained weights.

No exporter traces it: a BERT is a dozen operators, and written out it takes the fused ones of ONNX Runtime
(`com.microsoft`: attention, layer norm with its residual, GELU with its bias), which a trace does not reach. With
`int8`, every matrix of a layer is held as 7-bit integers, one scale a column, and what flows in is quantised as it
comes. 7 bits and not 8: the sums of two products then never overflow on processors without VNNI, so that the model
answers the same everywhere.

Source of the operators: ONNX Runtime's ContribOperators.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ckgqa_train_jointbert.config import Architecture, Precision
from ckgqa_train_jointbert.vocabulary import PADDING

OPSET, IR_VERSION, FUSED = 17, 8, "com.microsoft"
LARGEST_INT = 63  # of 7 bits with a sign

Weights = Mapping[str, np.ndarray]
"""The tensors of `model.JointBert`, by name."""


def build_graph(weights: Weights, architecture: Architecture, precision: Precision) -> onnx.ModelProto:
    """Build the model: ids (B, T + 2) int32 -> intents (B, C) and tags (B, T + 2, K)."""
    graph = _Graph(precision)
    states, lengths = _embeddings(graph, weights, architecture)
    for number in range(architecture.layers):
        prefix = f"bert.encoder.layer.{number}."
        held = {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
        states = _Layer(graph, held, architecture, prefix).add(states, lengths)
    first = graph.node("Gather", [states, graph.tensor("first", np.array(0, dtype=np.int64))], axis=1)
    _head(graph, weights, "intents", first)
    _head(graph, weights, "tags", states)
    return graph.model()


class _Graph:
    """Nodes and tensors under construction; every node is named by its output."""

    def __init__(self, precision: Precision) -> None:
        self.int8 = precision == "int8"
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}

    def tensor(self, name: str, value: np.ndarray) -> str:
        """Hold a constant and give its name."""
        self._tensors[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def node(
        self, kind: str, inputs: Sequence[str], *, fused: bool = False, output: str = "", **settings: float
    ) -> str:
        """Add an operator with one output and give that output's name."""
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
        """Multiply by a matrix (inputs, outputs), quantised where the graph is."""
        if not self.int8:
            return self.node("MatMul", [states, self.tensor(name, matrix)])
        whole, scales = quantise(matrix)
        inputs = [states, self.tensor(name, whole), self.tensor(f"{name}.scale", scales)]
        return self.node("DynamicQuantizeMatMul", inputs, fused=True)

    def model(self) -> onnx.ModelProto:
        """Close the graph; the outputs are as wide as the heads' biases."""
        classes = {name: self._tensors[f"{name}.bias"].dims[0] for name in ("intents", "tags")}
        ids = helper.make_tensor_value_info("ids", TensorProto.INT32, ["questions", "positions"])
        intents = helper.make_tensor_value_info("intents", TensorProto.FLOAT, ["questions", classes["intents"]])
        tags = helper.make_tensor_value_info("tags", TensorProto.FLOAT, ["questions", "positions", classes["tags"]])
        graph = helper.make_graph(self._nodes, "jointbert", [ids], [intents, tags], list(self._tensors.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="ckgqa")


def quantise(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hold a matrix as whole numbers of -63 to 63, (inputs, outputs) int8, and one scale a column, (outputs,)."""
    scales = np.maximum(np.abs(matrix).max(axis=0), np.finfo(np.float32).tiny) / LARGEST_INT
    return np.rint(matrix / scales).astype(np.int8), scales.astype(np.float32)


def _embeddings(graph: _Graph, weights: Weights, architecture: Architecture) -> tuple[str, str]:
    """Embed the characters; gives the states and the lengths, [CLS] and [SEP] counted."""
    table = {name: weights[f"bert.embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")}
    padding = graph.tensor("padding", np.array(PADDING, dtype=np.int32))
    there = graph.node("Cast", [graph.node("Greater", ["ids", padding])], to=TensorProto.INT32)
    # A question is one segment, so that the embedding of segment 0 is a part of every position's.
    inputs = [
        "ids", "",
        graph.tensor("word", table["word"]), graph.tensor("position", table["position"] + table["token_type"][0]), "",
        graph.tensor("embeddings.gamma", weights["bert.embeddings.LayerNorm.weight"]),
        graph.tensor("embeddings.beta", weights["bert.embeddings.LayerNorm.bias"]),
        there,
    ]  # fmt: skip
    graph.nodes(
        "EmbedLayerNormalization", inputs, ["embedded", "lengths"], fused=True, epsilon=architecture.norm_epsilon
    )
    return "embedded", "lengths"


@dataclass(frozen=True)
class _Layer:
    """One layer: attention, then the feed-forward part, each added to what came in and normed."""

    graph: _Graph
    weights: Weights
    """Its tensors, by their names within the layer."""
    architecture: Architecture
    prefix: str
    """Begins the names of its tensors in the graph."""

    def add(self, states: str, lengths: str) -> str:
        """Add it behind `states`, (B, T + 2, hidden), and give the name of what comes out."""
        seen = self._product(self._attention(states, lengths), "attention.output.dense.weight")
        states = self._norm(seen, states, "attention.output")
        inner = self._product(states, "intermediate.dense.weight")
        bias = self._tensor("intermediate.dense.bias")
        if self.architecture.activation == "gelu":
            inner = self.graph.node("BiasGelu", [inner, bias], fused=True)
        else:
            inner = self.graph.node("Relu", [self.graph.node("Add", [inner, bias])])
        return self._norm(self._product(inner, "output.dense.weight"), states, "output")

    def _attention(self, states: str, lengths: str) -> str:
        """Let every position look at all of its question; query, key and value are one matrix, side by side."""
        parts = [f"attention.self.{name}" for name in ("query", "key", "value")]
        matrix = np.concatenate([self.weights[f"{part}.weight"].T for part in parts], axis=1)  # (hidden, 3 * hidden)
        bias = self._hold("attention.bias", np.concatenate([self.weights[f"{part}.bias"] for part in parts]))
        heads = self.architecture.heads
        if not self.graph.int8:
            inputs = [states, self._hold("attention", matrix), bias, lengths]
            return self.graph.node("Attention", inputs, fused=True, num_heads=heads)
        whole, scales = quantise(matrix)
        flowing = [f"{self.prefix}states{part}" for part in ("", ".scale", ".zero")]
        self.graph.nodes("DynamicQuantizeLinear", [states], flowing)
        held = self._hold("attention", whole), self._hold("attention.scale", scales)
        inputs = [flowing[0], held[0], bias, flowing[1], held[1], lengths, flowing[2]]
        return self.graph.node("QAttention", inputs, fused=True, num_heads=heads)

    def _norm(self, changed: str, before: str, name: str) -> str:
        """Add what was there before, and the bias of the matrix that the change came from, and norm the sum."""
        held = [self._tensor(f"{name}.{part}") for part in ("LayerNorm.weight", "LayerNorm.bias", "dense.bias")]
        epsilon = self.architecture.norm_epsilon
        return self.graph.node("SkipLayerNormalization", [changed, before, *held], fused=True, epsilon=epsilon)

    def _product(self, states: str, name: str) -> str:
        return self.graph.product(states, self.prefix + name, self.weights[name].T)

    def _tensor(self, name: str) -> str:
        return self._hold(name, self.weights[name])

    def _hold(self, name: str, value: np.ndarray) -> str:
        return self.graph.tensor(self.prefix + name, value)


def _head(graph: _Graph, weights: Weights, name: str, states: str) -> None:
    """Add a head, always in single precision: it is small, and it decides."""
    scores = graph.node("MatMul", [states, graph.tensor(f"{name}.weight", weights[f"{name}.weight"].T)])
    graph.node("Add", [scores, graph.tensor(f"{name}.bias", weights[f"{name}.bias"])], output=name)
