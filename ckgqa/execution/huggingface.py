"""Fetch a pretrained BERT by its name on the Hugging Face hub, once, into the cache of the hub's client.

A run copies the folder, so that it needs no network afterwards and stays reproducible.
"""

import re
from pathlib import Path

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.optional_inputs import FETCH_REMEDY
from ckgqa.runtime.settings import refusal

NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
FILES = ["config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]
"""The files that are read; other forms of the same weights are not fetched."""


def folder_of(name: Path) -> Path:
    """Return the folder of a BERT.

    Args:
        name: a folder, or a name on the Hugging Face hub.

    Raises:
        InputError: there is neither such a folder nor such a name.
        ServiceError: the Hugging Face hub does not answer.
    """
    if name.exists() or not NAME.fullmatch(str(name)):
        return name
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415 -- slow, and few need it
        from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        allowed = f"an existing folder; names on the Hugging Face hub need huggingface_hub. {FETCH_REMEDY}"
        raise InputError(refusal("--encoder", name, allowed)) from error
    try:
        return Path(snapshot_download(str(name), allow_patterns=FILES))
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise InputError(
            refusal(
                "--encoder", name, f"an existing folder, or the name of a model of the Hugging Face hub. {FETCH_REMEDY}"
            )
        ) from error
    except OSError as error:
        reason = f"the Hugging Face hub does not answer ({type(error).__name__})"
        raise ServiceError(f"--encoder {name}: there is no such folder, and {reason}. {FETCH_REMEDY}") from error
