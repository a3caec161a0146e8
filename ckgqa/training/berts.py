"""Pretrained BERTs of transformers: any folder that loads as a BERT, used character by character."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ckgqa.runtime.errors import InputError
from ckgqa.training.bert_folder import SPECIAL_TOKENS, check_bert_folder, check_vocabulary


@dataclass(frozen=True)
class Pretrained:
    """A published BERT with its vocabulary."""

    bert: Any
    """transformers' BertModel without its pooler, single precision."""
    entries: dict[str, int]
    """Its whole vocabulary: token -> id."""

    @property
    def characters(self) -> dict[str, int]:
        """The tokens that are single characters, with their ids."""
        return {token: number for token, number in sorted(self.entries.items()) if len(token) == 1}

    @property
    def longest(self) -> int:
        """Maximum number of characters that the BERT sees at once, [CLS] and [SEP] left out."""
        return int(self.bert.config.max_position_embeddings) - 2


def load_pretrained(source: str, needed: tuple[str, ...] = SPECIAL_TOKENS) -> Pretrained:
    """Load a pretrained BERT and its vocabulary.

    Args:
        source: its folder, the value of `--encoder`.
        needed: special tokens that the vocabulary must have.

    Raises:
        InputError: the folder holds no BERT, or a vocabulary that is not one of BERT's.
    """
    check_bert_folder(Path(source), needed)
    # Imported here: it takes seconds, and a training from scratch has no use for it.
    from transformers import AutoTokenizer, BertModel  # noqa: PLC0415

    try:
        bert = BertModel.from_pretrained(source, add_pooling_layer=False, dtype=torch.float32, local_files_only=True)
        entries: dict[str, int] = AutoTokenizer.from_pretrained(source, local_files_only=True).get_vocab()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"--encoder {source}: not a BERT that can be loaded ({error})") from error
    check_vocabulary(source, entries, bert.config.vocab_size, needed)
    return Pretrained(bert, entries)
