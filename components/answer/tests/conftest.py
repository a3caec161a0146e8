"""One graph for all tests, and an application over it whose model says what a test tells it."""

import logging

import pytest
from ckgqa_answer.application import Application
from ckgqa_answer.linking.index import Index
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.sentences import SentenceStore
from ckgqa_answer.retrieval.graph_client import GraphClient

from .made import Scripted, write_graph


@pytest.fixture(autouse=True)
def _own_log():
    """Take the program's log handler away again: it writes to a standard error that ends with the test."""
    yield
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if type(handler) is logging.StreamHandler]:
        root.removeHandler(handler)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    """Keep indexes out of the user's cache."""
    monkeypatch.setenv("CKGQA_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def graph_folder(tmp_path_factory):
    return write_graph(tmp_path_factory.mktemp("made") / "graph")


@pytest.fixture
def index(graph_folder):
    opened = Index(graph_folder)
    yield opened
    opened.close()


@pytest.fixture
def lexicon(index):
    return Lexicon(index)


@pytest.fixture
def graph(graph_folder):
    opened = GraphClient(str(graph_folder / "graph.db"))
    yield opened
    opened.close()


@pytest.fixture
def model():
    return Scripted()


@pytest.fixture
def application(model, graph, lexicon, index):
    return Application(model, graph, lexicon, SentenceStore(index))


@pytest.fixture
def ask(application, model):
    """Tell the model what a question means, and ask it."""

    def asked(question, label=None, slots=(), others=None, p=0.97, context=None):
        if label is not None:
            model.tell(question, label, slots, others, p)
        return application.ask(question, context)

    return asked


@pytest.fixture
def director(ask):
    """The director of 战狼2 was asked for, and is 吴京."""
    return ask("《战狼2》的导演是谁", "list:导演/@value", {"subject": "战狼2"})
