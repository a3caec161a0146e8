"""`load` into real Gremlin Servers, 3.7 and 3.8. Names start with a prefix of their own, so that tests do not meet."""

import json
import uuid

import pytest
from ckgqa_neptune_load.__main__ import entry
from ckgqa_neptune_load.commands.add import add
from ckgqa_neptune_load.commands.load import load
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import AddSettings, CsvSettings, LoadSettings
from ckgqa_neptune_load.targets.gremlin_server import MAX_STEPS, MAX_UPSERTS, _packs
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.traversal import Cardinality, T

from ckgqa.graph.connection import connect
from ckgqa.graph.ids import edge_id, entity_id, fact_id, slot_edge_id

from .artefacts import gremlin_url, sentence, triple, write_facts

VERSIONS = pytest.mark.parametrize("version", ["3.7", "3.8"])


@pytest.fixture
def prefix():
    return f"测试{uuid.uuid4().hex}"


@pytest.fixture
def make(tmp_path, prefix):
    """Make the CSV of `count` facts about names that nobody else has."""

    def made(name, count, kind="人物", start=0):
        records = [
            sentence(
                f"{prefix}:{number}",
                [
                    triple(
                        f"{prefix}中心",
                        "主演",
                        f"{prefix}{number}",
                        ("影视作品", kind),
                        0.5,
                        inWork=(f'{prefix};"作', "T"),
                    )
                ],
            )
            for number in range(start, start + count)
        ]
        facts = write_facts(tmp_path / f"facts-{name}", records)
        make_csv(CsvSettings(tmp_path / name, facts=facts))
        return tmp_path / name

    return made


@pytest.fixture
def session(version):
    connection = connect(gremlin_url(version))
    yield traversal().with_remote(connection)
    connection.close()


def report(folder):
    return json.loads((folder / "report.json").read_text())


@pytest.mark.gremlin
@VERSIONS
def test_a_server_gets_every_element_with_every_property(tmp_path, make, prefix, version, session):
    load(LoadSettings(make("csv", 3), tmp_path / "graph", gremlin_url(version)))
    slots = {"@value": f"{prefix}0", "inWork": f'{prefix};"作'}
    fact = fact_id(f"{prefix}中心", "主演", slots)
    assert session.V(fact).value_map().to_list() == [{"predicate": ["主演"]}]
    assert session.V(fact).label().to_list() == ["fact"]
    assert sorted(session.V(fact).out_e().label().to_list()) == ["@value", "inWork", "subject"]
    assert session.V(entity_id(f'{prefix};"作')).value_map().to_list() == [{"name": [f'{prefix};"作'], "type": ["T"]}]
    edge = session.E(edge_id(f"{prefix}中心", "主演", f"{prefix}0"))
    assert edge.value_map().to_list() == [{"source": "extracted", "score": 0.5, "count": 1, "evidence": f"{prefix}:0"}]
    assert session.V(entity_id(f"{prefix}中心")).out("主演").count().to_list() == [3]


@pytest.mark.gremlin
@VERSIONS
def test_loading_twice_adds_nothing_the_second_time(tmp_path, make, version):
    folder = make("csv", 700)  # more than one request of ids, many of writes
    load(LoadSettings(folder, tmp_path / "a", gremlin_url(version)))
    first = report(tmp_path / "a")
    load(LoadSettings(folder, tmp_path / "b", gremlin_url(version)))
    second = report(tmp_path / "b")
    assert (first["added_vertices"], first["added_edges"]) == (1 + 700 + 1 + 700, 700 * 4)
    assert (second["added_vertices"], second["added_edges"], second["added_types"]) == (0, 0, 0)


