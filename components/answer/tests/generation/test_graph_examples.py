"""Replies without an answer show what can be asked of this graph, and of this name."""

import pytest
from ckgqa_answer.application import Application
from ckgqa_answer.linking.index import Index
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.sentences import SentenceStore
from ckgqa_answer.retrieval.graph_client import GraphClient

from .. import made
from ..made import TYPES, Said, Scripted, write_graph

DISEASES = {"肺炎": ["疾病"], "发热": ["症状"], "青霉素": ["药物"], "咽炎": ["疾病"]}


@pytest.fixture
def asked(tmp_path, monkeypatch):
    monkeypatch.setattr(made, "TYPES", TYPES | DISEASES)
    facts = [Said("肺炎", "临床表现", "发热"), Said("肺炎", "药物治疗", "青霉素"), Said("咽炎", "临床表现", "发热")]
    folder = write_graph(tmp_path / "graph", facts)
    index, model = Index(folder), Scripted()
    application = Application(model, GraphClient(str(folder / "graph.db")), Lexicon(index), SentenceStore(index))

    def ask(question, label=None):
        if label is not None:
            model.tell(question, label)
        return application.ask(question)

    yield ask
    index.close()


def test_a_bare_name_is_asked_about_by_what_it_has(asked):
    reply = asked("肺炎")
    assert reply.status == "unclear"
    assert set(reply.suggestions) == {"肺炎的临床表现是什么？", "肺炎的药物治疗是什么？"}
    assert reply.answer == "想知道“肺炎”的什么？例如：" + "".join(reply.suggestions)
    # A name that is only a value is asked about from its side.
    assert asked("青霉素").suggestions == ("哪些疾病的药物治疗是青霉素？",)


@pytest.mark.parametrize(("question", "label", "status"), [
    ("明天会下雨吗", "outside", "outside"), ("???", None, "unclear"), ("hello", None, "unclear"),
])  # fmt: skip
def test_other_replies_show_what_this_graph_can_be_asked(asked, question, label, status):
    reply = asked(question, label)
    assert reply.status == status
    assert reply.suggestions
    assert all("电影" not in text and "导演" not in text for text in (reply.answer, *reply.suggestions))
    assert all(asked_about in reply.answer for asked_about in reply.suggestions)
    predicates = {"临床表现", "药物治疗"}
    assert all(any(predicate in text for predicate in predicates) for text in reply.suggestions)
