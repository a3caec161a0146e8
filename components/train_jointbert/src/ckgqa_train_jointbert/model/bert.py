"""The BERT inside the model: a small one that trains from scratch, or a pretrained one, pruned for characters."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from ckgqa.training.berts import Pretrained, load_pretrained
from ckgqa_train_jointbert.data.vocabulary import SPECIAL_TOKENS, CharacterVocabulary
from ckgqa_train_jointbert.model.config import BertArchitecture, check_fit

NORM_EPSILON = 1e-12  # as in every published BERT
SEGMENTS = 2  # a published BERT distinguishes two texts; a question is always the first


def build_bert(architecture: BertArchitecture, characters: int, dropout: float) -> nn.Module:
    """Build a BERT with random weights and without its pooler.

    Args:
        architecture: its sizes.
        characters: rows of its embeddings, the special tokens included.
        dropout: dropout probability of the hidden states.
    """
    # Imported here because it takes seconds, and reading a model's configuration does not need it.
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    config = BertConfig(
        vocab_size=characters,
        hidden_size=architecture.hidden_size,
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
    bert: nn.Module = BertModel(config, add_pooling_layer=False)
    return bert


def fresh_architecture(hidden_size: int, layers: int, heads: int, window: int) -> BertArchitecture:
    """Return the sizes of a BERT that trains from scratch, in the proportions of the published ones."""
    return BertArchitecture(hidden_size, layers, heads, 4 * hidden_size, window + 2, "gelu", NORM_EPSILON)


def pretrained_bert(
    folder: Path, layers: int, window: int, dropout: float
) -> tuple[nn.Module, BertArchitecture, CharacterVocabulary]:
    """Load a pretrained BERT and prune it.

    The pruned BERT has the first layers, the embeddings of single characters, and the positions of a window. The longer
    tokens of the vocabulary, most of the embeddings, are never looked up here.

    Args:
        folder: the pretrained BERT.
        layers: maximum number of layers.
        window: maximum characters of a question.
        dropout: dropout probability of the hidden states.

    Raises:
        InputError: the folder holds no BERT, or its BERT has fewer positions than `window` or an activation that the
            exported graph lacks.
    """
    pretrained = load_pretrained(str(folder), needed=SPECIAL_TOKENS)
    architecture = _read_architecture(pretrained, layers)
    check_fit(folder, window, pretrained.longest, architecture.activation)
    architecture = replace(architecture, positions=window + 2)
    vocabulary = CharacterVocabulary(tuple(pretrained.characters))
    bert = build_bert(architecture, len(vocabulary), dropout)
    bert.load_state_dict(_pruned_weights(pretrained, bert, architecture, vocabulary))
    return bert, architecture, vocabulary


def _read_architecture(pretrained: Pretrained, layers: int) -> BertArchitecture:
    config = pretrained.bert.config
    return BertArchitecture(
        hidden_size=config.hidden_size,
        layers=min(layers, config.num_hidden_layers),
        heads=config.num_attention_heads,
        inner=config.intermediate_size,
        positions=config.max_position_embeddings,
        activation=config.hidden_act,
        norm_epsilon=config.layer_norm_eps,
    )


def _pruned_weights(
    pretrained: Pretrained, bert: nn.Module, architecture: BertArchitecture, vocabulary: CharacterVocabulary
) -> dict[str, torch.Tensor]:
    """Select the weights that the pruned BERT has too, and the rows of two embeddings that it needs."""
    weights: dict[str, torch.Tensor] = pretrained.bert.state_dict()
    pruned = {name: weights[name] for name in bert.state_dict()}
    rows = torch.tensor([pretrained.entries[token] for token in (*SPECIAL_TOKENS, *vocabulary.characters)])
    for name, part in (("word", rows), ("position", torch.arange(architecture.positions))):
        key = f"embeddings.{name}_embeddings.weight"
        pruned[key] = weights[key][part]
    return pruned