@pytest.mark.gremlin
@VERSIONS
def test_a_second_batch_adds_new_elements_and_types_and_leaves_the_rest(tmp_path, make, prefix, version, session):
    load(LoadSettings(make("first", 60), tmp_path / "a", gremlin_url(version)))
    session.V(entity_id(f"{prefix}0")).property(Cardinality.single, "name", "kept").id_().to_list()
    load(LoadSettings(make("second", 60, kind="演员", start=30), tmp_path / "b", gremlin_url(version)))
    second = report(tmp_path / "b")
    # 30 old actors get a type; 30 new actors and their 30 facts come in.
    assert (second["added_vertices"], second["added_edges"], second["added_types"]) == (60, 120, 30)
    assert session.V(entity_id(f"{prefix}0")).values("name").to_list() == ["kept"]
    assert sorted(session.V(entity_id(f"{prefix}45")).values("type").to_list()) == ["人物", "演员"]
    assert session.V(entity_id(f"{prefix}中心")).out_e("主演").count().to_list() == [90]


@pytest.mark.gremlin
@VERSIONS
def test_a_load_that_broke_off_is_completed_by_the_next(tmp_path, make, prefix, version, session):
    folder = make("csv", 80)
    # As after a kill: some vertices and edges are there, some are not.
    session.add_v("entity").property(T.id, entity_id(f"{prefix}0")).property(
        Cardinality.single, "name", f"{prefix}0"
    ).property(Cardinality.set_, "type", "人物").id_().to_list()
    load(LoadSettings(folder, tmp_path / "graph", gremlin_url(version)))
    assert report(tmp_path / "graph")["added_vertices"] == 1 + 79 + 1 + 80
    assert session.V(entity_id(f"{prefix}0")).in_("主演").count().to_list() == [1]


@pytest.mark.gremlin
@VERSIONS
def test_the_folder_of_a_server_holds_its_address_without_credentials(tmp_path, make, version):
    url = gremlin_url(version)
    secret = url.replace("ws://", "ws://user:hunter2@")
    assert entry(["load", "--graph-csv", str(make("csv", 1)), "--graph", str(tmp_path / "graph"), "--url", secret]) == 0
    assert {path.name for path in (tmp_path / "graph").iterdir()} == {
        "graph.json", "names.jsonl", "texts.jsonl", "edge_sentences.csv", "report.json", "manifest.json",
    }  # fmt: skip
    assert json.loads((tmp_path / "graph" / "graph.json").read_text()) == {"url": url}
    for file in (tmp_path / "graph").iterdir():
        assert "hunter2" not in file.read_text()


def test_writing_requests_stay_within_neptunes_bounds():
    assert [len(pack) for pack in _packs(range(120), lambda _: 5)] == [MAX_UPSERTS, MAX_UPSERTS, 20]
    assert [len(pack) for pack in _packs(range(9), lambda _: MAX_STEPS // 3)] == [3, 3, 3]
    assert [len(pack) for pack in _packs([0, 1], lambda _: MAX_STEPS + 1)] == [1, 1]
    assert list(_packs([], lambda _: 1)) == []


@pytest.mark.gremlin
@VERSIONS
def test_a_graph_in_a_server_is_added_to_there_and_a_run_after_a_broken_one_ends_it(
    tmp_path, make, prefix, version, session
):
    load(LoadSettings(make("csv", 3), tmp_path / "base", gremlin_url(version)))
    batch = make("more", 2, start=2)  # the fact 2 is known, 3 is not
    load(LoadSettings(batch, tmp_path / "broken", gremlin_url(version)))  # as far as a broken run may have come
    add(AddSettings(batch, tmp_path / "new", base=tmp_path / "base"))
    assert json.loads((tmp_path / "new" / "graph.json").read_text()) == {"url": gremlin_url(version)}
    added = {json.loads(line)["id"] for line in (tmp_path / "new" / "added.jsonl").read_text().splitlines()}
    fact = fact_id(f"{prefix}中心", "主演", {"@value": f"{prefix}3", "inWork": f'{prefix};"作'})
    slots = {slot_edge_id(fact, slot) for slot in ("subject", "@value", "inWork")}
    assert added == {edge_id(f"{prefix}中心", "主演", f"{prefix}3"), *slots}
    texts = [json.loads(line)["id"] for line in (tmp_path / "new" / "texts.jsonl").read_text().splitlines()]
    assert texts == [f"{prefix}:{number}" for number in range(4)]
    assert session.V(entity_id(f"{prefix}中心")).out("主演").count().to_list() == [4]
