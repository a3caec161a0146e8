"""The stage's command line: `python -m ckgqa_neptune_load csv|load|add --help`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_neptune_load.settings import AddSettings, CsvSettings, LoadSettings

COMMANDS = (
    Command(
        "csv",
        CsvSettings,
        "ckgqa_neptune_load.commands.make_csv:make_csv",
        "Turn labelled and extracted triples into the graph's CSV.",
    ),
    Command("load", LoadSettings, "ckgqa_neptune_load.commands.load:load", "Load the graph's CSV into a graph."),
    Command(
        "add",
        AddSettings,
        "ckgqa_neptune_load.commands.add:add",
        "Add the graph's CSV to a graph.",
        check="ckgqa_neptune_load.early_checks:check_add",
    ),
)


def entry(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    return main("ckgqa_neptune_load", "Turns triples into the graph's CSV, and loads it into a graph.", COMMANDS, argv)


if __name__ == "__main__":
    sys.exit(entry())
