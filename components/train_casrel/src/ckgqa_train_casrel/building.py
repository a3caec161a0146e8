"""Builds a CasRel from its configuration, fresh or from a model folder."""

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from ckgqa.runtime.errors import InputError
from ckgqa_train_casrel.bert import BertEncoder, build_bert, load_bert, longest_window
from ckgqa_train_casrel.config import Architecture, ModelConfig
from ckgqa_train_casrel.encoder import BilstmEncoder
from ckgqa_train_casrel.model import CasRel
from ckgqa_train_casrel.records import Sentence
from ckgqa_train_casrel.settings import TrainSettings
from ckgqa_train_casrel.vocabulary import UNKNOWN, Vocabulary, learn_vocabulary

MANY_HEADS = 16  # as far as a message counts numbers that would be right


def new_encoder(settings: TrainSettings, sentences: Sequence[Sentence]) -> tuple[nn.Module, Vocabulary]:
    """Make the encoder that the settings name, with its vocabulary.

    Args:
        settings: what to build.
        sentences: the training split, from which a BiLSTM's vocabulary is learnt.

    Raises:
        InputError: no such BERT, or one that sees fewer characters than `window`.
    """
    if settings.pretrained is None:
        vocabulary = learn_vocabulary(
            (s.text for s in sentences), settings.min_count, settings.max_pairs, settings.min_pair_count
        )
        return bilstm(architecture_of(settings), vocabulary), vocabulary
    bert, vocabulary = load_bert(settings.pretrained)
    if longest_window(bert) < settings.window:
        raise InputError(f"--window {settings.window}: this BERT sees {longest_window(bert)} characters at most")
    return bert, vocabulary


def bilstm(architecture: Architecture, vocabulary: Vocabulary) -> BilstmEncoder:
    """Make a BiLSTM encoder for a vocabulary."""
    characters = max(vocabulary.characters.values(), default=UNKNOWN) + 1
    return BilstmEncoder(architecture, characters, pairs=len(vocabulary.pairs) + UNKNOWN + 1)


def saved_encoder(folder: Path, config: ModelConfig, vocabulary: Vocabulary) -> nn.Module:
    """Make the encoder of a model folder, its weights still random."""
    if config.architecture.encoder == "bert":
        return build_bert(folder)
    return bilstm(config.architecture, vocabulary)


def casrel(encoder: nn.Module, architecture: Architecture, unknown: int, labels: int) -> CasRel:
    """Put the taggers on an encoder.

    Raises:
        InputError: the heads of the self-attention cannot share the encoder's states evenly.
    """
    hidden = encoder.hidden if isinstance(encoder, BertEncoder) else architecture.hidden
    if hidden % architecture.attention_heads:
        divisors = ", ".join(str(heads) for heads in range(1, MANY_HEADS + 1) if hidden % heads == 0)
        raise InputError(
            f"--attention-heads {architecture.attention_heads}: the encoder's states have a size of {hidden}, and a "
            f"divisor of that is expected, such as {divisors}"
        )
    return CasRel(encoder, hidden, architecture, unknown, labels)


def architecture_of(settings: TrainSettings) -> Architecture:
    """Take the architecture out of the settings."""
    return Architecture(
        encoder="bert" if settings.pretrained else "bilstm",
        hidden=settings.hidden,
        layers=settings.layers,
        attention_heads=settings.attention_heads,
        character_size=settings.character_size,
        pair_size=settings.pair_size,
        kind_size=settings.kind_size,
        dropout=settings.dropout,
        character_dropout=settings.character_dropout,
        subject_join=settings.subject_join,
    )
