"""The same questions on real Gremlin Servers, 3.7 and 3.8; and a server that goes away and comes back."""

import os
import threading
import uuid

import pytest
from ckgqa_answer.retrieval.facts import QueryResult
from ckgqa_answer.retrieval.graph_client import GraphClient, QueryError, failure_of_connection
from ckgqa_answer.retrieval.queries import look_up, neighbourhood, with_slots
from gremlin_python.driver.protocol import GremlinServerError
from gremlin_python.process.anonymous_traversal import traversal

from ckgqa.graph.connection import connect
from ckgqa.graph.ids import entity_id
from ckgqa.runtime.errors import ServiceError
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.retry import RetryPolicy

from ..made import FACTS, load_server
from ..relay import Relay

LOOKUPS = [
    ("list:导演/@value", {"subject": ["战狼2"]}),
    ("list:导演/subject", {"@value": ["吴京"]}),
    ("list:主演/@value", {"subject": ["战狼", "流浪地球"]}),
    ("list:饰演/@value", {"subject": ["吴京"]}),
    ("list:饰演/@value", {"subject": ["吴京"], "inWork": ["战狼"]}),
    ("list:饰演/@value", {"inWork": ["战狼"]}),
    ("list:饰演/subject", {"@value": ["冷锋"], "inWork": ["战狼"]}),
    ("list:饰演/inWork", {"subject": ["吴京"], "@value": ["刘培强"]}),
    ("list:获奖/onDate", {"subject": ["张曼玉"]}),
    ("yes_no:导演/@value", {"subject": ["战狼2"], "@value": ["吴京"]}),
    ("yes_no:饰演/@value", {"subject": ["吴京"], "@value": ["冷锋"], "inWork": ["战狼"]}),
    ("list:导演/@value>妻子/@value", {"subject": ["战狼2"]}),
    ("list:导演/subject>主演/@value", {"@value": ["吴京"]}),
    ("list:导演/@value>饰演/inWork", {"subject": ["战狼2"]}),
    ("list:饰演/subject>妻子/@value", {"@value": ["刘培强"]}),
    ("list:编剧/@value", {"subject": ["战狼2"]}),
    ("list:导演/@value", {"subject": ["没有这个名字"]}),
]


def told(found: QueryResult, prefix: str = ""):
    """Say what was found, without what differs between two loads."""
    values = sorted((one.name.removeprefix(prefix), one.types) for one in found.values)
    facts = sorted(
        (f.predicate, sorted((role, v.name.removeprefix(prefix)) for role, v in f.roles.items()), f.source, f.score,
         f.count, f.evidence, len(f.edges), len(f.vertices))
        for f in found.facts
    )  # fmt: skip
    return values, facts, found.total, len(found.paths)


@pytest.fixture(params=["37", "38"])
def url(request):
    found = os.environ.get(f"CKGQA_TEST_GREMLIN_{request.param}")
    assert found, f"CKGQA_TEST_GREMLIN_{request.param} names no Gremlin Server: these tests need one of each version"
    return found


@pytest.fixture
def loaded(url):
    """Load the made graph under names of its own."""
    prefix = f"测试{uuid.uuid4().hex}"
    connection = connect(url)
    load_server(traversal().with_remote(connection), FACTS, prefix)
    connection.close()
    return url, prefix


@pytest.mark.gremlin
def test_a_server_says_what_the_embedded_graph_says(loaded, graph):
    url, prefix = loaded
    server = GraphClient(url, connections=2)
    for label, given in LOOKUPS:
        chain = Intent.parse(label).chain
        here = look_up(graph, chain, given, 500)
        prefixed = {role: [prefix + name for name in names] for role, names in given.items()}
        there = look_up(server, chain, prefixed, 500)
        assert told(there, prefix) == told(here), label
        one_row = look_up(server, chain, prefixed, 1)
        assert (len(one_row.paths), one_row.total) == (min(1, len(here.paths)), here.total), label
        if here and len(chain) == 1 and not any(fact.slots for fact in here.facts):
            both = (with_slots(server, there.facts, 500), with_slots(graph, here.facts, 500))
            assert len({tuple(sorted(tuple(f.slots) for f in facts)) for facts in both}) == 1
    vertices, edges = neighbourhood(server, entity_id(f"{prefix}吴京"), 5)
    assert (len(edges), len(vertices) >= 5) == (5, True)
    server.close()


@pytest.mark.gremlin
def test_a_server_that_dies_under_load_and_comes_back_is_answered_from_without_a_restart(loaded):
    url, prefix = loaded
    relay = Relay(url)
    graph = GraphClient(
        f"ws://127.0.0.1:{relay.port}/gremlin", timeout_s=2, connections=4, retries=RetryPolicy(2, 0.01)
    )
    chain = Intent.parse("list:导演/@value").chain
    told_of: dict[str, list[str]] = {"up": [], "down": [], "back": []}

    def ask(when: str) -> None:
        for _ in range(5):
            try:
                found = look_up(graph, chain, {"subject": [f"{prefix}战狼2"]}, 10)
                told_of[when].append(found.values[0].name.removeprefix(prefix))
            except ServiceError as error:
                told_of[when].append(str(error))

    def load(when: str) -> None:
        threads = [threading.Thread(target=ask, args=(when,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)

    load("up")
    relay.cut()
    load("down")
    relay.put_back()
    load("back")
    graph.close()
    relay.cut()
    assert told_of["up"] == ["吴京"] * 40
    assert told_of["back"] == ["吴京"] * 40
    assert len(told_of["down"]) == 40
    assert all(one.startswith("graph ws://127.0.0.1:") and "tried 2 times" in one for one in told_of["down"])


def test_a_server_that_is_not_there_is_said_so(tmp_path):
    graph = GraphClient("ws://user:hunter2@127.0.0.1:1/gremlin", timeout_s=1, retries=RetryPolicy(2, 0.01))
    with pytest.raises(ServiceError) as raised:
        graph.run(lambda g: g.V().limit(1).to_list())
    assert "hunter2" not in str(raised.value)
    # However often: no connection is lost.
    for _ in range(20):
        with pytest.raises(ServiceError, match="tried 2 times"):
            graph.run(lambda g: g.V().limit(1).to_list())
    graph.close()


@pytest.mark.parametrize(
    "bug", [RuntimeError("dictionary changed size"), RecursionError(), NotImplementedError("later")]
)
def test_a_bug_in_a_query_is_no_graph_that_is_down(graph, bug):
    calls = []

    def query(g):
        calls.append(g)
        raise bug

    with pytest.raises(type(bug)) as raised:
        graph.run(query)
    assert raised.value is bug
    assert len(calls) == 1
    # The next question has the connection's place.
    assert graph.run(lambda g: g.V().limit(1).count().next()) == 1


def test_a_step_that_the_engine_does_not_know_is_a_bug_of_ours(graph):
    with pytest.raises(QueryError, match="does not know the step 'pageRank'"):
        graph.run(lambda g: g.V().page_rank().to_list())


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("Connection was closed by server."), "Connection was closed by server."),
        (GremlinServerError({"code": 500, "message": "busy", "attributes": {}}), "it refused (500: busy)"),
        (RuntimeError("Cannot run the event loop while another loop is running"), None),
        (KeyError("id"), None),
    ],
)
def test_failures_of_a_connection_are_told_from_bugs(error, reason):
    found = failure_of_connection(error)
    assert found is None if reason is None else str(found).startswith(reason)
