"""The stage's command line: `python -m ckgqa_answer ask|serve|evaluate|index --help`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_answer.commands.settings import AskSettings, EvaluateSettings, IndexSettings, ServeSettings

# A command's module is imported when it runs, so that `ask` answers within a second of being typed.
COMMANDS = (
    Command("ask", AskSettings, "ckgqa_answer.commands.ask:ask", "Answer one question.", interactive=True),
    Command(
        "serve",
        ServeSettings,
        "ckgqa_answer.commands.serve:serve",
        "Answer questions over HTTP, and serve the page, until stopped.",
        service=True,
    ),
    Command(
        "evaluate",
        EvaluateSettings,
        "ckgqa_answer.commands.evaluate:evaluate",
        "Ask labelled questions, and report how many got exactly the right answer, beside a baseline.",
    ),
    Command(
        "index", IndexSettings, "ckgqa_answer.commands.index:index", "Build the linking index of a graph's folder."
    ),
)


def entry(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    return main("ckgqa_answer", "Answers Chinese questions from the knowledge graph.", COMMANDS, argv)


if __name__ == "__main__":
    sys.exit(entry())
