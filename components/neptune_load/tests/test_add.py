"""`add`: a new folder has the base graph and what is new; the base stays to the byte, whatever happens."""

import json
import random
import re
import shutil
import sqlite3

import pytest
from ckgqa_neptune_load.__main__ import entry
from ckgqa_neptune_load.commands import add as add_command
from ckgqa_neptune_load.commands.add import add
from ckgqa_neptune_load.commands.load import load
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import AddSettings, CsvSettings, LoadSettings

from ckgqa.graph.ids import edge_id, entity_id, fact_id, slot_edge_id
from ckgqa.runtime.artefacts import GRAPH
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.manifest import read_manifest

from .artefacts import sentence, triple, write_facts
from .test_load import everything, report
from .test_make_csv import edge_sentences, json_lines, random_records

FILM = ("影视作品", "人物")


@pytest.fixture
def base(tmp_path, sentences, facts):
    make_csv(CsvSettings(tmp_path / "csv", sentences, facts))
    load(LoadSettings(tmp_path / "csv", tmp_path / "base"))
    return tmp_path / "base"


def notes(tmp_path, records, name="notes", **more):
    """Make the CSV of a user's sentences."""
    made = write_facts(tmp_path / f"{name}-facts", records, **more)
    make_csv(CsvSettings(tmp_path / name, facts=made, allow_empty=True))
    return tmp_path / name


def added(folder):
    return [line["id"] for line in json_lines(folder / "added.jsonl")]


def test_what_is_new_comes_to_what_there_is(tmp_path, base):
    batch = notes(
        tmp_path,
        [
            sentence("notes:1:aa", [triple("流浪地球", "主演", "吴京", FILM, 0.9)], "《流浪地球》由吴京主演。"),
            sentence("notes:2:bb", [triple("战狼", "导演", "吴京", ("影视作品", "导演家"), 0.2)]),
            sentence("notes:3:cc", [triple("清华大学", "简称", "清大", ("学校", "Text"), 0.5)]),
        ],
    )  # fmt: skip
    before = tree_hash(base)
    add(AddSettings(batch, tmp_path / "new", base=base))
    assert tree_hash(base) == before
    old, new = everything(str(base / "graph.db")), everything(str(tmp_path / "new" / "graph.db"))
    assert set(map(str, old[1])) < set(map(str, new[1]))  # every edge that there was is as it was
    film = edge_id("流浪地球", "主演", "吴京")
    assert added(tmp_path / "new") == sorted([film, edge_id("清华大学", "简称", "清大")])
    assert [edge[4] for edge in new[1] if edge[0] == film] == [
        [("count", 1), ("evidence", "notes:1:aa"), ("score", 0.9), ("source", "extracted")]
    ]
    assert (entity_id("吴京"), "entity", [("name", "吴京"), ("type", "人物", "娱乐人物", "导演家")]) in new[0]
    assert report(tmp_path / "new") == {
        "vertices": 11, "edges": 11, "added_vertices": 2, "added_edges": 2, "added_types": 2, "known_edges": 1,
        "added_texts": 3,
    }  # fmt: skip


def test_names_texts_and_sentences_of_edges_are_united(tmp_path, base):
    batch = notes(
        tmp_path,
        [
            sentence("notes:1:aa", [triple("清华大学", "简称", "清大", ("学校", "Text"), 0.5)]),
            sentence("notes:2:bb", [triple("战狼", "导演", "吴京", FILM, 0.2)]),  # a known edge
        ],
    )
    add(AddSettings(batch, tmp_path / "new", base=base))
    names = {line["name"]: line for line in json_lines(tmp_path / "new" / "names.jsonl")}
    assert names["清华大学"] == {
        "id": entity_id("清华大学"), "name": "清华大学", "types": ["学校", "机构"], "aliases": ["清华", "清大"],
        "pinyin": "qing hua da xue",
    }  # fmt: skip
    assert names["战狼"] == next(line for line in json_lines(base / "names.jsonl") if line["name"] == "战狼")
    assert list(names) == sorted(names, key=entity_id)
    texts, before = (json_lines(folder / "texts.jsonl") for folder in (tmp_path / "new", base))
    new_texts = [{"id": key, "text": f"句子{key}。"} for key in ("notes:1:aa", "notes:2:bb")]
    assert texts == sorted([*before, *new_texts], key=lambda line: line["id"])
    known, old, rows = edge_id("战狼", "导演", "吴京"), edge_sentences(base), edge_sentences(tmp_path / "new")
    assert rows[known] == [*old[known], ["notes:2:bb", "extracted", "0.2"]]
    assert rows[edge_id("清华大学", "简称", "清大")] == [["notes:1:aa", "extracted", "0.5"]]


