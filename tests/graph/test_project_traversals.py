"""The traversals of the project's own functions do the same on the embedded engine and on real servers, 3.7 and 3.8."""

import pytest
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.graph_csv.check import RowCounts
from ckgqa_neptune_load.graph_csv.reader import read_edges, read_vertices
from ckgqa_neptune_load.settings import CsvSettings
from ckgqa_neptune_load.targets import gremlin_server
from ckgqa_neptune_load.targets.embedded import load_embedded
from ckgqa_neptune_load.targets.gremlin_server import load_server
from ckgqa_neptune_load.targets.load_plan import LoadPlan, LoadResult
from gremlin_python.process.anonymous_traversal import traversal

from ckgqa.cli.graph import find_facts
from ckgqa.cli.graph_schema import summarize_graph
from ckgqa.graph.bench.loads import load_embedded as bench_embedded
from ckgqa.graph.bench.loads import load_server as bench_server
from ckgqa.graph.bench.queries import QUERIES
from ckgqa.graph.bench.synthetic_graph import name_of, vertices_of
from ckgqa.graph.connection import connect
from ckgqa.graph.ids import entity_id, fact_id
from ckgqa.runtime.artefacts import FACTS
from ckgqa.runtime.jsonlines import write_jsonl
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.retry import RetryPolicy
from tests.graph.recipes import normal

pytestmark = pytest.mark.gremlin

FILM, PERSON = "影视作品", "人物"
FIRST = [
    ("战狼", FILM, "导演", {"@value": ("吴京", PERSON)}),
    ("战狼", FILM, "主演", {"@value": ("吴京", PERSON)}),
    ("战狼", FILM, "主演", {"@value": ("余男", PERSON)}),
    ("吴京", PERSON, "饰演", {"@value": ("冷锋", PERSON), "inWork": ("战狼", FILM)}),
    ("吴京", PERSON, "自称", {"@value": ("吴京", PERSON)}),
    ("𠮷野家", "机构", "创始人", {"@value": ("松田（荣吉）", PERSON)}),
]
# Another type for a name that is there, and new facts beside known ones.
SECOND = [
    *FIRST[:2],
    ("战狼", "作品", "导演", {"@value": ("吴京", "导演")}),
    ("流浪地球", FILM, "主演", {"@value": ("吴京", PERSON)}),
]


@pytest.fixture(scope="module")
def csvs(tmp_path_factory):
    """The CSV of two batches, by the stage's own `csv`."""
    work = tmp_path_factory.mktemp("csv")
    for name, facts in (("first", FIRST), ("second", SECOND)):
        (work / f"{name}-facts").mkdir()
        records = [
            {"id": f"{name}:{at}", "text": f"句子{at}。", "triples": [triple(*fact, score=(at + 1) / 64)]}
            for at, fact in enumerate(facts)
        ]
        write_jsonl(work / f"{name}-facts" / "facts.jsonl", records)
        write_manifest(work / f"{name}-facts", Manifest(*FACTS, "s1", "train_casrel extract"))
        make_csv(CsvSettings(work / name, facts=work / f"{name}-facts"))
    return work / "first", work / "second"


def triple(subject, kind, predicate, slots, score):
    return {
        "subject": subject, "subject_type": kind, "predicate": predicate, "score": score,
        "object": {slot: value for slot, (value, _) in slots.items()},
        "object_type": {slot: kind for slot, (_, kind) in slots.items()},
    }  # fmt: skip


def plan(graph_csv, url):
    return LoadPlan(graph_csv, url, RowCounts(0, 0), 30, RetryPolicy(attempts=1))


def state(g):
    """All that a graph holds, in an order of its own."""
    found = [*g.V().element_map().to_list(), *g.V().value_map(True).to_list(), *g.E().element_map().to_list()]
    return sorted((normal(value) for value in found), key=repr)


def empty(*graphs):
    for g in graphs:
        g.V().drop().id_().to_list()


