"""What the answerer gets that is wrong, each with the reply that it gets."""

import sqlite3
from pathlib import Path

import pytest
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.settings import AnswerSettings

from ckgqa.runtime.errors import InputError, ServiceError

from .made import write_graph


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\u3000", "\xa0\u200b", "\ufeff"])
def test_an_empty_question(ask, question):
    with pytest.raises(InputError, match="the question is empty: expected a question in Chinese"):
        ask(question)


def test_a_question_of_ten_thousand_characters(ask):
    with pytest.raises(InputError, match="the question has 10000 characters; at most 128 are answered"):
        ask("吴" * 10_000)


def test_the_longest_question_is_answered_and_one_character_more_is_not(ask, model):
    question = "请问" + "😀" * 115 + "《战狼2》的导演是谁呢"
    assert len(question) == AnswerSettings().max_question_chars == 128
    assert ask(question, "list:导演/@value", {"subject": "战狼2"}).values == ("吴京",)
    with pytest.raises(InputError, match="the question has 129 characters; at most 128 are answered"):
        ask("请" + question)
    assert model.asked == [question]


def test_half_a_character(ask):
    with pytest.raises(InputError, match="not valid Unicode"):
        ask("吴京\ud83d的妻子")


@pytest.mark.parametrize(
    "question",
    ["😀😀", "？？！", "……", "Who directed Wolf Warrior 2?", "SELECT * FROM film; DROP TABLE film; --", "123"],
)
def test_what_cannot_be_understood_is_said_without_asking_the_model(ask, model, question):
    reply = ask(question)
    assert (reply.status, reply.values, reply.confidence, reply.facts) == ("unclear", (), 0.0, ())
    assert reply.answer.startswith("没有听懂这个问题。请用中文问")
    assert model.asked == []


@pytest.mark.parametrize(
    "name",
    [
        "吴京'); g.V().drop(); //",
        "g.V().drop().iterate()",
        '吴京" OR "1"="1',
        "${new File('/etc/passwd').text}",
        "<script>alert(1)</script>",
        "'; DROP TABLE name; --",
        "吴\\u0027京%_*?",
        "x\x00y",
        "__.V().drop()",
    ],
)
def test_code_is_just_a_name_that_is_not_found(ask, graph_folder, name):
    before = {path.name: path.read_bytes() for path in graph_folder.iterdir() if path.name != "graph.db-shm"}
    reply = ask(f"{name}的妻子是谁", "list:妻子/@value", {"subject": name})
    assert (reply.status, reply.values) == ("unknown", ())
    assert reply.answer == f"不知道：图谱里没有“{name}”这个名字。"
    assert before == {path.name: path.read_bytes() for path in graph_folder.iterdir() if path.name != "graph.db-shm"}


def test_a_graph_file_from_another_version(tmp_path):
    folder = write_graph(tmp_path / "graph")
    with sqlite3.connect(folder / "graph.db") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(InputError, match="its format is version 99; this program reads version 1"):
        GraphClient(str(folder / "graph.db"))


def test_a_graph_that_goes_away_and_comes_back(tmp_path):
    folder = write_graph(tmp_path / "graph")
    graph = GraphClient(str(folder / "graph.db"))
    count = lambda g: g.V().count().to_list()[0]  # noqa: E731
    whole = graph.run(count)
    moved = Path(folder).rename(tmp_path / "elsewhere")
    with pytest.raises(ServiceError, match="the file is gone; load the graph again"):
        graph.run(count)
    write_graph(folder, facts=[])
    assert graph.run(count) == 0
    graph.close()
    assert whole > 0
    assert moved.is_dir()
