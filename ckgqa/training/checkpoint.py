"""Checkpoints: one file, written atomically, from which a restart resumes."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.files import atomic_file

NAME = "checkpoint.pt"
VERSION = 1


def save_checkpoint(folder: Path, identity: Mapping[str, object], state: Mapping[str, object]) -> None:
    """Replace the folder's checkpoint by a new one, atomically.

    Args:
        folder: the folder of `checkpoint.pt`.
        identity: the settings and the hash of the data; a run with another identity rejects the checkpoint.
        state: tensors, numbers, texts, and lists and dicts of them.

    Raises:
        ServiceError: the file cannot be written.
    """
    with atomic_file(folder / NAME) as work:
        try:
            torch.save({"version": VERSION, "identity": dict(identity), "state": dict(state)}, work)
        except RuntimeError as error:  # raised if the disk is full
            reason = str(error).splitlines()[0]
            raise ServiceError(f"{folder / NAME}: not written ({reason}); free some space and run again") from error


def load_checkpoint(folder: Path, identity: Mapping[str, object]) -> dict[str, Any] | None:
    """Read the state from which a run resumes; return None if there is no checkpoint yet.

    Raises:
        InputError: the file is broken, or belongs to other settings or other data.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    afresh = f"to start afresh, remove {path} or name another --checkpoint-dir"
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        version, saved, state = content["version"], content["identity"], content["state"]
    except (RuntimeError, pickle.UnpicklingError, EOFError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a checkpoint that can be read ({error!r:.200}); {afresh}") from error
    if version != VERSION:
        raise InputError(f"{path}: a checkpoint of version {version}; version {VERSION} is expected; {afresh}")
    for name in sorted(identity.keys() | saved.keys()):
        if identity.get(name) != saved.get(name):
            raise InputError(
                f"{path}: the checkpoint is of a run with {name}={saved.get(name)}, and this one has "
                f"{name}={identity.get(name)}; give the same, or, {afresh}"
            )
    return dict(state)
