"""Contradictions of an extracted graph: the best supported value is the answer, the others stand apart."""

import pytest
from ckgqa_answer.application import Application
from ckgqa_answer.linking.index import Index
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.sentences import SentenceStore
from ckgqa_answer.retrieval.graph_client import GraphClient

from ..made import Said, Scripted, write_graph

FACTS = [
    Said("徐帆", "丈夫", "冯小刚", {}, "extracted", 0.7),
    Said("徐帆", "丈夫", "徐帆嫁给了冯小刚", {}, "extracted", 0.5),
    Said("刘德华", "妻子", "朱丽倩"), Said("刘德华", "妻子", "罗美薇", {}, "extracted", 0.9),
    Said("刘盈", "父亲", "刘备", {}, "extracted", 0.4), Said("刘盈", "父亲", "吕雉", {}, "extracted", 0.6),
    Said("姚明", "国籍", "姚明", {}, "extracted", 0.9), Said("姚明", "国籍", "中国", {}, "extracted", 0.8),
    Said("李渊", "妻子", "窦氏"), Said("李渊", "妻子", "万氏"),
    Said("天下无贼", "主演", "刘德华", {}, "extracted", 0.9), Said("天下无贼", "主演", "刘若英", {}, "extracted", 0.5),
    Said("天下无贼", "主演", "刘德华、刘若英主演", {}, "extracted", 0.4),
    Said("天下无贼", "导演", "冯小刚"), Said("冯小刚", "妻子", "徐帆"),
    Said("冯小刚", "妻子", "陈道明", {}, "extracted", 0.6),
    Said("利智", "丈夫", "李连杰"), Said("李安", "丈夫", "李连杰", {}, "extracted", 0.5),
    Said("李安", "丈夫", "林惠嘉", {}, "extracted", 0.9), Said("李安", "获奖", "金鸡奖", {}, "extracted", 0.9),
    Said("李安", "获奖", "金鸡奖最佳影片", {}, "extracted", 0.5),
]  # fmt: skip


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    folder = write_graph(tmp_path_factory.mktemp("extracted") / "graph", FACTS)
    index, model = Index(folder), Scripted()
    application = Application(model, GraphClient(str(folder / "graph.db")), Lexicon(index), SentenceStore(index))

    def ask(question, label, slots):
        model.tell(question, label, slots)
        return application.ask(question)

    yield ask
    index.close()


@pytest.mark.parametrize(("value", "answer"), [("冯小刚", "是"), ("徐帆嫁给了冯小刚", "不是"), ("刘备", "不是")])
def test_a_claim_is_held_against_the_best_supported_value(asked, value, answer):
    slots = {"subject": "徐帆", "@value": value}
    assert asked(f"徐帆的丈夫是{value}吗", "yes_no:丈夫/@value", slots).values == (answer,)


@pytest.mark.parametrize(
    ("question", "label", "slots", "values", "candidates"),
    [
        ("徐帆的丈夫是谁", "list:丈夫/@value", {"subject": "徐帆"}, ["冯小刚"], []),
        # A labelled value counts more than a better scored extracted one.
        ("刘德华的妻子是谁", "list:妻子/@value", {"subject": "刘德华"}, ["朱丽倩"], ["罗美薇"]),
        ("刘盈的父亲是谁", "list:父亲/@value", {"subject": "刘盈"}, ["吕雉"], ["刘备"]),
        # Nobody is his own country.
        ("姚明的国籍是什么", "list:国籍/@value", {"subject": "姚明"}, ["中国"], ["姚明"]),
        # Labelled values never contradict each other.
        ("李渊的妻子是谁", "list:妻子/@value", {"subject": "李渊"}, ["万氏", "窦氏"], []),
        # A predicate with many values keeps them, but no phrase around one.
        ("天下无贼的主演", "list:主演/@value", {"subject": "天下无贼"}, ["刘德华", "刘若英"], []),
        ("天下无贼有几位主演", "count:主演/@value", {"subject": "天下无贼"}, ["2"], []),
        ("李安得过什么奖", "list:获奖/@value", {"subject": "李安"}, ["金鸡奖", "金鸡奖最佳影片"], []),
        # Also on the way, and from the other side.
        ("天下无贼的导演的妻子", "list:导演/@value>妻子/@value", {"subject": "天下无贼"}, ["徐帆"], ["陈道明"]),
        ("谁的丈夫是李连杰", "list:丈夫/subject", {"@value": "李连杰"}, ["利智"], ["李安"]),
    ],
)  # fmt: skip
def test_the_best_supported_value_is_the_answer(asked, question, label, slots, values, candidates):
    reply = asked(question, label, slots)
    assert reply.status == "answered"
    assert sorted(reply.values) == sorted(values)
    assert list(reply.candidates) == candidates
    assert ("另有存疑的记载：" in reply.answer) == bool(candidates)
    assert all(fact.object not in candidates for fact in reply.facts) or label.endswith("subject")


def test_an_extracted_fact_lowers_the_confidence(asked):
    sure = asked("天下无贼的导演是谁", "list:导演/@value", {"subject": "天下无贼"})
    doubted = asked("刘盈的父亲是谁", "list:父亲/@value", {"subject": "刘盈"})
    assert doubted.confidence == pytest.approx(sure.confidence * 0.6, abs=0.02)