def test_a_sentence_that_both_folders_have_counts_once_and_the_better_statement_of_it(tmp_path, base):
    batch = notes(
        tmp_path,
        [
            sentence("train:1", [triple("战狼", "导演", "吴京", FILM, 0.2)]),
            sentence("test:1", [triple("鲁迅", "父亲", "周伯宜", score=0.9)]),
        ],
    )
    add(AddSettings(batch, tmp_path / "new", base=base))
    old, rows = edge_sentences(base), edge_sentences(tmp_path / "new")
    father = edge_id("鲁迅", "父亲", "周伯宜")
    assert (old[father], rows[father]) == ([["test:1", "extracted", "0.8"]], [["test:1", "extracted", "0.9"]])
    assert rows | {father: old[father]} == old


def test_a_known_fact_with_a_slot_more_is_new_by_its_slots(tmp_path, base):
    cast = triple("鲁迅", "父亲", "周伯宜", FILM, 0.9, inWork=("朝花夕拾", "图书作品"))
    add(AddSettings(notes(tmp_path, [sentence("n:1:a", [cast])]), tmp_path / "new", base=base))
    fact = fact_id("鲁迅", "父亲", {"@value": "周伯宜", "inWork": "朝花夕拾"})
    assert set(added(tmp_path / "new")) == {slot_edge_id(fact, slot) for slot in ("subject", "@value", "inWork")}
    assert report(tmp_path / "new")["known_edges"] == 1


def test_the_same_once_more_changes_nothing(tmp_path, base):
    batch = notes(tmp_path, [sentence("n:1:a", [triple("流浪地球", "主演", "吴京", FILM, 0.9)])])
    add(AddSettings(batch, tmp_path / "once", base=base))
    add(AddSettings(batch, tmp_path / "twice", base=tmp_path / "once"))
    assert everything(str(tmp_path / "twice" / "graph.db")) == everything(str(tmp_path / "once" / "graph.db"))
    for name in ("names.jsonl", "texts.jsonl", "edge_sentences.csv"):
        assert (tmp_path / "twice" / name).read_bytes() == (tmp_path / "once" / name).read_bytes()
    assert added(tmp_path / "twice") == []
    assert report(tmp_path / "twice")["known_edges"] == 1


def test_a_text_without_a_fact_is_all_that_is_added(tmp_path, base):
    add(AddSettings(notes(tmp_path, [sentence("n:1:a", [])]), tmp_path / "new", base=base))
    texts = sorted(
        [*json_lines(base / "texts.jsonl"), {"id": "n:1:a", "text": "句子n:1:a。"}], key=lambda one: one["id"]
    )
    assert json_lines(tmp_path / "new" / "texts.jsonl") == texts
    assert report(tmp_path / "new")["added_texts"] == 1
    for name in ("names.jsonl", "edge_sentences.csv"):
        assert (tmp_path / "new" / name).read_bytes() == (base / name).read_bytes()
    assert everything(str(tmp_path / "new" / "graph.db")) == everything(str(base / "graph.db"))


def test_a_new_fact_in_a_sentence_that_the_graph_has_already_is_added(tmp_path, base):
    first = notes(tmp_path, [sentence("n:1:a", [triple("甲", "父亲", "乙", score=0.9)])], "first")
    both = [triple("甲", "父亲", "乙", score=0.9), triple("甲", "国籍", "中国", score=0.9)]
    add(AddSettings(first, tmp_path / "one", base=base))
    add(AddSettings(notes(tmp_path, [sentence("n:1:a", both)]), tmp_path / "two", base=tmp_path / "one"))
    assert added(tmp_path / "two") == [edge_id("甲", "国籍", "中国")]


@pytest.mark.parametrize("seed", range(4))
def test_random_batches_give_what_plain_python_works_out(tmp_path, seed):
    generator = random.Random(seed)
    folders = [
        notes(tmp_path, random_records(generator, prefix, scored=True), prefix) for prefix in ("one", "two", "three")
    ]
    load(LoadSettings(folders[0], tmp_path / "0"))
    for at in (1, 2):
        add(AddSettings(folders[at], tmp_path / str(at), base=tmp_path / str(at - 1)))
        expect_union(tmp_path / str(at - 1), folders[at], tmp_path / str(at))
    shutil.copytree(tmp_path / "0", tmp_path / "in-place")
    for folder in folders[1:]:
        load(LoadSettings(folder, tmp_path / "report", str(tmp_path / "in-place" / "graph.db")))
    assert everything(str(tmp_path / "2" / "graph.db")) == everything(str(tmp_path / "in-place" / "graph.db"))


