"""A BERT as encoder: any folder that transformers loads as a BERT."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ckgqa.runtime.artefacts import BERT_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.training.berts import load_pretrained
from ckgqa_train_casrel.data.batches import WindowBatch
from ckgqa_train_casrel.data.vocabulary import CasRelVocabulary


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
        self.hidden_size = int(bert.config.hidden_size)  # type: ignore[union-attr, arg-type]

    @property
    def longest_window(self) -> int:
        """Maximum number of characters that the BERT sees at once, [CLS] and [SEP] left out."""
        bert: Any = self.bert
        return int(bert.config.max_position_embeddings) - 2

    def forward(self, batch: WindowBatch) -> Tensor:
        """Encode a batch, (B, T, BERT's hidden size)."""
        rows = torch.arange(len(batch.lengths), device=batch.lengths.device)
        ids = nn.functional.pad(batch.characters, (1, 1))  # (B, T + 2)
        ids[:, 0] = self.cls_id
        ids[rows, batch.lengths + 1] = self.sep_id
        positions = torch.arange(ids.shape[1], device=ids.device)
        mask = positions < (batch.lengths + 2)[:, None]
        states: Tensor = self.bert(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        return states[:, 1:-1]


def load_bert(folder: Path) -> tuple[BertEncoder, CasRelVocabulary]:
    """Load a pretrained BERT and its vocabulary.

    Raises:
        InputError: the folder holds no BERT, or a vocabulary that is not one of BERT's.
    """
    pretrained = load_pretrained(str(folder))
    ids = pretrained.entries
    vocabulary = CasRelVocabulary(pretrained.characters, ids["[UNK]"], ())
    return BertEncoder(pretrained.bert, ids["[CLS]"], ids["[SEP]"]), vocabulary


def write_bert_config(folder: Path, encoder: BertEncoder) -> None:
    """Write bert.json: the sizes of the network; its weights are in the model's own file."""
    bert: Any = encoder.bert
    content = {"bert": bert.config.to_diff_dict(), "cls_id": encoder.cls_id, "sep_id": encoder.sep_id}
    (folder / BERT_JSON).write_text(json.dumps(content, sort_keys=True, indent=2) + "\n", encoding="utf-8")


def build_bert(folder: Path) -> BertEncoder:
    """Build the network that bert.json describes, its weights still random.

    Raises:
        InputError: bert.json is missing or broken.
    """
    # Imported here: it takes seconds, and a BiLSTM has no use for it.
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    path = folder / BERT_JSON
    try:
        content = json.loads(path.read_bytes())
        bert = BertModel(BertConfig.from_dict(content["bert"]), add_pooling_layer=False)
        return BertEncoder(bert, int(content["cls_id"]), int(content["sep_id"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not the settings of a BERT that `train` wrote ({error!r})") from error
