"""A BERT as encoder: any folder that transformers loads as one."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ckgqa.runtime.errors import InputError
from ckgqa_train_casrel.batches import Inputs
from ckgqa_train_casrel.vocabulary import Vocabulary

# Where the settings of the BERT stand in a model folder.
CONFIG_NAME = "bert.json"


class BertEncoder(nn.Module):
    """Characters -> [CLS] characters [SEP] -> BERT -> one state a character.

    Args:
        bert: transformers' BertModel without its pooler.
        cls_id: id of [CLS].
        sep_id: id of [SEP].
    """

    def __init__(self, bert: nn.Module, cls_id: int, sep_id: int) -> None:
        super().__init__()
        self.bert = bert
        self.cls_id, self.sep_id = cls_id, sep_id
        self.hidden = int(bert.config.hidden_size)  # type: ignore[union-attr, arg-type]

    def forward(self, inputs: Inputs) -> Tensor:
        """Encode a batch, (B, T, BERT's hidden size)."""
        rows = torch.arange(len(inputs.lengths), device=inputs.lengths.device)
        ids = nn.functional.pad(inputs.characters, (1, 1))  # (B, T + 2)
        ids[:, 0] = self.cls_id
        ids[rows, inputs.lengths + 1] = self.sep_id
        positions = torch.arange(ids.shape[1], device=ids.device)
        mask = positions < (inputs.lengths + 2)[:, None]
        states: Tensor = self.bert(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return states[:, 1:-1]


def load_bert(folder: Path) -> tuple[BertEncoder, Vocabulary]:
    """Load a pretrained BERT and its vocabulary.

    Raises:
        InputError: the folder holds no BERT, or a vocabulary that is not one of BERT's.
    """
    # Imported here: it takes seconds, and a BiLSTM has no use for it.
    from transformers import AutoTokenizer, BertModel  # noqa: PLC0415

    try:
        bert = BertModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32, local_files_only=True)
        entries: dict[str, int] = AutoTokenizer.from_pretrained(folder, local_files_only=True).get_vocab()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"--encoder {folder}: not a BERT that can be loaded ({error})") from error
    missing = [token for token in ("[CLS]", "[SEP]", "[UNK]") if token not in entries]
    characters = {token: number for token, number in sorted(entries.items()) if len(token) == 1}
    # A folder without a vocabulary has one of special tokens alone, and every text would be unknown characters.
    if missing or not characters or len(entries) > bert.config.vocab_size:
        raise InputError(
            f"--encoder {folder}: its vocabulary has {len(entries)} tokens for {bert.config.vocab_size} embeddings, "
            f"{len(characters)} single characters among them, and lacks {missing}; the vocab.txt or tokenizer.json "
            "that came with the weights is expected beside them"
        )
    vocabulary = Vocabulary(characters, entries["[UNK]"], ())
    return BertEncoder(bert, entries["[CLS]"], entries["[SEP]"]), vocabulary


def write_bert_config(folder: Path, encoder: BertEncoder) -> None:
    """Write bert.json: the sizes from which the same network can be built, its weights being with the model's."""
    bert: Any = encoder.bert
    content = {"bert": bert.config.to_diff_dict(), "cls_id": encoder.cls_id, "sep_id": encoder.sep_id}
    (folder / CONFIG_NAME).write_text(json.dumps(content, sort_keys=True, indent=2) + "\n", encoding="utf-8")


def build_bert(folder: Path) -> BertEncoder:
    """Build the network that bert.json describes, its weights still random.

    Raises:
        InputError: bert.json is missing or broken.
    """
    from transformers import BertConfig, BertModel  # noqa: PLC0415 -- as above

    path = folder / CONFIG_NAME
    try:
        content = json.loads(path.read_bytes())
        bert = BertModel(BertConfig.from_dict(content["bert"]), add_pooling_layer=False)
        return BertEncoder(bert, int(content["cls_id"]), int(content["sep_id"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not the settings of a BERT that `train` wrote ({error!r})") from error


def longest_window(encoder: BertEncoder) -> int:
    """Give the most characters that the BERT can see at once, [CLS] and [SEP] left out."""
    bert: Any = encoder.bert
    return int(bert.config.max_position_embeddings) - 2
