"""Real Gremlin Servers and an embedded graph, side by side."""

import logging
import os

import pytest
from gremlin_python.process.anonymous_traversal import traversal

from ckgqa.graph.connection import connect


@pytest.fixture(autouse=True)
def _own_log():
    """Take a program's log handler away again: it writes to a standard error that ends with the test."""
    yield
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if type(handler) is logging.StreamHandler]:
        root.removeHandler(handler)


@pytest.fixture(scope="module", params=["37", "38"])
def server_url(request):
    """Address of a real server; a missing one is a failure, never a skip."""
    url = os.environ.get(f"CKGQA_TEST_GREMLIN_{request.param}")
    if not url:
        pytest.fail(f"CKGQA_TEST_GREMLIN_{request.param} names no Gremlin Server: these tests need one of each version")
    return url


@pytest.fixture(scope="module")
def server(server_url):
    connection = connect(server_url)
    yield traversal().with_remote(connection)
    connection.close()


@pytest.fixture(scope="module")
def embedded_url(tmp_path_factory):
    return f"embedded:{tmp_path_factory.mktemp('graph') / 'graph.db'}"


@pytest.fixture(scope="module")
def embedded(embedded_url):
    connection = connect(embedded_url)
    yield traversal().with_remote(connection)
    connection.close()
