"""A BERT that is small enough to train in a test, as its own library saves one."""

import json
from pathlib import Path

CHARACTERS = "《》，、由执导电影主演有在中饰演昨天去看了山河星海春秋风云龙虎赵钱孙李周吴郑王明华芳伟娜敏静强ab2"


def save_tiny_bert(folder: Path, positions: int = 80) -> None:
    """Write a BERT of two layers, with a vocabulary of characters, into a folder that is there."""
    import torch
    from transformers import BertConfig, BertModel

    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *CHARACTERS, "##山", "2019"]
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True})
    )
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokens), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=positions, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
