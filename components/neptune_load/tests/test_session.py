"""Requests are tried again when that may help, and only then."""

import errno
from typing import ClassVar

import pytest
from aiohttp import ServerDisconnectedError
from ckgqa_neptune_load.targets import session as session_module
from ckgqa_neptune_load.targets.session import GremlinSession
from gremlin_python.driver.protocol import GremlinServerError
from gremlin_python.driver.remote_connection import RemoteTraversal

from ckgqa.runtime import retry
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.retry import RetryPolicy


class ConnectionStub:
    """Stands in for the wire: nothing is sent, the errors of the server come in their order, closing is counted."""

    closed = 0
    errors: ClassVar[list[Exception]] = []

    def submit(self, _bytecode):
        if ConnectionStub.errors:
            raise ConnectionStub.errors.pop(0)
        return RemoteTraversal(iter([]))

    def close(self):
        ConnectionStub.closed += 1


@pytest.fixture
def opened(monkeypatch):
    """Record each connection that is made, with its timeout, and each wait."""
    record = {"timeouts": [], "waits": []}
    ConnectionStub.closed = 0
    ConnectionStub.errors = []

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

    def work(g, again):
        tried.append(again)
        g.V().to_list()
        return "done"

    ConnectionStub.errors = [error, error]

    with GremlinSession("ws://h:1/gremlin", 7.0, RetryPolicy(attempts=3, wait_s=0.5)) as session:
        assert session.run(work) == "done"
    assert tried == [False, True, True]
    assert opened["waits"] == [0.5, 1.0]
    assert opened["timeouts"] == [7.0, 7.0, 7.0]
    assert ConnectionStub.closed == 3


def test_after_the_last_attempt_it_is_a_service_error_that_names_the_server(opened):
    def work(g, _):
        g.V().to_list()

    ConnectionStub.errors = [TimeoutError()] * 9

    with (
        GremlinSession("ws://user:secret@h:1/gremlin", 1.0, RetryPolicy(attempts=2, wait_s=0.0)) as session,
        pytest.raises(ServiceError, match=r"^ws://\*\*\*@h:1/gremlin: no answer in time \(tried 2 times\)"),
    ):
        session.run(work)
    assert len(opened["timeouts"]) == 2


def test_a_request_that_the_server_refuses_is_not_tried_again(opened):
    def work(g, _):
        g.V().to_list()

    ConnectionStub.errors = [server_error("Expected an id that is convertible to Long")]

    with (
        GremlinSession("ws://h:1/gremlin", 1.0, RetryPolicy(attempts=5, wait_s=0.0)) as session,
        pytest.raises(InputError, match="must take string ids"),
    ):
        session.run(work)
    assert len(opened["timeouts"]) == 1


@pytest.mark.parametrize(
    "error",
    [KeyError("x"), OSError(errno.ENOSPC, "No space left on device"), RuntimeError("Connection was never asked for")],
    ids=str,
)
def test_an_error_of_the_work_itself_is_shown_as_it_is(opened, error):
    def work(_, again):
        raise error

    with (
        GremlinSession("ws://h:1/gremlin", 1.0, RetryPolicy(attempts=5, wait_s=0.0)) as session,
        pytest.raises(type(error)) as raised,
    ):
        session.run(work)
    assert raised.value is error
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
    def work(g, _):
        g.V().to_list()

    ConnectionStub.errors = [TimeoutError()] * 9

    policy = RetryPolicy(attempts=2, wait_s=0.5)
    with (
        GremlinSession("ws://h:1/gremlin", 1.0, policy) as session,
        pytest.raises(ServiceError, match="is the server up"),
    ):
        session.run(work)
    warnings = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert warnings == ["attempt 1 of 2 failed: no answer in time; again in 0.5 s"]


def test_waits_do_not_grow_without_end(opened):
    def work(g, _):
        g.V().to_list()

    ConnectionStub.errors = [TimeoutError()] * 9

    with (
        GremlinSession("ws://h:1/gremlin", 1.0, RetryPolicy(attempts=9, wait_s=1.0)) as session,
        pytest.raises(ServiceError),
    ):
        session.run(work)
    assert opened["waits"] == [1, 2, 4, 8, 16, 30, 30, 30]
