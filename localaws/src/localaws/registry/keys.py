"""A secret key in a file that only its owner can read."""

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def read_or_create_key(file: Path) -> bytes:
    """Return the key in the file, and create the file first if there is none.

    Args:
        file: its folder is created too.

    Returns:
        32 random bytes, the same ones in every later call.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(KEY_BYTES))
    return file.read_bytes()
