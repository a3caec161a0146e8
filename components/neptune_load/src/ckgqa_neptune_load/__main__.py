"""The stage's command line: `python -m ckgqa_neptune_load csv|load|add --help`."""

import sys

from ckgqa.runtime.program import Command, main
from ckgqa_neptune_load.add_stage import add
from ckgqa_neptune_load.csv_stage import make_csv
from ckgqa_neptune_load.load_stage import load
from ckgqa_neptune_load.settings import AddSettings, CsvSettings, LoadSettings

COMMANDS = (
    Command("csv", CsvSettings, make_csv),
    Command("load", LoadSettings, load),
    Command("add", AddSettings, add),
)


def entry(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    return main("ckgqa_neptune_load", "Turns triples into the graph's CSV, and loads it into a graph.", COMMANDS, argv)


if __name__ == "__main__":
    sys.exit(entry())
