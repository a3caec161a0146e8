"""Names of an older version's facts, or of another program's, lose what does not belong to them before the graph."""

import json

import pytest
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import CsvSettings

from ckgqa.graph.ids import edge_id, entity_id, fact_id, slot_edge_id

from .artefacts import sentence, triple, write_facts, write_sentences
from .test_make_csv import edges, json_lines, vertices

FILM = ("影视作品", "人物")


def names(folder):
    return sorted(line["name"] for line in json_lines(folder / "names.jsonl"))


def make(tmp_path, *triples, **settings):
    records = [sentence(f"x:{number}", [one]) for number, one in enumerate(triples)]
    make_csv(CsvSettings(tmp_path / "out", facts=write_facts(tmp_path / "facts", records), **settings))
    return tmp_path / "out"


@pytest.mark.parametrize(
    "written",
    [
        "蓝色海岸 ", " 蓝色海岸", "蓝色海岸\n", "\u3000蓝色海岸\u3000", "\xa0蓝色海岸", "蓝色海岸\u200b",
        "\ufeff蓝色海岸", "《蓝色海岸", "蓝色海岸》", "《蓝色海岸》", "“蓝色海岸", "蓝色海岸”", "《 蓝色海岸 》",
        "《“蓝色海岸”》", '"蓝色海岸', "'蓝色海岸'", "＂蓝色海岸＂"],
)  # fmt: skip
def test_one_name_is_one_vertex_however_its_borders_were_written(tmp_path, written):
    out = make(tmp_path, triple(written, "导演", "陈立帆", FILM, 0.9), triple("蓝色海岸", "主演", "周晓岚", FILM, 0.8))
    assert names(out) == ["周晓岚", "蓝色海岸", "陈立帆"]
    assert edges(out)[edge_id("蓝色海岸", "导演", "陈立帆")][:2] == [entity_id("蓝色海岸"), entity_id("陈立帆")]
    assert len(edges(out)) == 2


@pytest.mark.parametrize(
    "name", ["《忆》和《梦》", "“小溜溜”溜了", "上海“华语奖”", "Iron Sky 2", "你的名字。", "蓝色　海岸"]
)
def test_marks_and_spaces_inside_a_name_stay(tmp_path, name):
    assert names(make(tmp_path, triple(name, "导演", "陈立帆", FILM, 0.9))) == sorted([name, "陈立帆"])


def test_the_slots_of_a_fact_are_tidied_and_a_blank_one_is_dropped(tmp_path):
    role = triple("吴京\n", "饰演", "冷锋 ", ("娱乐人物", "人物"), 0.9, inWork=("《战狼", "影视作品"))
    blank = triple("李雷", "饰演", "小明", ("娱乐人物", "人物"), 0.9, inWork=("　", "影视作品"))
    out = make(tmp_path, role, blank)
    fact = fact_id("吴京", "饰演", {"@value": "冷锋", "inWork": "战狼"})
    found = edges(out)
    assert found[slot_edge_id(fact, "inWork")][:2] == [fact, entity_id("战狼")]
    assert [key for key, row in vertices(out).items() if row[0] == "fact"] == [fact]
    assert names(out) == ["冷锋", "吴京", "小明", "战狼", "李雷"]


@pytest.mark.parametrize(("subject", "value"), [(" ", "甲"), ("甲", "\u3000"), ("《》", "甲"), ("甲", "”")])
def test_a_fact_without_a_name_is_dropped(tmp_path, subject, value):
    nameless = triple(subject, "导演", value, FILM, 0.9)
    out = make(tmp_path, nameless, triple("战狼", "导演", "吴京", FILM, 0.9))
    assert (names(out), len(edges(out))) == (["吴京", "战狼"], 1)


def test_labelled_and_extracted_names_merge_and_the_report_compares_them(tmp_path):
    labelled = write_sentences(
        tmp_path / "sentences",
        train=[sentence("train:1", [triple("《溺爱》", "歌手", "甲", ("歌曲", "人物"))])],
        test=[sentence("test:1", [triple("《战狼》", "导演", "吴京", FILM), triple("战狼", "导演", "吴京 ", FILM)])],
    )
    extracted = [
        sentence("test:1", [triple("战狼", "导演", "吴京", FILM, 0.8)]),
        sentence("x:1", [triple("溺爱 ", "歌手", "甲", ("歌曲", "人物"), 0.7)]),
    ]
    make_csv(CsvSettings(tmp_path / "out", labelled, write_facts(tmp_path / "facts", extracted)))
    song = edges(tmp_path / "out")[edge_id("溺爱", "歌手", "甲")]
    assert song[3:] == ["labelled", "1.0", "2", "train:1 x:1"]
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [report[f"test_edges_{key}"] for key in ("gold", "found", "right")] == [1, 1, 1]


def test_an_alias_that_differs_by_its_marks_alone_is_none(tmp_path):
    out = make(tmp_path, triple("战狼", "别名", "《战狼", FILM, 0.9), triple("战狼", "别名", " 狼", FILM, 0.9))
    assert {line["name"]: line["aliases"] for line in json_lines(out / "names.jsonl")} == {"战狼": ["狼"], "狼": []}


@pytest.mark.parametrize("typed", ["简称，号", "简称、号", " 简称,\u3000号 ", "简称\xa0, 号，", "\ufeff号,简称,,"])
def test_alias_predicates_are_separated_by_commas_of_any_width(tmp_path, typed):
    settings = CsvSettings(tmp_path / "out", facts=tmp_path, alias_predicates=typed)
    assert settings.alias_names == sorted(["简称", "号"])
