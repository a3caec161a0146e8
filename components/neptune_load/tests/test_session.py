"""Requests are tried again when that may help, and only then."""

import pytest
from aiohttp import ServerDisconnectedError
from ckgqa_neptune_load.targets import session as session_module
from ckgqa_neptune_load.targets.session import GremlinSession
from gremlin_python.driver.protocol import GremlinServerError

from ckgqa.runtime import retry
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.retry import RetryPolicy


class ConnectionStub:
    """Stands in for the wire: nothing is sent, closing is counted."""

    closed = 0

    def close(self):
        ConnectionStub.closed += 1


@pytest.fixture
def opened(monkeypatch):
    """Record each connection that is made, with its timeout, and each wait."""
    record = {"timeouts": [], "waits": []}
    ConnectionStub.closed = 0

    def connect(_url, *, timeout_s):
        record["timeouts"].append(timeout_s)
        return ConnectionStub()

    monkeypatch.setattr(session_module, "connect", connect)
    monkeypatch.setattr(retry.time, "sleep", record["waits"].append)
    return record


def server_error(message, code=500):
    return GremlinServerError({"code": code, "message": message, "attributes": {}})


TRANSIENT = [
    server_error("ConcurrentModificationException: conflict"),
    server_error("ReadOnlyViolationException"),
    server_error("Too many connections", 429),
    server_error("Server disconnected - please try to reconnect"),
    server_error("Vertex with id already exists: a"),
    RuntimeError("Connection was closed by server."),
    ConnectionResetError("reset"),
    ServerDisconnectedError(),
    TimeoutError(),
]


@pytest.mark.parametrize("error", TRANSIENT, ids=str)
def test_a_transient_failure_is_retried_on_a_new_connection(opened, error):
    tried = []

    def work(_, again):
        tried.append(again)
        if len(tried) < 3:
            raise error
        return "done"

    with GremlinSession("ws://h:1/gremlin", 7.0, RetryPolicy(attempts=3, wait_s=0.5)) as session:
        assert session.run(work) == "done"
    assert tried == [False, True, True]
    assert opened["waits"] == [0.5, 1.0]
    assert opened["timeouts"] == [7.0, 7.0, 7.0]
    assert ConnectionStub.closed == 3


def test_after_the_last_attempt_it_is_a_service_error_that_names_the_server(opened):
    def work(_, again):
        raise TimeoutError

    with (
        GremlinSession("ws://user:secret@h:1/gremlin", 1.0, RetryPolicy(attempts=2, wait_s=0.0)) as session,
        pytest.raises(ServiceError, match=r"^ws://\*\*\*@h:1/gremlin: no answer in time \(tried 2 times\)"),
    ):
        session.run(work)
    assert len(opened["timeouts"]) == 2


def test_a_request_that_the_server_refuses_is_not_tried_again(opened):
    def work(_, again):
        raise server_error("Expected an id that is convertible to Long")

    with (
        GremlinSession("ws://h:1/gremlin", 1.0, RetryPolicy(attempts=5, wait_s=0.0)) as session,
        pytest.raises(InputError, match="must take string ids"),
    ):
        session.run(work)
    assert len(opened["timeouts"]) == 1


def test_an_error_of_our_own_is_shown_as_it_is(opened):
    def work(_, again):
        raise KeyError("x")

    with (
        GremlinSession("ws://h:1/gremlin", 1.0, RetryPolicy(attempts=5, wait_s=0.0)) as session,
        pytest.raises(KeyError),
    ):
        session.run(work)
    assert len(opened["timeouts"]) == 1


def test_an_error_of_the_machine_keeps_its_own_message(opened):
    def work(_, again):
        raise ServiceError("graph g.db: the disk is full")

    with (
        GremlinSession("g.db", 1.0, RetryPolicy(attempts=5, wait_s=0.0)) as session,
        pytest.raises(ServiceError, match=r"^graph g.db: the disk is full$"),
    ):
        session.run(work)
    assert len(opened["timeouts"]) == 1


def test_each_failed_attempt_but_the_last_is_logged(opened, caplog):
    def work(_, again):
        raise TimeoutError

    policy = RetryPolicy(attempts=2, wait_s=0.5)
    with (
        GremlinSession("ws://h:1/gremlin", 1.0, policy) as session,
        pytest.raises(ServiceError, match="is the server up"),
    ):
        session.run(work)
    warnings = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert warnings == ["attempt 1 of 2 failed: no answer in time; again in 0.5 s"]


def test_waits_do_not_grow_without_end(opened):
    def work(_, again):
        raise TimeoutError

    with (
        GremlinSession("ws://h:1/gremlin", 1.0, RetryPolicy(attempts=9, wait_s=1.0)) as session,
        pytest.raises(ServiceError),
    ):
        session.run(work)
    assert opened["waits"] == [1, 2, 4, 8, 16, 30, 30, 30]