def expect_union(base, batch, new):
    united = {line["id"]: dict(line) for line in json_lines(base / "names.jsonl")}
    for line in json_lines(batch / "names.jsonl"):
        kept = united.setdefault(line["id"], line)
        for field in ("types", "aliases"):
            kept[field] = sorted({*kept[field], *line[field]})
    assert json_lines(new / "names.jsonl") == sorted(united.values(), key=lambda line: line["id"])
    edges, before = (everything(str(folder / "graph.db"))[1] for folder in (new, base))
    assert added(new) == sorted({edge[0] for edge in edges} - {edge[0] for edge in before})
    texts = {line["id"]: line["text"] for folder in (base, batch) for line in json_lines(folder / "texts.jsonl")}
    assert json_lines(new / "texts.jsonl") == [{"id": key, "text": texts[key]} for key in sorted(texts)]
    statements = {}
    for folder in (base, batch):
        for edge, rows in edge_sentences(folder).items():
            for key, source, score in rows:
                rank = (source == "labelled", float(score))
                statements.setdefault(edge, {})[key] = max(rank, statements.get(edge, {}).get(key, (False, 0.0)))
    ranked = {
        edge: [
            [key, "labelled" if rank[0] else "extracted", str(rank[1])]
            for key, rank in sorted(found.items(), key=lambda one: (not one[1][0], -one[1][1], one[0]))
        ]
        for edge, found in sorted(statements.items())
    }
    assert list(edge_sentences(new).items()) == list(ranked.items())


def test_the_folder_says_what_it_is_and_the_same_input_gives_the_same_bytes(tmp_path, base):
    batch = notes(tmp_path, [sentence("n:1:a", [triple("甲", "父亲", "乙", score=0.9)])])
    for name in ("a", "b"):
        add(AddSettings(batch, tmp_path / name, base=base))
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "graph.db", "names.jsonl", "texts.jsonl", "edge_sentences.csv", "added.jsonl", "report.json", "manifest.json",
    }  # fmt: skip
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes() or path.name == "graph.db"
    manifest = read_manifest(tmp_path / "a", GRAPH)
    assert (manifest.made_by, manifest.schema_hash, set(manifest.inputs)) == (
        "neptune_load add", "s1", {"base", "graph_csv"},
    )  # fmt: skip


