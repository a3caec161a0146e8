"""Pretrained BERTs of transformers: any folder that loads as a BERT, used character by character."""

from dataclasses import dataclass
from typing import Any

import torch

from ckgqa.runtime.errors import InputError


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


def load_pretrained(source: str, needed: tuple[str, ...] = ("[CLS]", "[SEP]", "[UNK]")) -> Pretrained:
    """Load a pretrained BERT and its vocabulary.

    Args:
        source: its folder, the value of `--encoder`.
        needed: special tokens that the vocabulary must have.

    Raises:
        InputError: the folder holds no BERT, or a vocabulary that is not one of BERT's.
    """
    # Imported here: it takes seconds, and a training from scratch has no use for it.
    from transformers import AutoTokenizer, BertModel  # noqa: PLC0415

    try:
        bert = BertModel.from_pretrained(source, add_pooling_layer=False, dtype=torch.float32, local_files_only=True)
        entries: dict[str, int] = AutoTokenizer.from_pretrained(source, local_files_only=True).get_vocab()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"--encoder {source}: not a BERT that can be loaded ({error})") from error
    pretrained = Pretrained(bert, entries)
    missing = [token for token in needed if token not in entries]
    # Without vocabulary files the library makes a vocabulary of special tokens alone: every character would be unknown.
    if missing or not pretrained.characters or len(entries) > bert.config.vocab_size:
        raise InputError(
            f"--encoder {source}: its vocabulary has {len(entries)} tokens for {bert.config.vocab_size} embeddings, "
            f"{len(pretrained.characters)} single characters among them, and lacks {missing}; the vocab.txt or "
            "tokenizer.json that came with the weights is expected beside them"
        )
    return pretrained
