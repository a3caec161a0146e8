"""The server's configuration, made and read by the server's own module, which needs the standard library alone."""

import dataclasses
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ckgqa.bundle import ROOT
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import refusal

if TYPE_CHECKING:
    from localaws.configuration import Configuration

SOURCES = ROOT / "localaws" / "src"
"""The folder of the server's package `localaws`."""
CONFIGURATION = "configuration.json"
"""The configuration's name in a state folder; a folder without it is no state folder."""
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")
NOT_CHOSEN = ("state", "models", "access_key", "secret_key", "docker_host", "registry_image")
"""The fields that no flag sets, or that are compared otherwise."""


def make_configuration(state: Path, choices: Mapping[str, Any]) -> "Configuration":
    """Return the configuration of a state folder, with the root user's key that it has or a new one.

    Args:
        state: the state folder; it need not exist.
        choices: values of `Configuration`'s fields.

    Raises:
        InputError: a value is wrong, or the folder's configuration cannot be read.
    """
    if not REGION.fullmatch(choices["region"]):
        raise InputError(refusal("--region", choices["region"], "a region such as us-east-1"))
    with _server_sources():
        from localaws.configuration import Configuration  # noqa: PLC0415 -- in reach within this block
        from localaws.root_key import root_key  # noqa: PLC0415

        access_key, secret_key = root_key(state / CONFIGURATION)
        return Configuration(str(state), "", access_key, secret_key, **choices)


def write_settings(configuration: "Configuration") -> Path:
    """Write the configuration into its state folder, readable by its owner alone, and return the file."""
    with _server_sources():
        from localaws.configuration import write_configuration  # noqa: PLC0415

        file = Path(configuration.state) / CONFIGURATION
        write_configuration(configuration, file)
        return file


def read_settings(state: Path) -> "Configuration | None":
    """Read the configuration of a state folder; None if the folder has none.

    Raises:
        InputError: the file is no configuration.
    """
    file = state / CONFIGURATION
    if not file.exists():
        return None
    with _server_sources():
        from localaws.configuration import read_configuration  # noqa: PLC0415

        return read_configuration(file)


def differences(running: "Configuration", asked: "Configuration") -> list[str]:
    """Describe each setting in which two configurations differ: `region=us-east-1, not eu-west-1`."""
    pairs = {
        field.name: (getattr(running, field.name), getattr(asked, field.name))
        for field in dataclasses.fields(running)
        if field.name not in NOT_CHOSEN
    }
    return [f"{name}={there}, not {wanted}" for name, (there, wanted) in pairs.items() if there != wanted]


@contextmanager
def _server_sources() -> Iterator[None]:
    """Let the block import the server's modules, and report an error of theirs as the person's."""
    sys.path.insert(0, str(SOURCES))
    try:
        from localaws.errors import LocalawsError  # noqa: PLC0415

        try:
            yield
        except LocalawsError as error:
            raise InputError(str(error)) from error
    finally:
        sys.path.remove(str(SOURCES))
