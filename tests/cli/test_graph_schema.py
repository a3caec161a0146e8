"""`ckgqa graph schema`: the predicates of a graph with their types and a question that it answers."""

import json
from pathlib import Path

import pytest
from ckgqa_neptune_load.commands.load import load
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import CsvSettings, LoadSettings
from gremlin_python.process.anonymous_traversal import traversal

from ckgqa.cli.graph_schema import summarize_graph
from ckgqa.cli.main import main
from ckgqa.graph.connection import connect
from ckgqa.runtime.artefacts import FACTS
from ckgqa.runtime.jsonlines import write_jsonl
from ckgqa.runtime.manifest import Manifest, write_manifest

FILM, PERSON = "影视作品", "人物"
FACTS_OF_FILMS = [
    ("战狼2", FILM, "导演", {"@value": ("吴京", PERSON)}),
    ("流浪地球", FILM, "导演", {"@value": ("郭帆", PERSON)}),
    ("一个名字长得放不进任何例子的电影", FILM, "导演", {"@value": ("某人", PERSON)}),
    ("战狼2", FILM, "上映时间", {"@value": ("2017-7-27", "Date"), "inArea": ("中国", "国家")}),
    ("余男", "娱乐人物", "饰演", {"@value": ("龙小云", PERSON), "inWork": ("战狼2", FILM)}),
    ("吴京", "娱乐人物", "国籍", {"@value": ("中国", "国家")}),
    ("肺炎", "疾病", "临床表现", {"@value": ("发热", "症状")}),
    ("感冒", "疾病", "临床表现", {"@value": ("发热", "症状")}),
    ("肺炎", "疾病", "[b]别名[/b]", {"@value": ("肺部感染", "Text")}),
]


def write_graph(folder: Path, facts, url: str = "") -> Path:
    (folder / "facts").mkdir(parents=True)
    records = [
        {
            "id": f"t:{number}", "text": f"句子{number}。",
            "triples": [{
                "subject": subject, "subject_type": kind, "predicate": predicate, "score": 0.9,
                "object": {slot: name for slot, (name, _) in slots.items()},
                "object_type": {slot: kind for slot, (_, kind) in slots.items()},
            }],
        }
        for number, (subject, kind, predicate, slots) in enumerate(facts)
    ]  # fmt: skip
    write_jsonl(folder / "facts" / "facts.jsonl", records)
    write_manifest(folder / "facts", Manifest(*FACTS, "s1", "train_casrel extract"))
    make_csv(CsvSettings(folder / "csv", facts=folder / "facts", allow_empty=True))
    load(LoadSettings(graph_csv=folder / "csv", graph=folder / "graph", url=url))
    return folder / "graph"


@pytest.fixture(scope="module")
def graph(tmp_path_factory) -> Path:
    return write_graph(tmp_path_factory.mktemp("films"), FACTS_OF_FILMS)


def shown(capsys, *words: str) -> str:
    assert main(["graph", "schema", *words]) == 0
    return capsys.readouterr().out


def test_each_predicate_comes_with_types_and_a_question_about_a_fact_of_this_graph(graph, capsys):
    found = {one["predicate"]: one for one in json.loads(shown(capsys, "--graph", str(graph), "--json"))}
    assert {name: one["facts"] for name, one in found.items()} == {
        "导演": 3, "临床表现": 2, "上映时间": 1, "饰演": 1, "国籍": 1, "[b]别名[/b]": 1,
    }  # fmt: skip
    assert found["饰演"] == {
        "predicate": "饰演", "facts": 1, "subject_types": ["娱乐人物"], "value_types": [PERSON],
        "slots": {"inWork": [FILM]},
        "example": {"question": "余男饰演的角色是谁？", "subject": "余男", "value": "龙小云"},
    }  # fmt: skip
    assert found["上映时间"]["slots"] == {"inArea": ["国家"]}
    assert {one["example"]["question"] for one in found.values() if one["predicate"] != "导演"} == {
        "余男饰演的角色是谁？", "《战狼2》的上映时间是什么时候？", "吴京的国籍是哪个国家？", "感冒的临床表现是什么？",
        "肺炎的[b]别名[/b]是什么？",
    }  # fmt: skip


