"""Loading in batches: what is there stays, what is new is added, and a broken load leaves whole batches."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import __

from ckgqa.graph.bulk import AddedCounts, BulkEdge, BulkLoader, BulkVertex, batched
from ckgqa.graph.connection import connect
from ckgqa.graph.file import INDEXES
from ckgqa.graph.ids import edge_id, entity_id
from ckgqa.runtime.errors import InputError, ServiceError

WOLF, WU = entity_id("战狼"), entity_id("吴京")
VERTICES = [
    BulkVertex(WOLF, "entity", "战狼", ("影视作品",)),
    BulkVertex(WU, "entity", "吴京", ("人物",)),
    BulkVertex("f" * 32, "fact", predicate="饰演"),
]
EDGES = [
    BulkEdge(edge_id("战狼", "导演", "吴京"), WOLF, WU, "导演", "labelled", 1.0, 2, "train:1 train:2"),
    BulkEdge("e" * 32, "f" * 32, WU, "@value"),
]


def everything(path):
    connection = connect(str(path), read_only=True)
    g = traversal().with_remote(connection)
    found = g.V().order().by(__.id_()).value_map(True).to_list(), g.E().order().by(__.id_()).element_map().to_list()
    connection.close()
    return found


def load(path, vertices, edges, **options):
    with BulkLoader(path, **options) as loader:
        loader.add_vertices(vertices)
        loader.add_edges(edges)
    return loader.added


def test_what_is_loaded_is_what_gremlin_reads(tmp_path):
    assert load(tmp_path / "graph.db", VERTICES, EDGES) == AddedCounts(3, 2, 0)
    connection = connect(str(tmp_path / "graph.db"))
    g = traversal().with_remote(connection)
    assert g.V().has("name", "战狼").out("导演").values("name").to_list() == ["吴京"]
    edge = {"source": "labelled", "score": 1.0, "count": 2, "evidence": "train:1 train:2"}
    assert g.E().has_label("导演").value_map().to_list() == [edge]
    assert g.E().has_label("@value").value_map().to_list() == [{}]
    assert g.V("f" * 32).value_map().to_list() == [{"predicate": ["饰演"]}]
    assert g.V(WOLF).value_map().to_list() == [{"name": ["战狼"], "type": ["影视作品"]}]
    connection.close()


def test_loading_twice_changes_nothing(tmp_path):
    path = tmp_path / "graph.db"
    load(path, VERTICES, EDGES)
    before = everything(path)
    content = path.read_bytes()
    assert load(path, VERTICES, EDGES) == AddedCounts()
    assert everything(path) == before
    assert changed_pages(content, path.read_bytes()) <= 1


def test_a_second_batch_adds_vertices_edges_and_types_and_changes_nothing_else(tmp_path):
    path = tmp_path / "graph.db"
    load(path, VERTICES, EDGES)
    more = [BulkVertex(WU, "other", "另名", ("人物", "娱乐人物")), BulkVertex("a" * 32, "entity", "龙小云")]
    edges = [BulkEdge(EDGES[0].id, WOLF, WU, "导演", "extracted", 0.4, 9), BulkEdge("b" * 32, WOLF, "a" * 32, "主演")]
    assert load(path, more, edges) == AddedCounts(1, 1, 1)
    connection = connect(str(path))
    g = traversal().with_remote(connection)
    assert g.V(WU).value_map(True).to_list()[0]["type"] == ["人物", "娱乐人物"]
    assert g.V(WU).values("name").to_list() == ["吴京"]
    assert g.E(EDGES[0].id).values("count").to_list() == [2]
    assert g.V(WOLF).out().values("name").to_set() == {"吴京", "龙小云"}
    connection.close()


def changed_pages(before, after):
    """Count the pages that differ; the first one holds SQLite's own counter of changes."""
    assert len(before) == len(after)
    return sum(before[at : at + 4096] != after[at : at + 4096] for at in range(0, len(before), 4096))


def test_what_is_there_is_not_written_again(tmp_path):
    path = tmp_path / "graph.db"
    vertices = [BulkVertex(f"{at:032x}", "entity", f"名{at}", ("人物", "作者")) for at in range(2000)]
    edges = [BulkEdge(f"{at:032x}", f"{at:032x}", f"{at * 7 % 2000:032x}", "导演", score=0.5) for at in range(2000)]
    load(path, vertices, edges)
    content = path.read_bytes()
    # Fewer types, other words, an end that is nowhere: of what is there already, nothing is asked.
    vertices = [one._replace(types=("作者",), name="另名") for one in vertices]
    assert load(path, vertices, [one._replace(to_id="f" * 32, score=0.1) for one in edges]) == AddedCounts()
    assert changed_pages(content, path.read_bytes()) <= 1


def test_a_vertex_twice_in_one_batch_gets_the_types_of_both(tmp_path):
    twice = [BulkVertex("a", "entity", "甲", ("x",)), BulkVertex("a", "entity", "甲", ("y",))]
    assert load(tmp_path / "graph.db", twice, []) == AddedCounts(1, 0, 1)
    assert everything(tmp_path / "graph.db")[0][0]["type"] == ["x", "y"]


