"""The access key of the account's root user: made once for a state folder, and kept in its configuration."""

import secrets
import string
from pathlib import Path

from localaws.configuration import read_configuration

ID_CHARS = f"{string.ascii_uppercase}234567"
SECRET_CHARS = f"{string.ascii_letters}{string.digits}+/"


def root_key(file: Path) -> tuple[str, str]:
    """Return the key of a configuration file, or a new one if there is no such file.

    Returns:
        The access key id and the secret access key, in AWS's form.

    Raises:
        LocalawsError: the file is there, but no configuration.
    """
    if file.exists():
        kept = read_configuration(file)
        return kept.access_key, kept.secret_key
    return f"AKIA{_random(ID_CHARS, 16)}", _random(SECRET_CHARS, 40)


def _random(chars: str, length: int) -> str:
    return "".join(secrets.choice(chars) for _ in range(length))
