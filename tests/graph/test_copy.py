"""A copy of a graph file is the graph as it stood between two writes."""

import sqlite3

import pytest

from ckgqa.graph.bulk import BulkLoader, BulkVertex
from ckgqa.graph.connection import connect
from ckgqa.graph.file import copy_file
from ckgqa.runtime.errors import InputError


def names(path):
    connection = connect(str(path), read_only=True)
    connection.close()
    with sqlite3.connect(path) as file:
        return {name for (name,) in file.execute("SELECT name FROM vertex")}


@pytest.fixture
def graph(tmp_path):
    with BulkLoader(tmp_path / "graph.db") as loader:
        loader.add_vertices([BulkVertex("a", "entity", "甲")])
    return tmp_path / "graph.db"


def test_what_others_have_written_is_copied_and_what_they_are_writing_is_not(tmp_path, graph):
    writer = sqlite3.connect(graph, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("INSERT INTO vertex (id, label, name, properties) VALUES ('b', 1, '乙', '{}')")  # in the log alone
    writer.execute("BEGIN")
    writer.execute("INSERT INTO vertex (id, label, name, properties) VALUES ('c', 1, '丙', '{}')")
    copy_file(graph, tmp_path / "copy.db", timeout_s=5)
    writer.close()
    assert names(tmp_path / "copy.db") == {"甲", "乙"}


def test_a_copy_goes_its_own_way(tmp_path, graph):
    copy_file(graph, tmp_path / "copy.db", timeout_s=5)
    with BulkLoader(tmp_path / "copy.db") as loader:
        loader.add_vertices([BulkVertex("b", "entity", "乙")])
    assert (names(graph), names(tmp_path / "copy.db")) == ({"甲"}, {"甲", "乙"})


def test_what_is_no_graph_is_not_copied(tmp_path):
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE t (a)")
    with pytest.raises(InputError, match="is not a graph of this project"):
        copy_file(tmp_path / "other.db", tmp_path / "copy.db", timeout_s=5)
    assert not (tmp_path / "copy.db").exists()
