"""The embedded graph: hand-checked answers, what it refuses, its file, and its speed."""

import os
import sqlite3
import tempfile
import threading
import time
import warnings
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import __
from gremlin_python.process.traversal import Bindings, Cardinality, Order, P, Pop, Scope, T, TextP
from gremlin_python.structure.graph import Edge, Vertex

from ckgqa.graph import file
from ckgqa.graph.connection import connect
from ckgqa.graph.errors import TraversalError, UnsupportedStepError
from ckgqa.runtime.errors import InputError, ServiceError
from tests.graph.made_graph import write

NOBODY = 65534


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "graph.db"
    connection = connect(str(path))
    write(traversal().with_remote(connection))
    connection.close()
    return path


@pytest.fixture
def g(path):
    connection = connect(f"embedded:{path}", read_only=True)
    yield traversal().with_remote(connection)
    connection.close()


@pytest.fixture
def empty(tmp_path):
    connection = connect(str(tmp_path / "graph.db"))
    yield traversal().with_remote(connection)
    connection.close()


# Answers


def test_elements_come_back_as_id_and_label_alone(g):
    (vertex,) = g.V("v00").to_list()
    assert (type(vertex), vertex.id, vertex.label, vertex.properties) == (Vertex, "v00", "entity", [])
    (edge,) = g.E("e00").to_list()
    assert (type(edge), edge.id, edge.label, edge.outV.id, edge.inV.id) == (Edge, "e00", "导演", "v00", "v03")


def test_one_and_two_hops_from_a_name(g):
    assert g.V().has("name", "战狼").out("导演").values("name").to_set() == {"余男", "吴京"}
    assert g.V().has("name", "战狼").in_("inWork").out("@value").values("name").to_list() == ["冷锋"]


def test_equal_objects_are_counted_each(g):
    # Two twins from 战狼 to 吴京: each counts, with and without the shortcut that asks the index.
    assert g.V("v00").out("主演", "导演").has("name", "吴京").count().next() == 2
    assert g.V("v00").out().count().next() == g.V("v00").out().id_().fold().count(Scope.local).next() == 4
    assert g.V("v08").both("国籍").count().next() == len(g.V("v08").both("国籍").to_list())


def test_a_loop_is_found_from_both_its_ends(g):
    assert g.V("v08").both_e().has_id("e28").count().next() == 2
    assert g.V("v08").both_e().has_id("e28").other_v().id_().to_list() == ["v08", "v08"]


def test_text_is_ordered_by_utf16_units_as_java_orders_it(g):
    names = g.V().has("name", P.within("（无名）", "𠮷野家", "中国")).values("name").order().to_list()
    assert names == ["中国", "𠮷野家", "（无名）"]


def test_a_limit_stops_the_reading_of_a_supernode(g):
    assert len(g.V("v07").both().limit(2).to_list()) == 2


def test_the_order_asked_for_is_the_order_given(g):
    found = g.E().has("score", P.gt(0.5)).order().by("score", Order.desc).by(T.id).limit(3).values("score").to_list()
    assert found == sorted(found, reverse=True)


def test_a_path_shows_the_way_and_its_labels(g):
    (way,) = g.V("f1").as_("fact").out("@value").as_("role", "who").path().to_list()
    assert [one.id for one in way.objects] == ["f1", "v13"]
    assert way.labels == [{"fact"}, {"role", "who"}]


def test_promise_answers_as_a_future(g):
    assert g.V().count().promise().result().next() == 20


def test_a_discarded_write_is_kept(empty):
    empty.add_v("entity").property(T.id, "a").iterate()
    empty.add_v("entity").property(T.id, "b").none().to_list()
    assert empty.V().id_().to_set() == {"a", "b"}


def test_a_set_keeps_each_value_once_and_single_replaces_all(empty):
    empty.add_v("entity").property(T.id, "a").property("type", "x").property("type", "x").property(
        "type", "y"
    ).iterate()
    assert empty.V("a").values("type").to_list() == ["x", "y"]
    empty.V("a").property(Cardinality.single, "type", "z").iterate()
    assert empty.V("a").value_map().to_list() == [{"type": ["z"]}]


