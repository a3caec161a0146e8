"""A disk that is really full: what people are told, the exit code, nothing half written, a graph that stays sound."""

import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from ckgqa_neptune_load.commands.load import load
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import CsvSettings, LoadSettings

from ckgqa.runtime.files import tree_hash

from .artefacts import sentence, triple, write_facts

# A mount of one's own, which goes with the process; what was left there is listed and copied to another disk.
ALONE = ["unshare", "--map-root-user", "--mount"]
SCRIPT = """
set -e; mount -t tmpfs -o size="$1" tmpfs "$2"; cp -a "$3/." "$2"; cd "$2"; after=$4; shift 4
code=0; "$@" || code=$?
find . -mindepth 1; cp -a . "$after"; exit $code
"""
pytestmark = pytest.mark.skipif(
    subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode != 0,
    reason="this machine mounts no disk of one's own for a test",
)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Facts whose work takes 13 MB, and their CSV, whose graph takes 10 MB."""
    folder = tmp_path_factory.mktemp("large")
    records = [
        sentence(f"s:{n}", [triple(f"名{n * 7}", "主演", f"人{n}-{k}", score=0.5) for k in "ab"]) for n in range(10_000)
    ]
    write_facts(folder / "facts", records)
    make_csv(CsvSettings(folder / "csv", facts=folder / "facts"))
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A folder that `on_small_disk` puts a small disk on; what `before` holds lies there first."""
    for name in ("disk", "before", "after"):
        (tmp_path / name).mkdir()
    return tmp_path / "disk"


def on_small_disk(disk, size, *words):
    """Run the program where `disk` is a disk of that size; give the exit code, the messages and what is left there."""
    program = [sys.executable, "-m", "ckgqa_neptune_load", *map(str, words)]
    ended = subprocess.run(
        [*ALONE, "sh", "-c", SCRIPT, "sh", size, disk, disk.parent / "before", disk.parent / "after", *program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stderr, ended.stdout.splitlines()


def refused(code, said):
    errors = [line for line in said.splitlines() if " ERROR " in line]
    assert code == 75, said
    assert len(errors) == 1
    assert "the disk is full; free some space" in errors[0]
    assert "Traceback" not in said


# Too small for reading, for the edges, for the vertices, for the names.
@pytest.mark.parametrize("size", ["64k", "6m", "8m", "12m"])
def test_csv_leaves_nothing(small_disk, large, size):
    words = ["csv", "--facts", large / "facts", "--graph-csv", small_disk / "csv"]
    code, said, left = on_small_disk(small_disk, size, *words)
    refused(code, said)
    assert left == []


# Too small for the check, for the rows, for the indexes.
@pytest.mark.parametrize("size", ["64k", "5m", "9m"])
def test_load_into_a_new_graph_leaves_nothing(small_disk, large, size):
    words = ["load", "--graph-csv", large / "csv", "--graph", small_disk / "graph"]
    code, said, left = on_small_disk(small_disk, size, *words)
    refused(code, said)
    assert left == []


# Too small for the check, for the copy of the graph, for what goes beside it.
@pytest.mark.parametrize("size", ["64k", "9m", "12m"])
def test_add_leaves_nothing_and_the_base_as_it_was(small_disk, tmp_path, sentences, large, size):
    load(LoadSettings(large / "csv", tmp_path / "base"))
    before = tree_hash(tmp_path / "base")
    make_csv(CsvSettings(tmp_path / "csv", sentences))
    words = ["add", "--base", tmp_path / "base", "--graph-csv", tmp_path / "csv", "--graph", small_disk / "graph"]
    code, said, left = on_small_disk(small_disk, size, *words)
    refused(code, said)
    assert left == []
    assert tree_hash(tmp_path / "base") == before


# Too small for the first batch, for a later one.
@pytest.mark.parametrize("size", ["1m", "6m"])
def test_load_into_a_graph_keeps_it_sound_and_the_next_load_completes_it(
    small_disk, tmp_path, sentences, facts, large, size
):
    make_csv(CsvSettings(tmp_path / "csv", sentences, facts))
    load(LoadSettings(tmp_path / "csv", tmp_path / "graph"))
    unharmed = tmp_path / "graph" / "graph.db"
    shutil.copy(unharmed, tmp_path / "before")
    before = everything(unharmed)
    words = ["load", "--graph-csv", large / "csv", "--url", small_disk / "graph.db", "--graph", tmp_path / "report"]
    code, said, _ = on_small_disk(small_disk, size, *words)
    refused(code, said)
    assert not (tmp_path / "report").exists()
    graph = tmp_path / "after" / "graph.db"
    assert before <= everything(graph)
    for path in (graph, unharmed):
        load(LoadSettings(large / "csv", tmp_path / "report", str(path)))
    assert everything(graph) == everything(unharmed) > before


def everything(graph):
    """All vertices and edges of a sound file, with what they say; it is read as it lies there, its log with it."""
    connection = sqlite3.connect(graph)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = set(connection.execute("SELECT id, name, properties FROM vertex"))
    found |= set(connection.execute("SELECT id, properties, (SELECT id FROM vertex WHERE key = source) FROM edge"))
    connection.close()
    return found
