"""Assemble the answers of a model to one output."""

from typing import IO

CHUNK = 1 << 20


def append(output: IO[bytes], answer: IO[bytes], assemble_with: str) -> None:
    """Append one answer to an output.

    Args:
        output: the assembled output, at its end.
        answer: what the model answered to one mini-batch.
        assemble_with: `AssembleWith`. `Line` ends an answer with a newline character, unless it has one: AWS's own
            containers end the answers of a batch transform with one, and no empty lines are seen in their outputs.
    """
    last = b""
    while chunk := answer.read(CHUNK):
        output.write(chunk)
        last = chunk
    if assemble_with == "Line" and not last.endswith(b"\n"):
        output.write(b"\n")
