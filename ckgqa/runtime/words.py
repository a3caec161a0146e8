"""Words of a command line that begin with a hyphen: an option, or a text such as a question."""

import re

OPTION = re.compile(r"--?[A-Za-z][A-Za-z0-9_-]*(=.*)?", re.DOTALL)
"""A name in ASCII, perhaps with a value; a mistyped option looks like this too."""


def is_option(word: str) -> bool:
    """Return whether a word has the form of an option, known or not; `-谁是导演` and `-1` have not."""
    return OPTION.fullmatch(word) is not None or word == "--"
