"""What every client has in common: it reads its settings as JSON from the input, and prints what it saw as JSON.

A client knows where localaws is by `AWS_ENDPOINT_URL`, a key and a region alone, as any other program would.
"""

import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """What a client works with."""

    role: str
    """ARN of the role of jobs."""
    image: str
    """Image in ECR with a shell."""
    bucket: str
    """Bucket for input and output."""
    name: str
    """What the names of everything that it makes begin with."""
    serving_image: str = ""
    """Image in ECR that serves a model."""
    model: str = ""
    """Address of a `model.tar.gz`."""


def run_client(see: Callable[[Settings], dict[str, Any]]) -> None:
    """Run a client. The SDK prints its progress to the output, which here holds the JSON alone."""
    settings = Settings(**json.load(sys.stdin))
    with contextlib.redirect_stdout(sys.stderr):
        seen = see(settings)
    json.dump(seen, sys.stdout, default=str)