def test_a_graph_elsewhere_is_added_to_where_it_is(tmp_path, base):
    url = f"embedded:{tmp_path / 'elsewhere.db'}"
    shutil.copy(base / "graph.db", tmp_path / "elsewhere.db")
    load(LoadSettings(tmp_path / "csv", tmp_path / "there", url))
    batch = notes(tmp_path, [sentence("n:1:a", [triple("甲", "父亲", "乙", score=0.9)])])
    add(AddSettings(batch, tmp_path / "new", base=tmp_path / "there"))
    assert json.loads((tmp_path / "new" / "graph.json").read_text()) == {"url": url}
    assert not (tmp_path / "new" / "graph.db").exists()
    assert edge_id("甲", "父亲", "乙") in {edge[0] for edge in everything(url)[1]}
    assert added(tmp_path / "new") == [edge_id("甲", "父亲", "乙")]
    # What an earlier run has loaded that broke off before its folder was there is new all the same.
    add(AddSettings(batch, tmp_path / "again", base=tmp_path / "there"))
    for name in ("added.jsonl", "names.jsonl", "texts.jsonl", "edge_sentences.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "new" / name).read_bytes()


def test_the_url_may_say_where_a_graph_elsewhere_is_now(tmp_path, base):
    for name in ("old.db", "moved.db"):
        shutil.copy(base / "graph.db", tmp_path / name)
    load(LoadSettings(tmp_path / "csv", tmp_path / "there", f"embedded:{tmp_path / 'old.db'}"))
    batch = notes(tmp_path, [sentence("n:1:a", [triple("甲", "父亲", "乙", score=0.9)])])
    (tmp_path / "old.db").unlink()
    with pytest.raises(InputError, match="old.db: there is no such graph file"):
        add(AddSettings(batch, tmp_path / "new", base=tmp_path / "there"))
    add(AddSettings(batch, tmp_path / "new", url=f"embedded:{tmp_path / 'moved.db'}", base=tmp_path / "there"))
    assert "moved.db" in (tmp_path / "new" / "graph.json").read_text()


def test_a_broken_load_leaves_no_folder_and_the_base_as_it_was(tmp_path, base, monkeypatch):
    batch = notes(tmp_path, [sentence("n:1:a", [triple("甲", "父亲", "乙", score=0.9)])])
    before = tree_hash(base)

    def broken(settings, url, totals):
        raise ServiceError("no more")

    monkeypatch.setattr(add_command, "run_loader", broken)
    with pytest.raises(ServiceError):
        add(AddSettings(batch, tmp_path / "new", base=base))
    assert not (tmp_path / "new").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    assert tree_hash(base) == before


def test_a_base_that_somebody_writes_to_is_copied_as_it_stood_between_two_writes(tmp_path, base):
    batch = notes(tmp_path, [sentence("n:1:a", [triple("甲", "父亲", "乙", score=0.9)])])
    writer = sqlite3.connect(base / "graph.db", isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE vertex SET properties = '{}' WHERE name = '吴京'")
    writer.execute("BEGIN")
    writer.execute("DELETE FROM edge")
    add(AddSettings(batch, tmp_path / "new", base=base))
    writer.close()
    vertices, edges = everything(str(tmp_path / "new" / "graph.db"))
    assert (entity_id("吴京"), "entity", [("name", "吴京")]) in vertices
    assert len(edges) == 10


CASES = {
    "another schema": "it follows schema s2, but the graph .* follows schema s1; extract with a model",
    "two texts of one id": "the id 'train:1' is that of another text in .*texts.jsonl; extract with --unique-ids",
    "no names": "names.jsonl: there is no such file; the artefact is not whole",
    "no graph": "graph.json: there is no such file",
    "no such format": "ckgqa/graph version 1; .*expected .* version 2; `ckgqa run knowledge-graph",
    "a url too": "expected no address, because .* holds its graph itself, in graph.db",
    "a broken graph": "not a database",
    "a broken line": "id and text are expected on each line",
    "no sentences of edges": "edge_sentences.csv: there is no such file; the artefact is not whole",
    "a broken row": r'edge_sentences.csv line \d+: score: .*"high"',
    "a lost text": "edge_sentences.csv: the sentence 'extra:1' of edge .* is not in texts.jsonl",
}


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_is_refused_and_leaves_nothing(tmp_path, base, capfd, case):
    records = [sentence("n:1:a", [triple("甲", "父亲", "乙", score=0.9)])]
    words = []
    match case:
        case "two texts of one id":
            records = [sentence("train:1", [triple("甲", "父亲", "乙", score=0.9)], "另一句。")]
        case "no names":
            (base / "names.jsonl").unlink()
        case "no graph":
            (base / "graph.db").unlink()
        case "no such format":
            manifest = json.loads((base / "manifest.json").read_text()) | {"version": 1}
            (base / "manifest.json").write_text(json.dumps(manifest))
        case "a url too":
            words = ["--url", "ws://127.0.0.1:1/gremlin"]
        case "a broken graph":
            (base / "graph.db").write_text("no graph at all " * 100)
        case "a broken line":
            (base / "texts.jsonl").write_text("[1]\n")
        case "no sentences of edges":
            (base / "edge_sentences.csv").unlink()
        case "a broken row":
            with (base / "edge_sentences.csv").open("a") as lines:
                lines.write("e,train:1,labelled,high\n")
        case "a lost text":
            lines = (base / "texts.jsonl").read_text().splitlines(keepends=True)
            (base / "texts.jsonl").write_text("".join(line for line in lines if "extra:1" not in line))
    batch = notes(tmp_path, records, schema_hash="s2" if case == "another schema" else "s1")
    flags = {"--base": base, "--graph-csv": batch, "--graph": tmp_path / "new"}
    code = entry(["add", *(str(word) for pair in flags.items() for word in pair), *words])
    said = capfd.readouterr().err
    assert code == 2, said
    assert re.search(CASES[case], said), said
    assert not (tmp_path / "new").exists()


def test_a_server_that_is_not_there_ends_with_75(tmp_path, base, capfd):
    (base / "graph.db").unlink()
    (base / "graph.json").write_text('{"url": "ws://127.0.0.1:1/gremlin"}')
    batch = notes(tmp_path, [sentence("n:1:a", [triple("甲", "父亲", "乙", score=0.9)])])
    words = ["--base", base, "--graph-csv", batch, "--graph", tmp_path / "new", "--attempts", 1]
    assert entry(["add", *map(str, words)]) == 75
    assert "(tried 1 times); is the server up?" in capfd.readouterr().err
    assert not (tmp_path / "new").exists()
