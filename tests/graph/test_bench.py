"""The measurements in the README run as they are shown there, and leave nothing behind."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ckgqa import graph
from ckgqa.graph.bench.__main__ import COMMANDS
from ckgqa.graph.connection import connect
from ckgqa.runtime.program import main

README = (Path(graph.__file__).parent / "README.md").read_text(encoding="utf-8")


def shown(command, **instead):
    """Give the words of the command that the README shows, with other values."""
    (words,) = re.findall(rf"^python -m ckgqa\.graph\.bench {command} (.*)$", README, re.MULTILINE)
    argv = shlex.split(words)
    for flag, value in instead.items():
        argv[argv.index(f"--{flag}") + 1] = str(value)
    return [command, *argv, "--questions", "50"]


def rows(out):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in out.splitlines() if line]


def test_the_embedded_measurement_prints_the_readmes_tables_and_leaves_nothing(tmp_path, capfd):
    argv = shown("embedded", work=tmp_path, sizes="300,600")
    assert main("ckgqa.graph.bench", "", COMMANDS, argv) == 0
    header, _, *loaded = rows(capfd.readouterr().out)
    assert "| " + " | ".join(header) + " |" in README
    assert [row[:2] for row in loaded[:2]] == [["300", "100"], ["600", "200"]]
    assert all(re.fullmatch(r"[\d,.]+", cell) for row in loaded[:2] for cell in row)
    header, _, *asked = loaded[2:]
    assert "| " + " | ".join(header) + " |" in README
    assert [re.fullmatch(r"\d+\.\d\d", cell) is not None for row in asked for cell in row[1:]] == [True] * 12
    assert [row[0] for row in asked if f"| {row[0]} |" not in README] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.gremlin
@pytest.mark.parametrize("version", ["37", "38"])
def test_the_measurement_of_a_server_prints_the_readmes_tables(capfd, version):
    url = os.environ[f"CKGQA_TEST_GREMLIN_{version}"]
    connection = connect(url)
    empty(connection)
    assert main("ckgqa.graph.bench", "", COMMANDS, shown("server", url=url, edges="303")) == 0
    found = rows(capfd.readouterr().out)
    assert "| " + " | ".join(found[0]) + " |" in README
    assert [row[:2] for row in found[2:4]] == [["vertices", "101"], ["edges", "303"]]
    assert len(found) == 4 + 2 + 4
    assert main("ckgqa.graph.bench", "", COMMANDS, shown("server", url=url, edges="303")) == 2
    assert "not empty" in capfd.readouterr().err
    empty(connection)
    connection.close()


def empty(connection):
    from gremlin_python.process.anonymous_traversal import traversal

    traversal().with_remote(connection).V().drop().id_().to_list()


def test_a_measurement_that_is_interrupted_takes_its_files_away(tmp_path):
    words = [sys.executable, "-m", "ckgqa.graph.bench", "embedded", "--work", str(tmp_path), "--sizes", "3000000"]
    with subprocess.Popen(
        words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what it puts in the background with Ctrl-C ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 -- no threads here
    ) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("bench.*/graph.db-wal")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "interrupted" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--sizes", "many"], 2, "--sizes many: expected integers of at least 3, separated by commas"),
        (["--sizes", "9,1"], 2, "--sizes 9,1: expected integers of at least 3"),
        (["--sizes", "9", "--questions", "0"], 2, "--questions 0: expected an integer of at least 1"),
        (["--sizes", "9000000000000"], 75, "MB must be free"),
    ],
)
def test_nonsense_is_refused(tmp_path, capfd, words, code, message):
    assert main("ckgqa.graph.bench", "", COMMANDS, ["embedded", "--work", str(tmp_path), *words]) == code
    assert message in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []
