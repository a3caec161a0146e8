"""Building a CasRel from its configuration: new, or with the sizes of a model folder."""

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.data.vocabulary import UNKNOWN, CasRelVocabulary, learn_vocabulary
from ckgqa_train_casrel.early_checks import check_attention_heads, check_window
from ckgqa_train_casrel.model.bert import BertEncoder, build_bert, load_bert
from ckgqa_train_casrel.model.casrel import CasRel
from ckgqa_train_casrel.model.config import CasRelArchitecture
from ckgqa_train_casrel.model.encoder import BilstmEncoder
from ckgqa_train_casrel.settings import TrainSettings


def build_new_encoder(
    settings: TrainSettings, sentences: Sequence[LabelledSentence]
) -> tuple[nn.Module, CasRelVocabulary]:
    """Build the encoder that the settings name, with its vocabulary.

    Args:
        settings: which encoder to build, and how large.
        sentences: the training split, from which a BiLSTM's vocabulary is learnt.

    Raises:
        InputError: the folder holds no BERT, or a BERT that sees fewer characters than `window`.
    """
    if settings.pretrained is None:
        texts = (sentence.text for sentence in sentences)
        vocabulary = learn_vocabulary(texts, settings.min_count, settings.max_bigrams, settings.min_bigram_count)
        return build_bilstm(architecture_of(settings), vocabulary), vocabulary
    bert, vocabulary = load_bert(settings.pretrained)
    check_window(settings.window, bert.longest_window)
    return bert, vocabulary


def build_bilstm(architecture: CasRelArchitecture, vocabulary: CasRelVocabulary) -> BilstmEncoder:
    """Build a BiLSTM encoder for a vocabulary."""
    characters = max(vocabulary.characters.values(), default=UNKNOWN) + 1
    return BilstmEncoder(architecture, characters, bigrams=len(vocabulary.bigrams) + UNKNOWN + 1)


def build_saved_encoder(folder: Path, architecture: CasRelArchitecture, vocabulary: CasRelVocabulary) -> nn.Module:
    """Build the encoder of a model folder, its weights still random."""
    return build_bert(folder) if architecture.encoder == "bert" else build_bilstm(architecture, vocabulary)


def build_casrel(encoder: nn.Module, architecture: CasRelArchitecture, unknown: int, labels: int) -> CasRel:
    """Build the taggers on an encoder.

    Raises:
        InputError: the number of self-attention heads does not divide the size of the encoder's states.
    """
    hidden_size = encoder.hidden_size if isinstance(encoder, BertEncoder) else architecture.hidden_size
    check_attention_heads(architecture.attention_heads, hidden_size)
    return CasRel(encoder, hidden_size, architecture, unknown, labels)


def architecture_of(settings: TrainSettings) -> CasRelArchitecture:
    """Extract the architecture from the settings."""
    return CasRelArchitecture(
        encoder="bert" if settings.pretrained else "bilstm",
        hidden_size=settings.hidden_size,
        layers=settings.layers,
        attention_heads=settings.attention_heads,
        char_embedding_dim=settings.char_embedding_dim,
        bigram_embedding_dim=settings.bigram_embedding_dim,
        char_type_embedding_dim=settings.char_type_embedding_dim,
        dropout=settings.dropout,
        character_dropout=settings.character_dropout,
        subject_join=settings.subject_join,
    )
