"""The measurement in the README runs as it is shown there."""

import re
from pathlib import Path

from ckgqa import graph
from ckgqa.graph.bench import BenchSettings, run
from ckgqa.runtime.program import Command, main


def test_the_measurement_shown_in_the_readme_runs_and_says_what_it_measured(tmp_path, capfd):
    readme = (Path(graph.__file__).parent / "README.md").read_text(encoding="utf-8")
    (words,) = re.findall(r"^python -m ckgqa\.graph\.bench (.*)$", readme, re.MULTILINE)
    argv = words.split()
    argv[argv.index("--graph") + 1] = str(tmp_path / "bench.db")
    argv[argv.index("--edges") + 1] = "300"
    assert main("ckgqa.graph.bench", "", [Command("measure", BenchSettings, run)], [*argv, "--questions", "50"]) == 0
    told = capfd.readouterr().err
    assert re.search(r"load edges=300 .* peak_mb=\d+ file_mb=\d+", told)
    assert len(re.findall(r"ask question=\S+ p50_ms=[\d.]+ .* p99_cpu_ms=[\d.]+", told)) == 4


def test_a_measurement_over_an_existing_graph_is_refused(tmp_path):
    (tmp_path / "bench.db").touch()
    argv = ["measure", "--graph", str(tmp_path / "bench.db")]
    assert main("ckgqa.graph.bench", "", [Command("measure", BenchSettings, run)], argv) == 2
