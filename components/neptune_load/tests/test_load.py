"""`load` into an embedded graph: twice changes nothing, a second batch adds, and what stands there is right."""

import json

import pytest
from ckgqa_neptune_load.commands.load import load
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.graph_folder import public_address
from ckgqa_neptune_load.settings import CsvSettings, LoadSettings
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import T

from ckgqa.graph.connection import connect
from ckgqa.graph.ids import edge_id, entity_id, fact_id
from ckgqa.runtime.artefacts import GRAPH

from .artefacts import sentence, triple, write_facts


@pytest.fixture
def graph_csv(tmp_path, sentences, facts):
    make_csv(CsvSettings(tmp_path / "csv", sentences, facts))
    return tmp_path / "csv"


@pytest.fixture
def second_csv(tmp_path):
    """One known fact with another score, one known name with a new type, one new fact."""
    facts = write_facts(
        tmp_path / "facts2",
        [
            sentence("b:1", [triple("战狼", "导演", "吴京", ("影视作品", "导演家"), 0.2)]),
            sentence("b:2", [triple("流浪地球", "主演", "吴京", ("影视作品", "人物"), 0.9)]),
        ],
    )
    make_csv(CsvSettings(tmp_path / "csv2", facts=facts))
    return tmp_path / "csv2"


def everything(url):
    """All that a graph holds, in an order of its own."""
    connection = connect(url)
    g = traversal().with_remote(connection)
    vertices = [
        (row["id"], row["label"], sorted((key, *sorted(values)) for key, values in row["p"].items()))
        for row in g.V().project("id", "label", "p").by(T.id).by(T.label).by(__.value_map()).to_list()
    ]
    edges = [
        (row["id"], row["label"], row["from"], row["to"], sorted(row["p"].items()))
        for row in g.E()
        .project("id", "label", "from", "to", "p")
        .by(T.id).by(T.label).by(__.out_v().id_()).by(__.in_v().id_()).by(__.value_map())
        .to_list()
    ]  # fmt: skip
    connection.close()
    return sorted(vertices), sorted(edges)


def report(folder):
    return json.loads((folder / "report.json").read_text())


def test_the_graph_folder_is_whole(tmp_path, graph_csv):
    load(LoadSettings(graph_csv, tmp_path / "graph"))
    assert {path.name for path in (tmp_path / "graph").iterdir()} == {
        "graph.db", "names.jsonl", "texts.jsonl", "edge_sentences.csv", "report.json", "manifest.json",
    }  # fmt: skip
    assert report(tmp_path / "graph") == {
        "vertices": 9, "edges": 9, "added_vertices": 9, "added_edges": 9, "added_types": 0,
    }  # fmt: skip
    for name in ("names.jsonl", "texts.jsonl", "edge_sentences.csv"):
        assert (tmp_path / "graph" / name).read_bytes() == (graph_csv / name).read_bytes()
    manifest = json.loads((tmp_path / "graph" / "manifest.json").read_text())
    assert (manifest["format"], manifest["version"], manifest["schema_hash"]) == (*GRAPH, "s1")
    assert str(tmp_path) not in json.dumps(manifest)


def test_the_graph_holds_every_property(tmp_path, graph_csv):
    load(LoadSettings(graph_csv, tmp_path / "graph"))
    vertices, edges = everything(str(tmp_path / "graph" / "graph.db"))
    fact = fact_id("吴京", "饰演", {"@value": "冷锋", "inWork": "战狼"})
    assert (fact, "fact", [("predicate", "饰演")]) in vertices
    assert (entity_id("吴京"), "entity", [("name", "吴京"), ("type", "人物", "娱乐人物")]) in vertices
    assert (
        edge_id("战狼", "导演", "吴京"), "导演", entity_id("战狼"), entity_id("吴京"),
        [("count", 3), ("evidence", "train:1 train:2 extra:1"), ("score", 1.0), ("source", "labelled")],
    ) in edges  # fmt: skip


def test_loading_twice_changes_nothing(tmp_path, graph_csv):
    load(LoadSettings(graph_csv, tmp_path / "graph"))
    url = f"embedded:{tmp_path / 'graph' / 'graph.db'}"
    before = everything(url)
    load(LoadSettings(graph_csv, tmp_path / "again", url))
    assert everything(url) == before
    assert report(tmp_path / "again") == {
        "vertices": 9, "edges": 9, "added_vertices": 0, "added_edges": 0, "added_types": 0,
    }  # fmt: skip
    assert json.loads((tmp_path / "again" / "graph.json").read_text()) == {"url": url}
    assert not (tmp_path / "again" / "graph.db").exists()


def test_a_second_batch_adds_and_leaves_what_is_there(tmp_path, graph_csv, second_csv):
    load(LoadSettings(graph_csv, tmp_path / "graph"))
    url = f"embedded:{tmp_path / 'graph' / 'graph.db'}"
    before = everything(url)
    load(LoadSettings(second_csv, tmp_path / "again", url))
    assert report(tmp_path / "again") == {
        "vertices": 10, "edges": 10, "added_vertices": 1, "added_edges": 1, "added_types": 1,
    }  # fmt: skip
    vertices, edges = everything(url)
    assert set(map(str, before[1])) < set(map(str, edges))
    assert (entity_id("吴京"), "entity", [("name", "吴京"), ("type", "人物", "娱乐人物", "导演家")]) in vertices


def test_the_same_csv_gives_the_same_report_and_manifest(tmp_path, graph_csv):
    load(LoadSettings(graph_csv, tmp_path / "a"))
    load(LoadSettings(graph_csv, tmp_path / "b"))
    for name in ("report.json", "manifest.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("wss://u:p@h.com:8182/gremlin?key=1", "wss://h.com:8182/gremlin"),
        ("ws://h/gremlin", "ws://h/gremlin"),
        ("embedded:/a/b@c?.db", "embedded:/a/b@c?.db"),
    ],
)
def test_the_address_that_is_kept_has_no_credentials_and_still_leads_there(url, kept):
    assert public_address(url) == kept
