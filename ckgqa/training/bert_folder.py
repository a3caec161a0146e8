"""The folder of a pretrained BERT, checked without torch: its configuration, its vocabulary and its weights.

A run checks the folder before its first task, and a training before it loads the BERT.
"""

import json
import struct
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.jsonlines import read_json

CONFIG, VOCABULARY, TOKENIZER = "config.json", "vocab.txt", "tokenizer.json"
SAFETENSORS, SAFETENSORS_INDEX = "model.safetensors", "model.safetensors.index.json"
TORCH, TORCH_INDEX = "pytorch_model.bin", "pytorch_model.bin.index.json"
SPECIAL_TOKENS = ("[CLS]", "[SEP]", "[UNK]")
KIND = "bert"
"""transformers' name of the architecture; it would load another one with random weights in place of its own."""
LENGTH = struct.Struct("<Q")  # a .safetensors file begins with the length of its header
MAX_HEADER_BYTES = 100 * 1024**2  # the limit of the format's own library


@dataclass(frozen=True)
class BertSizes:
    """The sizes in a BERT's configuration."""

    vocab_size: int
    """Rows of its embeddings."""
    hidden_size: int
    max_position_embeddings: int
    hidden_act: str

    @property
    def longest(self) -> int:
        """Maximum number of characters that the BERT sees at once, [CLS] and [SEP] left out."""
        return self.max_position_embeddings - 2


def check_bert_folder(folder: Path, needed: Collection[str] = SPECIAL_TOKENS) -> BertSizes:
    """Check the folder of a BERT, and return its sizes.

    Args:
        folder: the value of `--encoder`.
        needed: special tokens that the vocabulary must have.

    Raises:
        InputError: the folder holds no BERT, a vocabulary that is not one of BERT's, or damaged weights.
    """
    try:
        sizes = _read_sizes(folder / CONFIG)
        entries = _read_vocabulary(folder)
        _check_weights(folder)
    except InputError as error:
        raise InputError(f"--encoder {folder}: not a BERT that can be loaded ({error})") from error
    check_vocabulary(folder, entries, sizes.vocab_size, needed)
    return sizes


def check_vocabulary(folder: Path | str, entries: Collection[str], vocab_size: int, needed: Collection[str]) -> None:
    """Reject a vocabulary that is not one of BERT's.

    Args:
        folder: the value of `--encoder`.
        entries: all tokens.
        vocab_size: rows of the embeddings.
        needed: special tokens that it must have.

    Raises:
        InputError: it lacks special tokens or single characters, or has more tokens than the BERT has embeddings.
    """
    missing = [token for token in needed if token not in entries]
    characters = sum(len(token) == 1 for token in entries)
    # Without vocabulary files the library makes a vocabulary of special tokens alone: every character would be unknown.
    if missing or not characters or len(entries) > vocab_size:
        raise InputError(
            f"--encoder {folder}: its vocabulary has {len(entries)} tokens for {vocab_size} embeddings, "
            f"{characters} single characters among them, and lacks {missing}; the vocab.txt or "
            "tokenizer.json that came with the weights is expected beside them"
        )


def check_safetensors(path: Path) -> None:
    """Reject a file of weights that is cut off or of another kind; only its header is read.

    Raises:
        InputError: the header is no such header, or the file is shorter or longer than the header says.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(LENGTH.size)
        length = LENGTH.unpack(start)[0] if len(start) == LENGTH.size else 0
        header = file.read(length) if 0 < length <= min(size, MAX_HEADER_BYTES) else b""
    try:
        tensors: dict[str, Any] = json.loads(header)
        ends = [entry["data_offsets"][1] for name, entry in tensors.items() if name != "__metadata__"]
    except (ValueError, AttributeError, KeyError, TypeError, IndexError) as error:
        raise InputError(f"{path}: not a file of weights in the format safetensors; copy it again") from error
    expected = LENGTH.size + length + max(ends, default=0)
    if size != expected:
        raise InputError(f"{path}: it has {size} bytes, but its header describes {expected}; copy it again")


def _read_sizes(path: Path) -> BertSizes:
    content = read_json(path)
    kind = content.get("model_type", KIND)
    if kind != KIND:
        raise InputError(f"{path}: its model_type is {kind!r}; expected {KIND!r}")
    numbers = {}
    for name in ("vocab_size", "hidden_size", "max_position_embeddings"):
        value = content.get(name)
        if not isinstance(value, int) or value < 1:
            raise InputError(f"{path}: {name} is {value!r}; expected an integer of at least 1, as every BERT has")
        numbers[name] = value
    return BertSizes(**numbers, hidden_act=str(content.get("hidden_act", "gelu")))


def _read_vocabulary(folder: Path) -> Collection[str]:
    """Read all tokens: of tokenizer.json, which the library prefers, or of vocab.txt; none if both are missing."""
    if (folder / TOKENIZER).is_file():
        content: Any = read_json(folder / TOKENIZER)
        try:
            return {*content["model"]["vocab"], *(token["content"] for token in content.get("added_tokens", ()))}
        except (KeyError, TypeError) as error:
            raise InputError(f"{folder / TOKENIZER}: it has no vocabulary of tokens ({error!r})") from error
    if not (folder / VOCABULARY).is_file():
        return ()
    try:
        with (folder / VOCABULARY).open(encoding="utf-8") as lines:
            return {line.rstrip("\n") for line in lines}
    except UnicodeDecodeError as error:
        raise InputError(f"{folder / VOCABULARY}: not UTF-8 ({error.reason} at byte {error.start})") from error


def _check_weights(folder: Path) -> None:
    """Reject a folder without weights, or with damaged ones."""
    if (folder / SAFETENSORS).is_file():
        check_safetensors(folder / SAFETENSORS)
    elif (folder / TORCH).is_file():
        if not zipfile.is_zipfile(folder / TORCH):  # what torch has written since 2020 is a zip
            raise InputError(f"{folder / TORCH}: not weights that torch wrote, or cut off; copy it again")
    elif not any((folder / index).is_file() for index in (SAFETENSORS_INDEX, TORCH_INDEX)):
        raise InputError(f"{folder}: it has no weights; {SAFETENSORS} or {TORCH} is expected")
