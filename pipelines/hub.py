"""A pretrained BERT by its name on the hub: fetched once into the hub's own cache, and then a folder like any other.

A run copies that folder, so that it needs no network from then on and says for ever which BERT it was.
"""

import re
from pathlib import Path

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.optional_inputs import HUB

NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
FILES = ["config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "model.safetensors"]
"""All that is read of it; other forms of the same weights stay where they are."""


def folder_of(given: Path) -> Path:
    """Return the folder of a BERT that is given as a folder, or by its name on the hub.

    Raises:
        InputError: it is neither.
        ServiceError: the hub does not answer.
    """
    if given.exists() or not NAME.fullmatch(str(given)):
        return given
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415 -- slow, and few need it
        from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        needs = "names on the hub need huggingface_hub"
        raise InputError(f"--encoder {given}: there is no such folder, and {needs}. {HUB}") from error
    try:
        return Path(snapshot_download(str(given), allow_patterns=FILES))
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise InputError(f"--encoder {given}: there is no such folder, and the hub has no such model. {HUB}") from error
    except OSError as error:
        reason = f"the hub does not answer ({type(error).__name__})"
        raise ServiceError(f"--encoder {given}: there is no such folder, and {reason}. {HUB}") from error
