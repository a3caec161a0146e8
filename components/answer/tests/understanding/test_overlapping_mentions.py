"""The spans of one interpretation do not overlap: a slot inside another mention's name is a part of that name."""

import pytest
from ckgqa_answer.application import Application
from ckgqa_answer.linking.index import Index
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.sentences import SentenceStore
from ckgqa_answer.retrieval.graph_client import GraphClient

from .. import made
from ..made import TYPES, Said, Scripted, write_graph

BOOKS = {"1973年的弹子球": "村上春树", "2046": "王家卫", "红楼梦魇": "张爱玲", "红楼梦": "曹雪芹", "木偶寄情": "姚敏",
         "北京爱情故事": "陈思诚", "我的1919": "黄健中"}  # fmt: skip
KINDS = {name: ["图书作品"] for name in BOOKS} | {
    "1973年": ["Date"],
    "1919": ["Number"],
    "北京": ["城市"],
    "木偶": ["歌曲"],
}
FACTS = [
    *(Said(book, "作者", author) for book, author in BOOKS.items()),
    Said("某人", "获奖", "某奖", {"onDate": "1973年"}), Said("某片", "票房", "1919", {"inArea": "北京"}),
    Said("木偶", "歌手", "某人"),
]  # fmt: skip


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setattr(made, "TYPES", TYPES | KINDS)
    folder = write_graph(tmp_path_factory.mktemp("books") / "graph", FACTS)
    patch.undo()
    index, model = Index(folder), Scripted()
    graph = GraphClient(str(folder / "graph.db"))
    application = Application(model, graph, Lexicon(index), SentenceStore(index))

    def ask(question, slots):
        model.tell(question, "list:作者/@value", slots)
        return application.ask(question)

    yield ask
    graph.close()
    index.close()


@pytest.mark.parametrize(
    ("question", "slots", "author"),
    [
        ("1973年的弹子球是谁写的", [("onDate", "1973年"), ("subject", "弹子球")], "村上春树"),
        ("《1973年的弹子球》是谁写的", [("onDate", "1973年"), ("subject", "弹子球")], "村上春树"),
        ("1973年的弹子球是谁写的", [("subject", "1973年的弹子球")], "村上春树"),
        ("我的1919是谁写的", [("period", "1919"), ("subject", "我的")], "黄健中"),
        ("北京爱情故事的作者", [("inArea", "北京"), ("subject", "爱情故事")], "陈思诚"),
        ("《北京爱情故事》的作者", [("inArea", "北京"), ("subject", "北京爱情故事")], "陈思诚"),
        ("“木偶寄情”是谁写的", [("subject", "木偶"), ("subject", "情")], "姚敏"),
        ("红楼梦魇是谁写的", [("subject", "红楼梦魇")], "张爱玲"),
    ],
)
def test_a_slot_inside_a_name_is_a_part_of_it(asked, question, slots, author):
    reply = asked(question, slots)
    assert (reply.status, reply.values) == ("answered", (author,))
    assert len(reply.understood.mentions) == 1
