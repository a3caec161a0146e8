"""The stage's command line: `python -m ckgqa_answer evaluate|index --help`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_answer.evaluate import EvaluateSettings, evaluate
from ckgqa_answer.indexing import IndexSettings, index

COMMANDS = (Command("evaluate", EvaluateSettings, evaluate), Command("index", IndexSettings, index))


def entry(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    return main("ckgqa_answer", "Answers Chinese questions from the knowledge graph.", COMMANDS, argv)


if __name__ == "__main__":
    sys.exit(entry())
