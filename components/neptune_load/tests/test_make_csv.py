"""`csv` writes what the contract says: rows worked out by hand, and plain Python on random input, agree."""

import csv
import json
import random

import pytest
from ckgqa_neptune_load.__main__ import entry
from ckgqa_neptune_load.commands.load import load
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import CsvSettings, LoadSettings

from ckgqa.graph.ids import edge_id, entity_id, fact_id, slot_edge_id
from ckgqa.runtime.errors import InputError

from .artefacts import sentence, triple, write_facts, write_sentences
from .oracle import digest, expected_edge_sentences, expected_edges, expected_quality, expected_vertices


def rows(path):
    with path.open(encoding="utf-8", newline="") as lines:
        header, *found = csv.reader(lines, strict=True)
    return header, found


def edges(folder):
    return {row[0]: row[1:] for row in rows(folder / "edges.csv")[1]}


def vertices(folder):
    return {row[0]: row[1:] for row in rows(folder / "vertices.csv")[1]}


def edge_sentences(folder):
    """Map each edge to its sentences, sources and scores, in the order of the file."""
    header, lines = rows(folder / "edge_sentences.csv")
    assert header == ["edge", "sentence", "source", "score"]
    found = {}
    for edge, *rest in lines:
        found.setdefault(edge, []).append(rest)
    assert list(found) == sorted(found)
    return found


def json_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def made(tmp_path, sentences, facts):
    make_csv(CsvSettings(tmp_path / "out", sentences, facts))
    return tmp_path / "out"


def test_a_fact_said_by_labels_and_by_the_model_is_one_labelled_edge(made):
    edge = edges(made)[edge_id("战狼", "导演", "吴京")]
    # train:2 is labelled and extracted: it counts once; extra:1 is extracted only and comes last.
    assert edge == [
        entity_id("战狼"), entity_id("吴京"), "导演", "labelled", "1.0", "3", "train:1 train:2 extra:1",
    ]  # fmt: skip


def test_an_extracted_fact_keeps_its_score(made):
    assert edges(made)[edge_id("鲁迅", "父亲", "周伯宜")][3:] == ["extracted", "0.8", "1", "test:1"]


def test_labels_of_the_test_split_are_not_loaded(made):
    assert edge_id("红楼梦", "作者", "曹雪芹") not in edges(made)
    assert edge_id("鲁迅", "国籍", "中国") not in edges(made)


def test_a_fact_with_more_slots_is_also_a_vertex_with_an_edge_for_each_slot(made):
    fact = fact_id("吴京", "饰演", {"@value": "冷锋", "inWork": "战狼"})
    assert vertices(made)[fact] == ["fact", "", "", "饰演"]
    found = edges(made)
    for slot, name in (("subject", "吴京"), ("@value", "冷锋"), ("inWork", "战狼")):
        assert found[slot_edge_id(fact, slot)] == [fact, entity_id(name), slot, "labelled", "1.0", "1", "train:1"]
    assert found[edge_id("吴京", "饰演", "冷锋")][:2] == [entity_id("吴京"), entity_id("冷锋")]


def test_one_name_is_one_vertex_with_all_its_types(made):
    assert vertices(made)[entity_id("吴京")] == ["entity", "吴京", "人物;娱乐人物", ""]


def test_awkward_names_survive_and_a_semicolon_in_a_type_is_escaped(made):
    name = 'a,"b"\n;c'
    assert vertices(made)[entity_id(name)] == ["entity", name, "图书\\;作品", ""]
    assert {
        "id": entity_id(name),
        "name": name,
        "types": ["图书;作品"],
        "aliases": [],
        "pinyin": 'a,"b" ;c',
    } in json_lines(made / "names.jsonl")


def test_names_carry_types_aliases_and_pinyin(made):
    names = {line["name"]: line for line in json_lines(made / "names.jsonl")}
    assert names["清华大学"] == {
        "id": entity_id("清华大学"), "name": "清华大学", "types": ["机构"], "aliases": ["清华"],
        "pinyin": "qing hua da xue",
    }  # fmt: skip
    assert names["清华"]["aliases"] == []
    assert names.keys() == {row[1] for row in vertices(made).values() if row[0] == "entity"}


def test_headers_are_neptunes_and_ids_are_sorted(made):
    header, found = rows(made / "vertices.csv")
    assert header == ["~id", "~label", "name:String(single)", "type:String[]", "predicate:String(single)"]
    assert [row[0] for row in found] == sorted(row[0] for row in found)
    header, found = rows(made / "edges.csv")
    assert header == ["~id", "~from", "~to", "~label", "source:String", "score:Double", "count:Int", "evidence:String"]
    assert [row[0] for row in found] == sorted(row[0] for row in found)


def test_every_text_that_was_read_is_there_once_with_a_fact_or_without(made):
    texts = json_lines(made / "texts.jsonl")
    expected = ["extra:1", "extra:2", "test:1", "test:2", "train:1", "train:2", "train:3"]
    assert texts == [{"id": key, "text": f"句子{key}。"} for key in expected]
    report = json.loads((made / "report.json").read_text())
    assert (report["texts"], report["texts_with_facts"]) == (7, 6)


