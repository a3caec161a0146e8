"""Logging of libraries that write lines of their own for every question."""

import logging

NOISY_LOGGERS = ("gremlinpython", "botocore", "urllib3", "mangum")


def silence_noisy_loggers() -> None:
    """Let only the warnings of these libraries through."""
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