def test_requests_and_bulk_leave_the_same_graph(server, server_url, embedded, embedded_url, csvs, tmp_path):
    empty(server, embedded)
    bulk_url = f"embedded:{tmp_path / 'bulk.db'}"
    first, second = csvs
    for graph_csv, added in ((first, (7, 9, 0)), (first, (0, 0, 0)), (second, (1, 1, 2))):
        there, here = (load_server(plan(graph_csv, url)) for url in (server_url, embedded_url))
        in_bulk = load_embedded(plan(graph_csv, bulk_url))
        assert there == here == in_bulk
        assert (there.added_vertices, there.added_edges, there.added_types) == added
        assert isinstance(there, LoadResult)
        assert state(server) == state(embedded) == state_of(bulk_url)


def state_of(url):
    connection = connect(url, read_only=True)
    found = state(traversal().with_remote(connection))
    connection.close()
    return found


def test_what_a_lost_answer_may_have_written_is_completed_alike(server, server_url, embedded, embedded_url, csvs):
    """A request that is sent again looks first at what the one before has done, and finishes it."""
    vertices, edges = list(read_vertices(csvs[0])), list(read_edges(csvs[0]))
    empty(server, embedded)
    load_server(plan(csvs[0], server_url))
    whole = state(server)
    for g in (server, embedded):
        empty(g)
        gremlin_server._write_vertices(vertices[::2], g, False)
        g.V(vertices[0].id).properties().drop().to_list()
        gremlin_server._write_vertices(vertices, g, True)
        gremlin_server._write_edges(edges[::2], g, False)
        gremlin_server._write_edges(edges, g, True)
        gremlin_server._write_edges(edges, g, True)
        assert gremlin_server._existing_edges(g, edges) == {edge.id for edge in edges}
        types = {vertex.id: set(vertex.types) for vertex in vertices}
        assert gremlin_server._types_of(g, vertices) == types
        assert state(g) == whole


def test_the_predicates_of_a_graph_are_the_same(server, server_url, embedded, embedded_url, csvs):
    empty(server, embedded)
    assert summarize_graph(server) == summarize_graph(embedded) == []
    for url in (server_url, embedded_url):
        load_server(plan(csvs[0], url))
    there, here = summarize_graph(server), summarize_graph(embedded)
    assert there == here
    assert {one.predicate: one.facts for one in here} == {"主演": 2, "创始人": 1, "导演": 1, "自称": 1, "饰演": 1}


def test_the_facts_of_a_name_are_the_same(server, server_url, embedded, embedded_url, csvs):
    empty(server, embedded)
    for url in (server_url, embedded_url):
        load_server(plan(csvs[0], url))
    for name in ("战狼", "吴京", "冷锋", "余男", "𠮷野家", "无此名"):
        there, here = (sorted(find_facts(g, name, 100), key=repr) for g in (server, embedded))
        assert there == here
        assert bool(there) == (name != "无此名")
        for limit in (1, 2, 3):
            cut = find_facts(embedded, name, limit)
            # Which ones are left out is up to the graph; those that the name is the subject of come first.
            assert set(cut) <= set(there)
            assert [one.subject == name for one in cut] == [
                one.subject == name for one in find_facts(server, name, limit)
            ]


def test_the_measurements_load_and_ask_the_same(server, tmp_path):
    empty(server)
    edges = 30
    bench_embedded(tmp_path / "graph.db", edges, seed=13)
    assert len(list(bench_server(server, edges, seed=13))) == 2
    connection = connect(str(tmp_path / "graph.db"), read_only=True)
    embedded = traversal().with_remote(connection)
    assert state(server) == state(embedded)
    for question, ask in QUERIES.items():
        for at in range(vertices_of(edges)):
            there, here = (sorted(map(normal, ask(g, name_of(at))), key=repr) for g in (server, embedded))
            assert there == here, question
    connection.close()


def test_the_ids_in_the_graph_are_those_of_the_package(embedded, embedded_url, csvs):
    empty(embedded)
    load_server(plan(csvs[0], embedded_url))
    assert embedded.V(entity_id("战狼")).values("name").to_list() == ["战狼"]
    slots = {"@value": "冷锋", "inWork": "战狼"}
    assert embedded.V(fact_id("吴京", "饰演", slots)).values("predicate").to_list() == ["饰演"]