def test_values_come_back_as_what_they_were(empty):
    empty.add_v("entity").property(T.id, "a").iterate()
    for value in (True, False, 1, 1.0, -(2**62), 0.1, "字\n\x1f'\"", ""):
        empty.V("a").property(Cardinality.single, "v", value).iterate()
        (found,) = empty.V("a").values("v").to_list()
        assert (type(found), found) == (type(value), value)


def test_ids_of_32_hexadecimal_digits_and_any_other_text_come_back_as_they_were(empty):
    ids = ["0" * 32, "f" * 32, "F" * 32, "a" * 31, "g" * 32, "字" * 32, "00 " * 10 + "00"]
    for one in ids:
        empty.add_v("entity").property(T.id, one).iterate()
    assert empty.V().id_().to_list() == ids
    for one in ids:
        assert empty.V(one).id_().to_list() == [one]


def test_a_vertex_without_an_id_gets_one_that_is_text(empty):
    (one, other) = empty.inject(1, 2).add_v("entity").id_().to_list()
    assert isinstance(one, str)
    assert one != other


def test_dropping_a_vertex_drops_its_edges(empty):
    for one in "abc":
        empty.add_v("entity").property(T.id, one).iterate()
    for one, other in ("ab", "bc", "ca"):
        empty.add_e("k").from_(__.V(one)).to(__.V(other)).property(T.id, one + other).iterate()
    empty.V("a").drop().iterate()
    assert empty.E().id_().to_list() == ["bc"]
    empty.V("b").properties().drop().iterate()
    assert empty.V().count().next() == 2


# What is refused


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (lambda g: g.V().page_rank(), "pageRank"),
        (lambda g: g.V().out().sack(), "sack"),
        (lambda g: g.V().where(__.out().math("_ + 1")), "math"),
        (lambda g: g.V().merge_v({}), "mergeV"),
        (lambda g: g.V().has("name", TextP.regex("x")), "regex"),
        (lambda g: g.V().has("name", P.type_of("x")), "typeOf"),
        (lambda g: g.V().has("name", P.not_(P.test("x"))), "test"),
        (lambda g: g.V().out().by("name"), "by after out"),
        (lambda g: g.V().to(__.V()), "to after V"),
        (lambda g: g.with_side_effect("x", 1).V(), "withSideEffect"),
        (lambda g: g.with_("unknown", 1).V(), "unknown"),
        (lambda g: g.with_computer().V(), "withStrategies"),
        (lambda g: g.V(Bindings.of("x", "v00")), "Binding"),
        (lambda g: g.V().order().by(Order.shuffle), "shuffle"),
        (lambda g: g.V().has("name", __.is_("x")), "has(key, traversal)"),
        (lambda g: g.V().fold().limit(Scope.local, 1), "limit(local) of one"),
        (lambda g: g.V().fold().tail(Scope.local), "tail(local) of one"),
        (lambda g: g.V().select(Pop.mixed, "x"), "select(Pop.mixed)"),
        (lambda g: g.V().choose(T.label).option("x", __.out()), "option"),
        (lambda g: g.V().choose(__.label(), __.out(), __.in_(), __.both()), "choose() with options or predicates"),
        (lambda g: g.V().group().by(T.label).by(__.out()), "by() of a group's values without an end"),
        (lambda g: g.V().as_("x").out().where(P.within("x")), "where(within)"),
        (lambda g: g.V().repeat(__.out().limit(2)).times(2), "limit inside repeat()"),
        (lambda g: g.V().repeat(__.out()).times(2).until(__.out()), "repeat() with times() and until()"),
        (lambda g: g.V().optional(__.out().count()), "count inside optional()"),
        (lambda g: g.V().fold([]), "fold(seed)"),
        (lambda g: g.V().barrier(2), "barrier(2,)"),
        (lambda g: g.V().fold().none(P.eq(1)), "none(predicate)"),
        (lambda g: g.V().group("x"), "group('x',)"),
        (lambda g: g.V().group_count("x"), "groupCount('x',)"),
        (lambda g: g.V().and_(), "and() without traversals"),
        (lambda g: g.V().value_map().with_("~tinkerpop.valueMap.tokens", 2), "~tinkerpop.valueMap.tokens"),
        (lambda g: g.V().property(Cardinality.list_, "x", 1), "property(list)"),
        (lambda g: g.V().property("x", 1, "meta", 2), "property() of 4 arguments"),
    ],
)
def test_what_is_not_known_is_refused_by_name_before_anything_runs(g, ask, name):
    with pytest.raises(UnsupportedStepError) as refusal:
        ask(g).to_list()
    assert refusal.value.name == name
    assert repr(name) in str(refusal.value)


