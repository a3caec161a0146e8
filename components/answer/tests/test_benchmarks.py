"""The tables of measurements in the README are those that the commands above them print."""

import asyncio
import importlib
import sys
from argparse import Namespace
from collections import Counter
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]

sys.path.insert(0, str(FOLDER / "benchmarks"))
graph_outage, http_load = map(importlib.import_module, ("graph_outage", "http_load"))


def shown(script: str) -> list[str]:
    """Give the lines of the table below a script's command in the README."""
    lines = (FOLDER / "README.md").read_text(encoding="utf-8").partition(f"/benchmarks/{script}.py")[2].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    return lines[start : lines.index("", start)]


def labels(lines: list[str]) -> list[str]:
    return [line.split(" | ")[0] for line in lines]


def test_the_table_of_the_load_is_what_is_printed():
    alone = http_load.Figures([0.001, 0.002, 0.009], Counter({200: 2, 503: 1}))
    many = http_load.Figures([0.1] * 120, Counter({200: 120}))
    printed = http_load.table(alone, many, http_load.CLIENTS, http_load.SECONDS, [4.5, 6.8, 0.2])
    assert printed[2:5] == [
        "| 1 client: median, 99th percentile | 2.0 ms, 2.0 ms |",
        "| 1 client: errors | 1 of 3 |",
        "| 32 clients for 60 s: answers/s | 2 |",
    ]
    assert printed[:2] == shown("http_load")[:2]
    assert labels(printed) == labels(shown("http_load"))


def test_the_table_of_the_outage_is_what_is_printed(monkeypatch, tmp_path, capsys):
    async def crowd(_port, _questions, figures, _clients, _seconds):
        await asyncio.sleep(0.01)  # lets the loading end
        figures.seconds += [0.25]
        figures.statuses[200] += 1

    monkeypatch.setattr(graph_outage, "crowd", crowd)
    monkeypatch.setattr(graph_outage.os, "kill", lambda *_: None)
    for name in ("start", "load"):
        monkeypatch.setattr(graph_outage, name, lambda *_: None)
    (tmp_path / "pid").write_text("1")
    given = Namespace(seconds=0.02, pid_file=tmp_path / "pid", start="", graph_csv=tmp_path, url="")
    asyncio.run(graph_outage.phases(given, tmp_path, 0, ["谁"]))
    printed = capsys.readouterr().out.splitlines()
    assert printed[2] == "| up | 1 | 0 | 0 | 250 |"
    assert printed[:2] == shown("graph_outage")[:2]
    # It takes a phase or more to load.
    assert list(dict.fromkeys(labels(printed))) == labels(shown("graph_outage"))
