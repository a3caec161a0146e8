"""Measure an embedded graph, or a Gremlin Server for comparison; the tables go to standard output.

python -m ckgqa.graph.bench embedded --work /tmp/bench --sizes 1000000,2500000,5000000,10000000
python -m ckgqa.graph.bench server --url ws://127.0.0.1:8182/gremlin --edges 300000
"""

from ckgqa.graph.bench.settings import EmbeddedSettings, ServerSettings, SingleSizeSettings
from ckgqa.runtime.program import Command, main

COMMANDS = (
    Command(
        "embedded",
        EmbeddedSettings,
        "ckgqa.graph.bench.commands:embedded",
        "Load each size into a new embedded graph, and query the last one.",
    ),
    Command(
        "server",
        ServerSettings,
        "ckgqa.graph.bench.commands:server",
        "Load into an empty Gremlin Server, and query it.",
    ),
    Command(
        "single",
        SingleSizeSettings,
        "ckgqa.graph.bench.commands:single",
        "Load one size, so that `embedded` measures each in a process of its own.",
    ),
)

if __name__ == "__main__":
    raise SystemExit(main("ckgqa.graph.bench", "Measure graphs.", COMMANDS))
