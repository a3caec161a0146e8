"""The measurements that neptune_load's README shows run, print its tables, and leave nothing behind."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from tables import ROOT

README = (ROOT / "components/neptune_load/README.md").read_text(encoding="utf-8")


def words_of(script, work, *, url=""):
    """Give the command that the README shows, for two small sizes."""
    shown = re.findall(rf"^python (components/neptune_load/benchmarks/{script}\.py .*)$", README, re.MULTILINE)
    (line,) = [line for line in shown if ("--url" in line) == bool(url)]
    words = shlex.split(line)
    words[words.index("--work") + 1] = str(work)
    at = words.index("--sizes")
    end = next((place for place in range(at + 1, len(words)) if words[place].startswith("--")), len(words))
    words[at + 1 : end] = ["200", "400"]
    if url:
        words[words.index("--url") + 1] = url
    return [sys.executable, *words]


def table(words):
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    header, line, *rows = done.stdout.splitlines()
    assert f"{header}\n{line}\n" in README
    assert "progress title=facts" in done.stderr
    assert all(re.fullmatch(r"(\| [\d,]+ )+\|", row) for row in rows)
    return [row.split(" | ")[0] for row in rows]


def test_csv_scale_prints_the_readmes_table(tmp_path):
    assert table(words_of("csv_scale", tmp_path)) == ["| 200", "| 400"]
    assert list(tmp_path.iterdir()) == []


def test_load_scale_prints_the_readmes_table_and_takes_the_csv_that_was_kept(tmp_path):
    assert table([*words_of("csv_scale", tmp_path), "--keep"]) == ["| 200", "| 400"]
    kept = sorted(tmp_path.iterdir())
    assert [path.name for path in kept] == ["csv-200", "csv-400"]
    (tmp_path / "csv-400").rename(tmp_path / "elsewhere")
    assert table(words_of("load_scale", tmp_path)) == ["| 200", "| 400"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["csv-200", "elsewhere"]


@pytest.mark.gremlin
@pytest.mark.parametrize("version", ["37", "38"])
def test_load_scale_fills_and_empties_a_server(tmp_path, version):
    from gremlin_python.process.anonymous_traversal import traversal

    from ckgqa.graph.connection import connect

    url = os.environ[f"CKGQA_TEST_GREMLIN_{version}"]
    connection = connect(url)
    g = traversal().with_remote(connection)
    g.V().drop().id_().to_list()
    assert table(words_of("load_scale", tmp_path, url=url)) == ["| 200", "| 400"]
    assert g.V().count().to_list() == [0]
    g.add_v("other").id_().to_list()
    command = words_of("load_scale", tmp_path, url=url)
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
    g.V().drop().id_().to_list()
    connection.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_measurement_that_is_stopped_takes_its_files_away(tmp_path, number):
    words = [*words_of("csv_scale", tmp_path), "--sizes", "300000"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("scale.*/.csv-300000.*.part/spill.*/work.duckdb")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_too_small_is_told_before_anything_is_made(tmp_path):
    words = [*words_of("csv_scale", tmp_path), "--sizes", "1000000000000"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "GB must be free" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_add_scale_prints_the_readmes_table(tmp_path):
    assert table(words_of("add_scale", tmp_path)) == ["| 200", "| 400"]
    assert list(tmp_path.iterdir()) == []
