"""Lost connections are told from bugs by the errors that the driver raises."""

import pytest
from aiohttp import ClientPayloadError, ServerDisconnectedError
from gremlin_python.driver.protocol import GremlinServerError

from ckgqa.graph.connection import connect, lost_connection
from ckgqa.runtime.errors import InputError


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("Connection was closed by server."), "Connection was closed by server."),
        (RuntimeError("Connection was already closed."), "Connection was already closed."),
        (RuntimeError("Received error on read: 'x'"), "Received error on read: 'x'"),
        (
            Exception("Failed to connect to server: HTTP Error code 403"),
            "Failed to connect to server: HTTP Error code 403",
        ),
        (ConnectionRefusedError("refused"), "refused"),
        (ServerDisconnectedError(), "Server disconnected"),
        (ClientPayloadError(), "ClientPayloadError"),
        (TimeoutError(), "no answer in time"),
        (RuntimeError("Cannot run the event loop while another loop is running"), None),
        (RecursionError("maximum recursion depth exceeded"), None),
        (ValueError("Connection was closed by server."), None),
        (KeyError("id"), None),
        (GremlinServerError({"code": 500, "message": "busy", "attributes": {}}), None),
    ],
)
def test_a_lost_connection_is_told_from_other_errors(error, reason):
    assert lost_connection(error) == reason


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"timeout_s": 0}, "^timeout_s 0: expected a number above 0$"),
        ({"pool_size": 0}, "^pool_size 0: expected an integer of at least 1$"),
    ],
)
def test_a_bound_that_is_passed_is_named(wrong, message):
    with pytest.raises(InputError, match=message):
        connect("ws://localhost:1/gremlin", **wrong)