@pytest.mark.parametrize(
    "ask",
    [
        lambda g: g.V(1),
        lambda g: g.V().id_().out(),
        lambda g: g.V().out().E(),
        lambda g: g.E().other_v(),
        lambda g: g.V().values("name").sum_(),
        lambda g: g.V().union(__.values("name"), __.out().count()).max_(),
        lambda g: g.V().group().by("type"),
        lambda g: g.V().values("name").has("x"),
        lambda g: g.V().key(),
        lambda g: g.V().fold().order(),
        lambda g: g.V().select("x", 1),
        lambda g: g.V().project(),
        lambda g: g.V().limit("x"),
        lambda g: g.V().range_(3, 1),
        lambda g: g.V().has("name", TextP.containing(1)),
        lambda g: g.E().has("count", TextP.containing("1")),
        lambda g: g.V().emit(),
        lambda g: g.V().repeat(__.out()).times("x"),
        lambda g: g.V().dedup("x"),
        lambda g: g.V().not_("x"),
        lambda g: g.V().select(T.id),
        lambda g: g.V().out(1),
        lambda g: g.V().values(1),
        lambda g: g.V().hasNot(),
        lambda g: g.V().has("name", None),
        lambda g: g.V().where("x"),
        lambda g: g.V().fold().dedup(Scope.local).dedup(Scope.local).unfold().dedup(Scope.local),
        lambda g: g.V().id_().elementMap(),
        lambda g: g.V().group().by(1),
        lambda g: g.V().where(P.eq(1)),
    ],
)
def test_what_has_no_answer_is_refused(g, ask):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(InputError):
            ask(g).to_list()


