"""Keeps libraries from writing lines of their own for every question."""

import logging

TALKATIVE = ("gremlinpython", "botocore", "urllib3", "mangum")


def quieten() -> None:
    """Let these libraries' warnings through, and nothing less."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