def test_an_example_has_short_names_of_a_real_fact(graph, capsys):
    found = json.loads(shown(capsys, "--graph", str(graph), "--json"))
    example = next(one["example"] for one in found if one["predicate"] == "导演")
    assert (example["subject"], example["value"]) in {("战狼2", "吴京"), ("流浪地球", "郭帆")}
    assert example["question"] == f"《{example['subject']}》的导演是谁？"


def test_the_most_frequent_predicates_come_first(graph, capsys):
    found = json.loads(shown(capsys, "--graph", str(graph), "--json"))
    assert [one["predicate"] for one in found[:2]] == ["导演", "临床表现"]
    counts = [one["facts"] for one in found]
    assert counts == sorted(counts, reverse=True)


def test_the_table_shows_the_same_and_takes_no_name_for_a_style(graph, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    table = shown(capsys, "--graph", str(graph))
    (row,) = (line for line in table.splitlines() if line.startswith("上映时间"))
    assert [cell.strip() for cell in row.split("│")] == [
        "上映时间", "1", FILM, "Date", "inArea: 国家", "《战狼2》的上映时间是什么时候？",
    ]  # fmt: skip
    assert "[b]别名[/b]" in table


def test_a_graph_without_facts_says_so(tmp_path, capsys):
    empty = write_graph(tmp_path, [])
    assert "the graph has no facts" in shown(capsys, "--graph", str(empty))
    assert json.loads(shown(capsys, "--graph", str(empty), "--json")) == []


def test_a_graph_elsewhere_is_asked_there(graph, tmp_path, capsys):
    elsewhere = f"embedded:{graph / 'graph.db'}"
    other = write_graph(tmp_path, [("甲", "A", "乙", {"@value": ("丙", "B")})])
    found = json.loads(shown(capsys, "--graph", str(other), "--graph-url", elsewhere, "--json"))
    assert found[0]["predicate"] == "导演"


def test_no_graph_is_refused(tmp_path, capsys):
    assert main(["graph", "schema", "--runs-dir", str(tmp_path)]) == 2
    assert "no run there has a graph yet" in capsys.readouterr().err


def test_a_name_of_several_types_counts_under_the_fewest_that_account_for_all(tmp_path):
    """吴京 is a person and an entertainer: all subjects of 国籍 are persons, so that one type is enough."""
    facts = [
        ("吴京", PERSON, "国籍", {"@value": ("中国", "国家")}),
        ("吴京", "娱乐人物", "国籍", {"@value": ("中国", "国家")}),
        ("郭帆", PERSON, "国籍", {"@value": ("中国", "国家")}),
        ("战狼2", FILM, "导演", {"@value": ("吴京", PERSON)}),
        ("西游记", "图书作品", "导演", {"@value": ("杨洁", PERSON)}),
    ]
    graph = write_graph(tmp_path, facts)
    connection = connect(str(graph / "graph.db"), read_only=True)
    found = {one.predicate: one for one in summarize_graph(traversal().with_remote(connection))}
    connection.close()
    assert found["国籍"].subject_types == (PERSON,)
    assert set(found["导演"].subject_types) == {FILM, "图书作品"}


def test_a_predicate_that_is_called_like_a_slot_has_its_own_facts_alone(tmp_path, capsys):
    facts = [
        ("吴京", PERSON, "饰演", {"@value": ("冷锋", PERSON), "作品": ("战狼2", FILM)}),
        ("吴京", PERSON, "作品", {"@value": ("攀登者", FILM)}),
    ]
    graph = write_graph(tmp_path, facts)
    found = {one["predicate"]: one for one in json.loads(shown(capsys, "--graph", str(graph), "--json"))}
    assert found["作品"]["facts"] == 1
    assert found["作品"]["example"] == {"question": "吴京的作品是什么？", "subject": "吴京", "value": "攀登者"}
    assert found["饰演"]["slots"] == {"作品": [FILM]}
