"""Pretrained BERTs of transformers: any folder that loads as one, read character by character."""

from dataclasses import dataclass
from typing import Any

import torch

from ckgqa.runtime.errors import InputError


@dataclass(frozen=True)
class Pretrained:
    """A BERT as it was published."""

    bert: Any
    """transformers' BertModel without its pooler, single precision."""
    entries: dict[str, int]
    """Its whole vocabulary: token -> id."""

    @property
    def characters(self) -> dict[str, int]:
        """Give the tokens that are single characters, with their ids."""
        return {token: number for token, number in sorted(self.entries.items()) if len(token) == 1}

    @property
    def longest(self) -> int:
        """Give the most characters that it sees at once, [CLS] and [SEP] left out."""
        return int(self.bert.config.max_position_embeddings) - 2


def load_pretrained(source: str, needed: tuple[str, ...] = ("[CLS]", "[SEP]", "[UNK]")) -> Pretrained:
    """Load a pretrained BERT and its vocabulary.

    Args:
        source: its folder, as `--encoder` gave it.
        needed: special tokens that the vocabulary must have.

    Raises:
        InputError: there is no such BERT, or its vocabulary is not one of BERT's.
    """
    # Imported here: it takes seconds, and who trains from nothing has no use for it.
    from transformers import AutoTokenizer, BertModel  # noqa: PLC0415

    try:
        bert = BertModel.from_pretrained(source, add_pooling_layer=False, dtype=torch.float32, local_files_only=True)
        entries: dict[str, int] = AutoTokenizer.from_pretrained(source, local_files_only=True).get_vocab()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"--encoder {source}: not a BERT that can be loaded ({error})") from error
    found = Pretrained(bert, entries)
    missing = [token for token in needed if token not in entries]
    # A folder without a vocabulary has one of special tokens alone, and every text would be unknown characters.
    if missing or not found.characters or len(entries) > bert.config.vocab_size:
        raise InputError(
            f"--encoder {source}: its vocabulary has {len(entries)} tokens for {bert.config.vocab_size} embeddings, "
            f"{len(found.characters)} single characters among them, and lacks {missing}; the vocab.txt or "
            "tokenizer.json that came with the weights is expected beside them"
        )
    return found
