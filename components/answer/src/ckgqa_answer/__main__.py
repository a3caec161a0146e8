"""The stage's command line: `python -m ckgqa_answer ask|serve|evaluate|index --help`.

Each command imports what it needs when it runs, so that a question is answered within a second of being typed.
"""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_answer.ask_settings import AskSettings
from ckgqa_answer.evaluate_settings import EvaluateSettings
from ckgqa_answer.indexing import IndexSettings, index
from ckgqa_answer.serve_settings import ServeSettings


def ask(settings: AskSettings) -> None:
    """Answer one question."""
    from ckgqa_answer.ask import ask as run  # noqa: PLC0415 -- see above

    run(settings)


def evaluate(settings: EvaluateSettings) -> None:
    """Ask labelled questions and report how many got exactly the right answer, beside a baseline."""
    from ckgqa_answer.evaluate import evaluate as run  # noqa: PLC0415 -- as above

    run(settings)


def serve(settings: ServeSettings) -> None:
    """Answer questions over HTTP, and show the page, until stopped."""
    from ckgqa_answer.serve import serve as run  # noqa: PLC0415 -- as above

    run(settings)


COMMANDS = (
    Command("ask", AskSettings, ask, interactive=True),
    Command("serve", ServeSettings, serve, service=True),
    Command("evaluate", EvaluateSettings, evaluate),
    Command("index", IndexSettings, index),
)


def entry(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    return main("ckgqa_answer", "Answers Chinese questions from the knowledge graph.", COMMANDS, argv)


if __name__ == "__main__":
    sys.exit(entry())
