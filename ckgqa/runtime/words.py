"""Words of a command line: options, and texts such as questions, which may begin with a hyphen."""

import os
import re

from ckgqa.runtime.errors import InputError

OPTION = re.compile(r"--?[A-Za-z][A-Za-z0-9_-]*(=.*)?", re.DOTALL)
"""A name in ASCII, perhaps with a value; a mistyped option looks like this too."""


def is_option(word: str) -> bool:
    """Return whether a word has the form of an option, known or not; `-谁是导演` and `-1` have not."""
    return OPTION.fullmatch(word) is not None or word == "--"


def whole_text(option: str, word: str) -> str:
    """Return a text of the command line, read as UTF-8 if the locale cannot decode it.

    Args:
        option: the flag or argument, for the refusal.
        word: as Python has it, perhaps with escaped bytes.

    Raises:
        InputError: its bytes are not UTF-8.
    """
    try:
        word.encode()
    except UnicodeEncodeError:  # surrogates stand for the bytes
        try:
            return os.fsencode(word).decode()
        except UnicodeDecodeError as error:
            raise InputError(f"{option}: not UTF-8 (byte {error.start}); expected a text in UTF-8") from error
    return word