def test_every_sentence_of_an_edge_is_listed_the_best_first(tmp_path):
    scores = {"d": 0.2, "a": 0.5, "c": 0.9, "b": 0.5, "e": 0.1}
    records = [sentence(key, [triple("s", "p", "v", score=score)]) for key, score in scores.items()]
    labelled = write_sentences(tmp_path / "s", train=[sentence("e", [triple("s", "p", "v")])])
    make_csv(CsvSettings(tmp_path / "out", labelled, write_facts(tmp_path / "f", records)))
    key = edge_id("s", "p", "v")
    assert edges(tmp_path / "out")[key][-2:] == ["5", "e c a"]
    assert edge_sentences(tmp_path / "out") == {
        key: [
            ["e", "labelled", "1.0"], ["c", "extracted", "0.9"], ["a", "extracted", "0.5"],
            ["b", "extracted", "0.5"], ["d", "extracted", "0.2"],
        ]
    }  # fmt: skip


def test_the_report_judges_extracted_edges_by_the_test_texts_alone(made, caplog):
    report = json.loads((made / "report.json").read_text())
    # Found in test texts: 父亲 (right), 母亲 (wrong); gold: 父亲, 国籍, 作者.
    assert (report["test_texts"], report["test_edges_gold"], report["test_edges_found"]) == (2, 3, 2)
    assert report["edge_precision"] == 1 / 2
    assert report["edge_recall"] == 1 / 3
    assert (report["labelled_triples"], report["extracted_triples"]) == (4, 5)
    assert (report["vertices"], report["entities"], report["facts"]) == (9, 8, 1)
    assert (report["edges"], report["labelled_edges"], report["extracted_edges"]) == (9, 6, 3)
    assert report["edges_per_label"]["导演"] == 1


def test_metrics_are_log_lines(tmp_path, sentences, facts, capfd):
    assert entry(["csv", "--sentences", str(sentences), "--facts", str(facts), "--graph-csv", str(tmp_path / "o")]) == 0
    last = [line for line in capfd.readouterr().err.splitlines() if "edge_precision=" in line]
    assert len(last) == 1
    assert "edge_precision=0.5" in last[0]
    assert "edges=9" in last[0]


def test_sentences_alone_and_facts_alone_are_enough(tmp_path, sentences, facts):
    make_csv(CsvSettings(tmp_path / "a", sentences=sentences))
    report = json.loads((tmp_path / "a" / "report.json").read_text())
    assert (report["edges"], report["extracted_edges"], report["edge_precision"]) == (6, 0, None)
    make_csv(CsvSettings(tmp_path / "b", facts=facts))
    report = json.loads((tmp_path / "b" / "report.json").read_text())
    assert (report["edges"], report["labelled_edges"], report["edge_recall"]) == (4, 0, None)


def test_alias_predicates_are_a_setting(tmp_path, sentences):
    make_csv(CsvSettings(tmp_path / "out", sentences, alias_predicates="导演"))
    names = {line["name"]: line["aliases"] for line in json_lines(tmp_path / "out" / "names.jsonl")}
    assert names["战狼"] == ["吴京"]
    assert names["清华大学"] == []


BORDERS = {" 空": "空", "空\u3000": "空", "《空": "空", "“空”": "空"}
"""Names with what does not belong to them, as an older version extracted them -> the names of the vertices."""


def tidied(records):
    """Return the records with the names of the vertices."""

    def named(found):
        slots = {slot: BORDERS.get(value, value) for slot, value in found["object"].items()}
        return found | {"subject": BORDERS.get(found["subject"], found["subject"]), "object": slots}

    return [record | {"triples": [named(found) for found in record["triples"]]} for record in records]


def random_records(generator, prefix, *, scored, count=60):
    """Sentences over few names, so that everything repeats: subjects, facts, types, sentences' ids."""
    names = [*"甲乙丙丁", 'x"y', "p,q", "r;s", "t\nu", "v\rw", "空", *BORDERS, "a=b"]
    records = []
    for number in range(count):
        triples = []
        for _ in range(generator.randrange(4)):
            extra = {
                slot: (generator.choice(names), generator.choice("TU"))
                for slot in ("inWork", "onDate")
                if generator.random() < 0.3
            }
            found = triple(
                generator.choice(names), generator.choice(["简称", "导演", "国籍"]), generator.choice(names),
                (generator.choice(["A", "B;C"]), generator.choice(["A", "D"])),
                round(generator.random(), 2) if scored else None, **extra,
            )  # fmt: skip
            triples.append(found)
        records.append(sentence(f"{prefix}:{number}", triples))
    return records


