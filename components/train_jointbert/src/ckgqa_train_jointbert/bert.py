"""The BERT inside the model: fresh and small, or a pretrained one, cut down to what a model of characters needs."""

from dataclasses import replace

import torch
from torch import nn

from ckgqa.runtime.errors import InputError
from ckgqa.training.berts import Pretrained, load_pretrained
from ckgqa_train_jointbert.config import ACTIVATIONS, Architecture
from ckgqa_train_jointbert.vocabulary import SPECIAL_TOKENS, Vocabulary

NORM_EPSILON = 1e-12  # as in every published BERT
SEGMENTS = 2  # a published BERT tells two texts apart; here all is the first


def build_bert(architecture: Architecture, characters: int, dropout: float) -> nn.Module:
    """Make a BERT with random weights, without its pooler.

    Args:
        architecture: its sizes.
        characters: rows of its embeddings, the special ones counted.
        dropout: share of states that a training step leaves out.
    """
    # Imported here: it takes seconds, and reading a model's figures has no use for it.
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    config = BertConfig(
        vocab_size=characters,
        hidden_size=architecture.hidden,
        num_hidden_layers=architecture.layers,
        num_attention_heads=architecture.heads,
        intermediate_size=architecture.inner,
        max_position_embeddings=architecture.positions,
        layer_norm_eps=architecture.norm_epsilon,
        hidden_act=architecture.activation,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        type_vocab_size=SEGMENTS,
    )
    made: nn.Module = BertModel(config, add_pooling_layer=False)
    return made


def fresh_architecture(hidden: int, layers: int, heads: int, window: int) -> Architecture:
    """Give the sizes of a BERT that trains from nothing, proportioned like the published ones."""
    return Architecture(hidden, layers, heads, 4 * hidden, window + 2, "gelu", NORM_EPSILON)


def pretrained_bert(
    source: str, layers: int, window: int, dropout: float
) -> tuple[nn.Module, Architecture, Vocabulary]:
    """Load a pretrained BERT and keep of it what is needed.

    That is: its first layers, the embeddings of single characters, and the positions of a window. The longer tokens of
    its vocabulary, most of its embeddings, are never looked up here.

    Args:
        source: its folder.
        layers: most layers that are kept.
        window: most characters of a question.
        dropout: share of states that a training step leaves out.

    Raises:
        InputError: there is no such BERT, it sees fewer characters than `window`, or its activation is not served.
    """
    found = load_pretrained(source, needed=SPECIAL_TOKENS)
    architecture = _architecture(found, layers)
    if found.longest < window:
        raise InputError(f"--window {window}: this BERT sees {found.longest} characters at most")
    if architecture.activation not in ACTIVATIONS:
        raise InputError(
            f"--encoder {source}: its activation {architecture.activation!r} is none of those that can be served: "
            f"{', '.join(ACTIVATIONS)}"
        )
    architecture = replace(architecture, positions=window + 2)
    vocabulary = Vocabulary(tuple(found.characters))
    bert = build_bert(architecture, len(vocabulary), dropout)
    bert.load_state_dict(_kept_weights(found, bert, architecture, vocabulary))
    return bert, architecture, vocabulary


def _architecture(found: Pretrained, layers: int) -> Architecture:
    config = found.bert.config
    return Architecture(
        hidden=config.hidden_size,
        layers=min(layers, config.num_hidden_layers),
        heads=config.num_attention_heads,
        inner=config.intermediate_size,
        positions=config.max_position_embeddings,
        activation=config.hidden_act,
        norm_epsilon=config.layer_norm_eps,
    )


def _kept_weights(
    found: Pretrained, bert: nn.Module, architecture: Architecture, vocabulary: Vocabulary
) -> dict[str, torch.Tensor]:
    """Take the weights that the smaller BERT has too, and of two embeddings the rows that it keeps."""
    weights: dict[str, torch.Tensor] = found.bert.state_dict()
    kept = {name: weights[name] for name in bert.state_dict()}
    rows = torch.tensor([found.entries[token] for token in (*SPECIAL_TOKENS, *vocabulary.characters)])
    for name, part in (("word", rows), ("position", torch.arange(architecture.positions))):
        key = f"embeddings.{name}_embeddings.weight"
        kept[key] = weights[key][part]
    return kept