@pytest.mark.parametrize(
    "ask",
    [
        lambda g: g.add_v("entity").property(T.id, "a"),
        lambda g: g.add_v("entity").property(T.id, 7),
        lambda g: g.add_v("entity", "more"),
        lambda g: g.add_e("k").from_(__.V("a")).to(__.V("absent")),
        lambda g: g.V("a").add_e("k").from_("unknown"),
        lambda g: g.V("a").property("name", "other"),
        lambda g: g.V("a").property("name", 3),
        lambda g: g.V("a").property("x", None),
        lambda g: g.V("a").property("x", float("nan")),
        lambda g: g.V("a").property("x", [1]),
        lambda g: g.V("a").property(T.id, "b"),
        lambda g: g.inject(1).drop(),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_leaves_nothing(empty, ask):
    empty.add_v("entity").property(T.id, "a").property(Cardinality.single, "name", "甲").iterate()
    with pytest.raises(TraversalError):
        ask(empty).to_list()
    assert empty.V().value_map(True).to_list() == [{T.id: "a", T.label: "entity", "name": ["甲"]}]


def test_a_traversal_that_fails_half_way_keeps_nothing(empty):
    empty.add_v("entity").property(T.id, "a").iterate()
    with pytest.raises(TraversalError, match="already exists: a"):
        empty.add_v("new").property(T.id, "b").property("type", "x").add_v("entity").property(T.id, "a").to_list()
    assert empty.V().id_().to_list() == ["a"]
    # The label of what was undone may be used anew.
    empty.add_v("newer").property(T.id, "c").iterate()
    assert empty.V("c").label().next() == "newer"


def test_transactions_over_several_traversals_are_refused(g):
    with pytest.raises(UnsupportedStepError, match="tx"):
        g.tx().begin()


# Time


def test_a_traversal_without_end_is_stopped_by_its_time_limit(path):
    connection = connect(str(path), read_only=True, timeout_s=0.2)
    g = traversal().with_remote(connection)
    with pytest.raises(ServiceError, match="time limit"):
        g.V().repeat(__.both()).emit().count().next()
    assert g.V().count().next() == 20
    connection.close()


def test_evaluation_timeout_of_one_traversal_counts(g):
    with pytest.raises(ServiceError, match="time limit"):
        g.with_("evaluationTimeout", 100).V().repeat(__.both()).emit().count().next()


def test_a_time_limit_of_nothing_is_refused(path):
    with pytest.raises(InputError, match="timeout_s"):
        connect(str(path), timeout_s=0)


# Addresses and files


def test_a_server_that_is_not_there_is_told_at_once():
    with pytest.raises(OSError, match="127.0.0.1"):
        traversal().with_remote(connect("ws://127.0.0.1:9/gremlin")).V().to_list()


@pytest.mark.parametrize(
    "url", ["", " ", "http://host/gremlin", "neptune://x", "ws://", "embedded:", "s3://bucket/graph.db"]
)
def test_an_address_of_no_graph_is_refused_with_what_would_be_right(url):
    with pytest.raises(InputError, match="graph address"):
        connect(url)


def test_a_path_and_embedded_path_are_the_same_graph(tmp_path):
    one = connect(str(tmp_path / "graph.db"))
    traversal().with_remote(one).add_v("entity").property(T.id, "a").iterate()
    other = connect(f"embedded:{tmp_path / 'graph.db'}")
    assert traversal().with_remote(other).V().id_().to_list() == ["a"]
    for connection in (one, other):
        connection.close()
        connection.close()
        assert connection.is_closed()


def test_a_file_that_is_no_graph_is_refused(tmp_path):
    text = tmp_path / "text.db"
    text.write_text("这不是图" * 200, encoding="utf-8")
    with pytest.raises(InputError, match="not a database"):
        connect(str(text))
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE other (x)")
    connection.close()
    for read_only in (False, True):
        with pytest.raises(InputError, match="not a graph of this project"):
            connect(str(foreign), read_only=read_only)


def test_a_file_of_another_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "graph.db"
    connect(str(path)).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {file.FORMAT_VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(
        InputError, match=f"version {file.FORMAT_VERSION + 1}; this program reads version {file.FORMAT_VERSION}"
    ):
        connect(str(path))
    assert path.read_bytes() == before


def test_a_broken_file_is_told(tmp_path):
    path = tmp_path / "graph.db"
    connection = connect(str(path))
    write(traversal().with_remote(connection))
    connection.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(InputError, match="malformed"):
        traversal().with_remote(connect(str(path))).V().value_map().to_list()


def test_places_that_cannot_hold_a_graph_are_refused(tmp_path):
    for place, read_only, words in (
        (tmp_path, False, "this is a folder"),
        (tmp_path / "absent.db", True, "there is no such file"),
        (tmp_path / "absent" / "graph.db", False, "there is no folder"),
    ):
        with pytest.raises(InputError, match=words):
            connect(str(place), read_only=read_only)
    assert list(tmp_path.iterdir()) == []


def test_a_graph_opened_for_reading_is_not_changed(g):
    with pytest.raises(InputError, match="readonly"):
        g.add_v("entity").to_list()


def test_whoever_closes_a_graph_leaves_one_file(tmp_path):
    path = tmp_path / "graph.db"
    writing = connect(str(path))
    traversal().with_remote(writing).add_v("entity").property(T.id, "a").iterate()
    writing.close()
    assert names(tmp_path) == ["graph.db"]
    before = path.read_bytes()
    assert read_ids(path) == ["a"]
    assert names(tmp_path) == ["graph.db"]
    assert path.read_bytes() == before


def test_the_last_reader_takes_away_what_a_writer_had_to_leave(tmp_path):
    path = tmp_path / "graph.db"
    connect(str(path)).close()
    writing = connect(str(path))
    readers = [connect(str(path), read_only=True) for _ in range(2)]
    assert [traversal().with_remote(reader).V().to_list() for reader in readers] == [[], []]
    traversal().with_remote(writing).add_v("entity").property(T.id, "a").iterate()
    writing.close()
    for reader in readers:
        assert names(tmp_path) == ["graph.db", "graph.db-shm", "graph.db-wal"]
        assert traversal().with_remote(reader).V().id_().to_list() == ["a"]
        reader.close()
    assert names(tmp_path) == ["graph.db"]


def test_closing_does_not_wait_for_others(tmp_path):
    path = tmp_path / "graph.db"
    one, other = connect(str(path)), connect(str(path))
    started = time.monotonic()
    one.close()
    assert time.monotonic() - started < 1
    traversal().with_remote(other).add_v("entity").iterate()
    other.close()
    assert names(tmp_path) == ["graph.db"]


@pytest.mark.parametrize("log", ["WAL", "DELETE"])
@pytest.mark.parametrize("mode", [0o555, 0o777])
def test_a_graph_that_may_not_be_written_can_be_read(log, mode):
    # A killed load leaves a file that asks for a log (WAL); pytest's own folders are closed to other users.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.db"
        connection = connect(str(path))
        traversal().with_remote(connection).add_v("entity").property(T.id, "a").iterate()
        connection.close()
        raw = sqlite3.connect(path)
        raw.execute(f"PRAGMA journal_mode = {log}")
        raw.close()
        path.chmod(0o444)
        Path(folder).chmod(mode)
        with without_privileges():
            assert read_ids(path) == ["a"]
            with pytest.raises(InputError, match="readonly|unable to open"), closing(connect(str(path))) as writing:
                traversal().with_remote(writing).add_v("entity").to_list()
        left = names(Path(folder))
        Path(folder).chmod(0o777)
    # SQLite gives no way to clean up to a reader who may make files but not write this one.
    assert left == ["graph.db", "graph.db-shm", "graph.db-wal"] if (log, mode) == ("WAL", 0o777) else ["graph.db"]


def test_a_reader_who_may_not_write_there_sees_what_others_load():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.db"
        connect(str(path)).close()
        path.chmod(0o644)
        Path(folder).chmod(0o755)
        with without_privileges(), closing(connect(str(path), read_only=True)) as reading:
            read = traversal().with_remote(reading)
            assert read.V().id_().to_list() == []
            with with_privileges():
                writing = connect(str(path))
                write = traversal().with_remote(writing)
                write.add_v("entity").property(T.id, "a").iterate()
            assert read.V().id_().to_list() == read_ids(path) == ["a"]
            with with_privileges():
                write.add_v("entity").property(T.id, "b").iterate()
                writing.close()
            assert read.V().id_().to_list() == ["a", "b"]
        assert read_ids(path) == ["a", "b"]
        assert names(Path(folder)) == ["graph.db"]


@contextmanager
def with_privileges():
    """Be the one who runs the tests again, inside `without_privileges`."""
    before = os.getresuid()
    os.setresuid(before[2], before[2], before[2])
    try:
        yield
    finally:
        os.setresuid(*before)


@contextmanager
def without_privileges():
    """Be a user who owns nothing, where the tests run as root; others are not above the permissions of files."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def names(folder):
    return sorted(one.name for one in folder.iterdir())


def read_ids(path):
    connection = connect(str(path), read_only=True)
    found = traversal().with_remote(connection).V().id_().to_list()
    connection.close()
    return found


def test_a_graph_whose_indexes_are_missing_warns_and_answers(tmp_path, caplog):
    path = tmp_path / "graph.db"
    connection = connect(str(path))
    write(traversal().with_remote(connection))
    connection.close()
    raw = sqlite3.connect(path)
    for name in file.INDEXES:
        raw.execute(f"DROP INDEX {name}")
    raw.close()
    connection = connect(str(path), read_only=True)
    assert "broken off" in caplog.text
    assert traversal().with_remote(connection).V().has("name", "战狼").out("导演").count().next() == 2
    connection.close()


def test_a_writer_that_holds_the_graph_too_long_is_the_services_refusal(tmp_path):
    path = tmp_path / "graph.db"
    connection = connect(str(path), timeout_s=0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ServiceError, match="locked"):
        traversal().with_remote(connection).add_v("entity").to_list()
    other.close()
    connection.close()


def test_threads_share_one_connection(tmp_path):
    connection = connect(str(tmp_path / "graph.db"))
    g = traversal().with_remote(connection)

    def work(name):
        for at in range(50):
            g.add_v(f"label{at % 5}").property(T.id, f"{name}{at}").id_().to_list()
            g.V().has_label(f"label{at % 5}").count().next()

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert g.V().count().next() == 200
    connection.close()