@pytest.mark.parametrize("seed", range(8))
def test_random_input_gives_what_plain_python_works_out(tmp_path, seed):
    generator = random.Random(seed)
    train = random_records(generator, "train", scored=False)
    validation = random_records(generator, "dev", scored=False, count=10)
    test = random_records(generator, "test", scored=False, count=20)
    extracted = random_records(generator, "train", scored=True) + random_records(
        generator, "test", scored=True, count=15
    )
    make_csv(
        CsvSettings(
            tmp_path / "out",
            write_sentences(tmp_path / "s", train, validation, test),
            write_facts(tmp_path / "f", extracted),
            alias_predicates="简称",
        )
    )
    labelled, test, extracted = tidied(train + validation), tidied(test), tidied(extracted)
    found = {k: (*r[:4], float(r[4]), int(r[5]), r[6]) for k, r in edges(tmp_path / "out").items()}
    assert found == expected_edges(labelled, extracted)
    assert edge_sentences(tmp_path / "out") == expected_edge_sentences(labelled, extracted)
    texts = {one["id"]: one["text"] for one in labelled + test + extracted}
    assert json_lines(tmp_path / "out" / "texts.jsonl") == [{"id": key, "text": texts[key]} for key in sorted(texts)]
    expected = expected_vertices(labelled + extracted, {"简称"})
    found = {k: (r[0], r[1], r[2].replace("\\;", "\0").split(";"), r[3]) for k, r in vertices(tmp_path / "out").items()}
    found = {k: (a, b, [t.replace("\0", ";") for t in c if t], d) for k, (a, b, c, d) in found.items()}
    assert found == {key: row[:4] for key, row in expected.items()}
    for line in json_lines(tmp_path / "out" / "names.jsonl"):
        assert (line["name"], line["types"], line["aliases"]) == tuple(expected[line["id"]][i] for i in (1, 2, 4))
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    counts = tuple(report[f"test_{name}"] for name in ("texts", "edges_gold", "edges_found", "edges_right"))
    assert counts == expected_quality(test, extracted)


def test_ids_agree_with_the_package(tmp_path):
    assert entity_id("战狼") == digest("战狼") == "836e588270325060d5035e9b864fd95b"
    assert slot_edge_id(fact_id("a", "p", {"z": "1", "@value": "2"}), "z") == digest(
        digest("a", "p", "@value=2", "z=1"), "z"
    )


def test_the_bytes_do_not_depend_on_threads_memory_or_the_order_of_lines(tmp_path):
    generator = random.Random(5)
    records = random_records(generator, "x", scored=True, count=3000)
    shuffled = generator.sample(records, len(records))
    make_csv(CsvSettings(tmp_path / "a", facts=write_facts(tmp_path / "fa", records), threads=1))
    make_csv(CsvSettings(tmp_path / "b", facts=write_facts(tmp_path / "fb", shuffled), threads=4, memory_mb=96))
    for name in ("vertices.csv", "edges.csv", "edge_sentences.csv", "names.jsonl", "texts.jsonl", "report.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_same_input_gives_the_same_manifest(tmp_path, sentences, facts):
    make_csv(CsvSettings(tmp_path / "a", sentences, facts))
    make_csv(CsvSettings(tmp_path / "b", sentences, facts, threads=1, memory_mb=100))
    manifest = (tmp_path / "a" / "manifest.json").read_text()
    assert manifest == (tmp_path / "b" / "manifest.json").read_text()
    assert json.loads(manifest)["inputs"].keys() == {"sentences", "facts"}
    assert json.loads(manifest)["schema_hash"] == "s1"


def test_nothing_is_left_beside_the_output(made):
    assert {path.name for path in made.parent.iterdir()} == {"sentences", "facts", "out"}


def test_no_triple_at_all_is_refused(tmp_path):
    empty = write_sentences(
        tmp_path / "s", train=[sentence("train:1", [])], test=[sentence("t:1", [triple("a", "p", "b")])]
    )
    with pytest.raises(InputError, match="nothing to load"):
        make_csv(CsvSettings(tmp_path / "out", empty, write_facts(tmp_path / "f")))
    assert not (tmp_path / "out").exists()


def test_no_triple_at_all_makes_an_empty_csv_where_that_is_allowed(tmp_path):
    facts = write_facts(tmp_path / "facts", [sentence("notes:1", [])])
    make_csv(CsvSettings(tmp_path / "out", facts=facts, allow_empty=True))
    assert [rows(tmp_path / "out" / f"{name}.csv")[1] for name in ("vertices", "edges")] == [[], []]
    assert (tmp_path / "out" / "names.jsonl").read_bytes() == b""
    assert edge_sentences(tmp_path / "out") == {}
    assert json_lines(tmp_path / "out" / "texts.jsonl") == [{"id": "notes:1", "text": "句子notes:1。"}]
    load(LoadSettings(tmp_path / "out", tmp_path / "graph"))
    assert json.loads((tmp_path / "graph" / "report.json").read_text())["vertices"] == 0


def test_an_empty_folder_of_sentences_is_as_if_none_were_given(tmp_path, facts):
    (tmp_path / "nothing").mkdir()
    make_csv(CsvSettings(tmp_path / "a", facts=facts))
    make_csv(CsvSettings(tmp_path / "b", tmp_path / "nothing", facts))
    for name in ("edges.csv", "manifest.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    with pytest.raises(InputError, match="--facts .not set.: expected a folder of extracted triples, or --sentences"):
        CsvSettings(tmp_path / "c", tmp_path / "nothing")
