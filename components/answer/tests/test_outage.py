"""The whole service when its graph, a real Gremlin Server, goes away under load, and comes back empty."""

import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.traversal import P

from ckgqa.graph.connection import connect
from ckgqa.runtime.artefacts import GRAPH
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.manifest import Manifest, write_manifest

from .made import FACTS, load_server, names_of, record, write_names
from .relay import Relay
from .running import ask, running, send
from .stub_server import serving

CLIENTS = 8
PHASE_S = 2.0


@pytest.fixture
def prefix():
    return f"测试{uuid.uuid4().hex[:8]}"


@contextmanager
def connected(url: str) -> Iterator[object]:
    connection = connect(url)
    try:
        yield traversal().with_remote(connection)
    finally:
        connection.close()


@pytest.fixture(params=["37", "38"])
def url(request):
    found = os.environ.get(f"CKGQA_TEST_GREMLIN_{request.param}")
    assert found, f"CKGQA_TEST_GREMLIN_{request.param} names no Gremlin Server: these tests need one of each version"
    return found


def folder_of(place: Path, url: str, prefix: str) -> Path:
    """Write the folder of a graph that a server holds."""
    place.mkdir()
    write_names(place, FACTS, prefix)
    write_json(place / "graph.json", {"url": url})
    write_manifest(place, Manifest(*GRAPH, "schema", "neptune_load load"))
    return place


class Load:
    """Clients that ask until they are stopped; what they got is counted by phase."""

    def __init__(self, port: int, question: str) -> None:
        self.port, self.question = port, question
        self.seen: dict[str, Counter[object]] = {}
        self.phase = ""
        self.stopped = False
        self.threads = [threading.Thread(target=self.client) for _ in range(CLIENTS)]

    def client(self) -> None:
        while not self.stopped:
            phase = self.phase
            code, reply = ask(self.port, self.question)
            # What began in one phase and ended in another belongs to neither.
            if phase == self.phase and phase:
                told = reply.get("down", reply.get("status"))
                self.seen.setdefault(phase, Counter())[code, str(told)] += 1

    def during(self, phase: str) -> None:
        self.phase = phase
        time.sleep(PHASE_S)
        self.phase = ""


@pytest.mark.gremlin
def test_a_graph_that_dies_under_load_gives_503_and_answers_again_without_a_restart(url, prefix, tmp_path):
    question = f"《{prefix}战狼2》是谁导演的"
    says = {
        question: record(question, "list:导演/@value", {"subject": f"{prefix}战狼2"}),
        "谁": record("谁", "outside"),
    }
    with connected(url) as g:
        load_server(g, FACTS, prefix)
    relay = Relay(url)
    folder = folder_of(tmp_path / "graph", f"ws://127.0.0.1:{relay.port}/gremlin", prefix)
    with serving(says) as stub, running(folder, stub.url, "--graph-timeout-s", "2") as one:
        load = Load(one.port, question)
        for thread in load.threads:
            thread.start()
        try:
            load.during("up")
            relay.cut()
            time.sleep(0.5)
            load.during("down")
            assert send(one.port, "GET", "/ready")[1]["down"] == ["graph"]
            with connected(url) as g:
                names = sorted({prefix + name for fact in FACTS for name in names_of(fact)})
                g.V().has("name", P.within(names)).drop().to_list()
            relay.put_back()
            time.sleep(0.5)
            load.during("empty")
            with connected(url) as g:
                load_server(g, FACTS, prefix)
            load.during("back")
        finally:
            load.stopped = True
            for thread in load.threads:
                thread.join(30)
            relay.cut()
        assert one.process.poll() is None
    assert load.seen["up"].keys() == {(200, "answered")}
    assert load.seen["down"].keys() == {(503, "['graph']")}
    assert load.seen["empty"].keys() == {(200, "unknown")}
    assert load.seen["back"].keys() == {(200, "answered")}
    assert all(count.total() >= CLIENTS for count in load.seen.values())