def test_batches_are_told_to_whoever_shows_progress(tmp_path):
    told = []
    load(tmp_path / "graph.db", VERTICES, EDGES, batch_rows=2, advance=told.append)
    assert told == [2, 1, 2]


def test_an_edge_without_its_vertex_is_refused_by_name_and_whole_batches_before_it_stay(tmp_path):
    path = tmp_path / "graph.db"
    lost = BulkEdge("d" * 32, WOLF, "0" * 32, "主演")
    with pytest.raises(InputError, match=f"edge {lost.id} .主演.: there is no vertex {'0' * 32}"):
        load(path, VERTICES, [*EDGES, EDGES[0], lost], batch_rows=2)
    assert len(everything(path)[1]) == 2
    assert indexes(path) == set(INDEXES)


def test_batches_keep_order_and_drop_nothing():
    assert list(batched(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batched([], 2)) == []


def test_zero_rows_a_batch_is_refused(tmp_path):
    with pytest.raises(InputError, match="batch_rows"):
        BulkLoader(tmp_path / "graph.db", batch_rows=0)


def indexes(path):
    connection = sqlite3.connect(path)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql > ''")}
    connection.close()
    return names


def test_a_full_disk_is_the_machines_refusal_and_keeps_whole_batches(tmp_path):
    path = tmp_path / "graph.db"
    load(path, VERTICES, EDGES)
    loader = BulkLoader(path, batch_rows=100)
    # SQLite's own limit of pages answers exactly as a full disk does.
    pages = loader._connection.execute("PRAGMA page_count").fetchone()[0]
    loader._connection.execute(f"PRAGMA max_page_count = {pages + 40}")
    rows = (BulkVertex(f"{at:032x}", "entity", f"名{at}" * 20, ("人物",)) for at in range(100_000))
    with pytest.raises(ServiceError, match="full"), loader:
        loader.add_vertices(rows)
    assert loader.added.vertices > 0
    vertices, edges = everything(path)
    assert len(vertices) == 3 + loader.added.vertices
    assert len(vertices) % 100 == 3
    assert len(edges) == 2


LOADING = """
import sys, time
from pathlib import Path
from ckgqa.graph.bulk import BulkEdge, BulkLoader, BulkVertex
def forever():
    at = 0
    while True:
        ends = f"{at % 1000:032x}", f"{at * 7 % 1000:032x}"
        yield BulkEdge(f"{at:032x}", *ends, "导演", "labelled", 1.0, 1, "train:1")
        at += 1
def told(rows):
    print(rows, flush=True)
    time.sleep(float(sys.argv[2]))
with BulkLoader(Path(sys.argv[1]), batch_rows=1000, advance=told) as loader:
    loader.add_vertices(BulkVertex(f"{at:032x}", "entity", f"名{at}", ("人物",)) for at in range(1000))
    loader.add_edges(forever())
"""


def loading(path, *, pause_s):
    command = [sys.executable, "-c", LOADING, str(path), str(pause_s)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("batches", [2, 5, 11])
def test_a_killed_load_leaves_whole_batches_and_the_next_load_heals_the_indexes(tmp_path, batches):
    path = tmp_path / "graph.db"
    with subprocess.Popen(
        [sys.executable, "-c", LOADING, str(path), "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        for _ in range(batches):
            process.stdout.readline()
        time.sleep(0.003 * batches)
        os.kill(process.pid, signal.SIGKILL)
    vertices, edges = everything(path)
    assert [one.name for one in tmp_path.iterdir()] == ["graph.db"]
    assert len(vertices) == 1000
    assert len(edges) % 1000 == 0
    assert len(edges) >= (batches - 1) * 1000
    assert indexes(path) == set()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    again = [BulkEdge(f"{at:032x}", f"{at % 1000:032x}", f"{at * 7 % 1000:032x}", "导演") for at in range(20_000)]
    assert load(path, [], again).edges == max(0, 20_000 - len(edges))
    # The graph had edges, so the missing indexes were those of the broken load.
    assert indexes(path) == set(INDEXES)


READING = """
import sys, time
from gremlin_python.process.anonymous_traversal import traversal
from ckgqa.graph.connection import connect
g = traversal().with_remote(connect(sys.argv[1], read_only=True))
seen, end = [], time.monotonic() + 60
while len(set(seen)) < 6 and time.monotonic() < end:
    edges, ends = g.E().count().next(), g.V().out().count().next()
    seen.append(edges)
    assert edges % 1000 == ends % 1000 == 2, (edges, ends)
assert seen == sorted(seen), seen
print(len(set(seen)))
"""


def test_two_processes_read_whole_batches_while_a_third_loads(tmp_path):
    path = tmp_path / "graph.db"
    load(path, VERTICES, EDGES)
    with subprocess.Popen(
        [sys.executable, "-c", LOADING, str(path), "0.1"], stdout=subprocess.PIPE, text=True
    ) as writer:
        command = [sys.executable, "-c", READING, str(path)]
        readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for reader in readers:
            states = int(reader.communicate(timeout=120)[0])
            assert reader.returncode == 0
            assert states == 6
        assert writer.poll() is None
        writer.kill()
    assert (len(everything(path)[1]) - 2) % 1000 == 0
    assert [one.name for one in tmp_path.iterdir()] == ["graph.db"]
