"""Each bad input gets a message that says what, where and what would be right, its exit code, and no output."""

import json
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ckgqa_neptune_load.__main__ import entry
from ckgqa_neptune_load.building.line_checks import find_flaw
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.database import temporary_database
from ckgqa_neptune_load.settings import CsvSettings, LoadSettings
from gremlin_python.process.anonymous_traversal import traversal

from ckgqa.graph.connection import connect
from ckgqa.runtime.errors import InputError, ServiceError

from .artefacts import sentence, triple, write_facts, write_sentences

SOURCE = Path(__file__).resolve().parents[1] / "src"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out" / "result"


@pytest.fixture
def graph_csv(tmp_path, sentences, facts):
    make_csv(CsvSettings(tmp_path / "csv", sentences, facts))
    return tmp_path / "csv"


def refused(capfd, out, code, message, *words):
    """Run the program and hold it to its exit code, its message, and an untouched place for output."""
    assert entry([str(word) for word in words]) == code
    said = capfd.readouterr().err
    assert re.search(message, said), said
    assert "Traceback" not in said
    assert not out.parent.exists() or list(out.parent.iterdir()) == []


def change(path: Path, old: str, new: str):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# csv


def test_neither_input_is_refused(capfd, out):
    refused(capfd, out, 2, "--facts .not set.: expected a folder of extracted triples", "csv", "--graph-csv", out)


def test_inputs_without_a_triple_are_refused(capfd, out, tmp_path):
    empty = write_sentences(tmp_path / "s", test=[sentence("test:1", [triple("a", "p", "b")])])
    facts = write_facts(tmp_path / "f", [sentence("test:1", [])])
    refused(
        capfd,
        out,
        2,
        "nothing to load: no triple in .*facts.jsonl",
        "csv",
        "--sentences",
        empty,
        "--facts",
        facts,
        "--graph-csv",
        out,
    )


def test_an_artefact_of_another_version_is_refused(capfd, out, facts):
    change(facts / "manifest.json", '"version": 1', '"version": 2')
    refused(
        capfd,
        out,
        2,
        "this is ckgqa/facts version 2; .*expected .* version 1",
        "csv",
        "--facts",
        facts,
        "--graph-csv",
        out,
    )


def test_an_artefact_of_another_kind_is_refused(capfd, out, facts):
    refused(
        capfd,
        out,
        2,
        "this is ckgqa/facts version 1; .*ckgqa/sentences",
        "csv",
        "--sentences",
        facts,
        "--graph-csv",
        out,
    )


def test_facts_of_another_schema_are_refused(capfd, out, sentences, tmp_path):
    other = write_facts(tmp_path / "other", [sentence("a", [triple("a", "p", "b", score=1)])], schema_hash="s2")
    refused(
        capfd,
        out,
        2,
        "extracted with schema s2, but .* follows schema s1",
        "csv",
        "--sentences",
        sentences,
        "--facts",
        other,
        "--graph-csv",
        out,
    )


@pytest.mark.parametrize("name", ["train.jsonl", "validation.jsonl", "test.jsonl"])
def test_a_missing_file_is_named(capfd, out, sentences, name):
    (sentences / name).unlink()
    refused(capfd, out, 2, f"{name}: there is no such file", "csv", "--sentences", sentences, "--graph-csv", out)


def test_missing_facts_are_named(capfd, out, facts):
    (facts / "facts.jsonl").unlink()
    refused(capfd, out, 2, "facts.jsonl: there is no such file", "csv", "--facts", facts, "--graph-csv", out)


@pytest.mark.parametrize("line", ["{not json", '{"id": "a"', "[1, 2]", '{"id": "a", "text": "b", "triples": 7}'])
@pytest.mark.parametrize("name", ["train.jsonl", "test.jsonl"])
def test_a_broken_line_is_named(capfd, out, *, sentences, facts, name, line):
    with (sentences / name).open("a", encoding="utf-8") as lines:
        lines.write(line + "\n")
    refused(capfd, out, 2, f"{name} line 3: ", "csv", "--sentences", sentences, "--facts", facts, "--graph-csv", out)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (sentence("a b", [triple("s", "p", "v", score=0.5)]), "'id' is 'a b'; a text without white space"),
        (sentence("", [triple("s", "p", "v", score=0.5)]), "'id' is ''"),
        (sentence("a", [triple("", "p", "v", score=0.5)]), "'subject' of a triple is missing or empty"),
        (sentence("a", [triple("s", "", "v", score=0.5)]), "'predicate' of a triple is missing or empty"),
        (sentence("a", [triple("s", "p", "v", ("", "T"), 0.5)]), "'subject_type' of a triple is missing or empty"),
        (sentence("a", [triple("s", "p", "", score=0.5)]), "'object' of a triple needs '@value'"),
        (sentence("a", [triple("s", "p", "v", score=0.5, inWork=("", "T"))]), "no value may be empty"),
        (sentence("a", [triple("s", "p", "v", score=0.5, inWork=("w", ""))]), "lacks the type of a slot"),
        (sentence("a", [triple("s", "p", "v")]), "'score' of a triple is None; a number from 0 to 1"),
        (sentence("a", [triple("s", "p", "v", score=1.5)]), "'score' of a triple is 1.5"),
        (sentence("a", [triple("s", "p", "v", score=0.5) | {"object": "v"}]), "must be JSON objects"),
    ],
)
def test_a_triple_that_breaks_the_contract_is_named(capfd, out, tmp_path, broken, message):
    good = sentence("good", [triple("s", "p", "v", score=0.5)])
    facts = write_facts(tmp_path / "f", [good, broken, good])
    refused(capfd, out, 2, f"facts.jsonl line 2: .*{re.escape(message)}", "csv", "--facts", facts, "--graph-csv", out)


@pytest.mark.parametrize("name", ["train.jsonl", "validation.jsonl", "test.jsonl"])
@pytest.mark.parametrize("line", ['{"id": "a", "triples": []}', '{"id": "a b", "text": "t", "triples": []}'])
def test_a_line_without_a_fact_needs_an_id_and_a_text_all_the_same(capfd, out, *, sentences, name, line):
    lines = (sentences / name).read_text(encoding="utf-8")
    (sentences / name).write_text(line + "\n" + lines, encoding="utf-8")
    refused(capfd, out, 2, f"{name} line 1: '(id|text)' is ", "csv", "--sentences", sentences, "--graph-csv", out)


def test_a_test_text_with_the_id_of_another_text_is_refused(capfd, out, sentences):
    with (sentences / "test.jsonl").open("a", encoding="utf-8") as lines:
        lines.write('{"id": "train:1", "text": "another", "triples": []}\n')
    refused(
        capfd, out, 2, "two different texts have the id 'train:1'", "csv", "--sentences", sentences, "--graph-csv", out
    )


def test_a_record_without_text_or_triples_has_a_flaw():
    assert "'text'" in find_flaw({"id": "a", "triples": []}, scored=False)
    assert "'triples'" in find_flaw({"id": "a", "text": "b"}, scored=False)
    assert find_flaw({"id": "a", "text": "b", "triples": [7]}, scored=False) == "a triple is not a JSON object"
    assert find_flaw({"id": "a", "text": "b", "triples": []}, scored=True) == ""


def test_two_texts_with_one_id_are_refused(capfd, out, tmp_path):
    found = [triple("s", "p", "v", score=0.5)]
    facts = write_facts(tmp_path / "f", [sentence("a", found, "one"), sentence("a", found, "two")])
    refused(capfd, out, 2, "two different texts have the id 'a'", "csv", "--facts", facts, "--graph-csv", out)


@pytest.mark.parametrize("flag", [("--memory-mb", "10"), ("--threads", "0")])
def test_nonsense_settings_of_csv_are_refused(capfd, out, facts, flag):
    refused(
        capfd,
        out,
        2,
        f"{flag[0]} {flag[1]}: expected an integer of at least",
        "csv",
        "--facts",
        facts,
        "--graph-csv",
        out,
        *flag,
    )


def test_too_little_memory_says_which_setting_to_raise(tmp_path):
    with pytest.raises(ServiceError, match="raise --memory-mb"), temporary_database(tmp_path, 64, 1) as database:
        database.execute("SET temp_directory = ''; ATTACH ':memory:' AS roomless; USE roomless")
        database.execute("CREATE TABLE t AS SELECT sha256(i::VARCHAR) FROM range(3000000) r(i)")
    assert list(tmp_path.iterdir()) == []


# load


def test_a_graph_csv_of_another_version_is_refused(capfd, out, graph_csv):
    change(graph_csv / "manifest.json", '"version": 2', '"version": 1')
    refused(
        capfd,
        out,
        2,
        "this is ckgqa/graph-csv version 1; .*expected .* version 2; `ckgqa run knowledge-graph",
        "load",
        "--graph-csv",
        graph_csv,
        "--graph",
        out,
    )


@pytest.mark.parametrize("name", ["vertices.csv", "edges.csv", "edge_sentences.csv", "names.jsonl", "texts.jsonl"])
def test_a_missing_file_of_the_csv_is_named(capfd, out, graph_csv, name):
    (graph_csv / name).unlink()
    refused(capfd, out, 2, f"{name}: there is no such file", "load", "--graph-csv", graph_csv, "--graph", out)


def test_an_edge_that_names_a_missing_vertex_is_refused(capfd, out, graph_csv):
    with (graph_csv / "edges.csv").open("a", encoding="utf-8") as lines:
        lines.write("e1,nowhere,nobody,p,labelled,1.0,1,a:1\n")
    refused(
        capfd,
        out,
        2,
        "edges.csv: edge e1 names vertex nobody, which is not in vertices.csv",
        "load",
        "--graph-csv",
        graph_csv,
        "--graph",
        out,
    )


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("vertices.csv", "a,entity", "line 11: .*Expected Number of Columns: 5 Found: 2"),
        ("vertices.csv", '"a,entity,x,T,', "line 11: .*unterminated quote"),
        ("vertices.csv", ",entity,x,T,", "1 rows have an empty id"),
        ("edges.csv", "e,a,b,p,labelled,high,1,s", 'line 11: score:Double: .*"high"'),
        ("edges.csv", "e,a,b,p,labelled,1.0,many,s", 'line 11: count:Int: .*"many"'),
        ("edges.csv", "e,a,b,p,labelled,,1,s", "1 rows have an empty id, score or count"),
        ("edges.csv", "e,a,b,p,labelled,1.0,1,s,more", "line 11: .*Expected Number of Columns: 8 Found: 9"),
        ("edge_sentences.csv", "e,s,extracted", "line 11: .*Expected Number of Columns: 4 Found: 3"),
        ("edge_sentences.csv", "e,s,extracted,high", 'line 11: score: .*"high"'),
        ("edge_sentences.csv", "e,,extracted,0.5", "1 rows have an empty id"),
        ("edge_sentences.csv", "e,s,extracted,0.5", "edge e is not in edges.csv; make the CSV again"),
        ("edge_sentences.csv", "e,t,extracted,0.5", "the sentence 't' of edge e is not in texts.jsonl"),
    ],
)
def test_a_broken_line_of_the_csv_is_named(capfd, out, tmp_path, *, row, name, message):
    plain = write_facts(tmp_path / "plain", [sentence("s", [triple(f"a{n}", "p", f"b{n}", score=1) for n in range(9)])])
    make_csv(CsvSettings(tmp_path / "csv", facts=plain))
    path = tmp_path / "csv" / name
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:10], row + "\n", *lines[10:]]), encoding="utf-8")
    refused(capfd, out, 2, f"{name}:? {message}", "load", "--graph-csv", tmp_path / "csv", "--graph", out)


def test_other_columns_are_refused(capfd, out, graph_csv):
    change(graph_csv / "vertices.csv", "name:String(single)", "title:String")
    refused(
        capfd,
        out,
        2,
        "vertices.csv line 1: the columns are .*title.*; expected ",
        "load",
        "--graph-csv",
        graph_csv,
        "--graph",
        out,
    )


@pytest.mark.parametrize("place", [0, 20_000])
def test_bytes_that_are_no_utf8_are_refused(capfd, out, graph_csv, place):
    with (graph_csv / "vertices.csv").open("ab") as lines:
        lines.write(b"a,entity," + b"x" * place + b"\xff\xfe,T,\n")
    refused(capfd, out, 2, r"vertices.csv(: invalid CSV| line 11: )", "load", "--graph-csv", graph_csv, "--graph", out)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8182/gremlin", "ws://", "s3://bucket/key"])
def test_a_wrong_address_is_refused(capfd, out, graph_csv, url):
    refused(
        capfd,
        out,
        2,
        "graph address '.*(expected|names no host or file)",
        "load",
        "--graph-csv",
        graph_csv,
        "--graph",
        out,
        "--url",
        url,
    )


def test_an_embedded_file_that_is_not_there_is_refused_and_not_made(capfd, out, graph_csv, tmp_path):
    url = f"embedded:{tmp_path / 'typo.db'}"
    refused(
        capfd,
        out,
        2,
        "--url embedded:.*typo.db: expected an existing graph file, or no --url",
        "load",
        "--graph-csv",
        graph_csv,
        "--graph",
        out,
        "--url",
        url,
    )
    assert not (tmp_path / "typo.db").exists()


def test_a_file_that_is_no_graph_is_refused_and_left_alone(capfd, out, graph_csv, tmp_path):
    (tmp_path / "notes.txt").write_text("not a graph" * 100)
    refused(
        capfd, out, 2, "notes.txt", "load", "--graph-csv", graph_csv, "--graph", out, "--url", tmp_path / "notes.txt"
    )
    assert (tmp_path / "notes.txt").read_text() == "not a graph" * 100


def test_a_server_that_cannot_be_reached_is_a_service_error(capfd, out, graph_csv):
    words = ["--url", "ws://user:hunter2@127.0.0.1:9/gremlin", "--attempts", "2", "--retry-wait-s", "0.01"]
    assert entry([str(word) for word in ["load", "--graph-csv", graph_csv, "--graph", out, *words]]) == 75
    said = capfd.readouterr().err
    error = next(line for line in said.splitlines() if "error: " in line)
    assert "ws://***@127.0.0.1:9/gremlin: " in error
    assert "(tried 2 times); is the server up?" in error
    assert "hunter2" not in error
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize(
    "flag", [("--attempts", "0"), ("--request-timeout-s", "0"), ("--retry-wait-s", "-1")], ids=lambda flag: flag[0]
)
def test_nonsense_settings_of_load_are_refused(capfd, out, graph_csv, flag):
    refused(
        capfd, out, 2, f"{flag[0]} {flag[1]}.*: expected a", "load", "--graph-csv", graph_csv, "--graph", out, *flag
    )


def test_settings_can_be_made_with_defaults_alone(tmp_path):
    assert LoadSettings(tmp_path, tmp_path).url == ""
    with pytest.raises(InputError, match="expected a folder of extracted triples"):
        CsvSettings(tmp_path)


# The machine refuses


@pytest.fixture
def large(tmp_path):
    """Facts whose work takes a few megabytes and a few seconds."""
    generator = random.Random(3)
    records = [
        sentence(f"s:{n}", [triple(f"名{generator.randrange(60000)}", "主演", f"人{n}", score=0.5) for _ in range(2)])
        for n in range(40_000)
    ]
    return write_facts(tmp_path / "large", records)


def start(words, limit_bytes=None):
    """Start the program as a process, with a limit on the size of any file it writes."""

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    return subprocess.Popen(
        [sys.executable, "-m", "ckgqa_neptune_load", *map(str, words)],
        env={"PYTHONPATH": f"{SOURCE}:{SOURCE.parents[2]}", "PATH": ""},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limited if limit_bytes else None,  # noqa: PLW1509 -- the child does nothing but this
    )


def stop_once(process, folder, pattern, number):
    """Send a signal as soon as a file of that name is there; return what the process said."""
    deadline = time.monotonic() + 60
    while not list(folder.glob(pattern)):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(number)
    return process.communicate(timeout=60)[1]


def test_a_full_disk_in_csv_is_a_service_error_and_leaves_nothing(out, large):
    process = start(["csv", "--facts", large, "--graph-csv", out], limit_bytes=1_000_000)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 75, said
    assert "error: the disk is full" in said
    assert list(out.parent.iterdir()) == []


def test_a_full_disk_in_load_is_a_service_error_and_leaves_nothing(tmp_path, out, large):
    make_csv(CsvSettings(tmp_path / "csv", facts=large))
    process = start(["load", "--graph-csv", tmp_path / "csv", "--graph", out], limit_bytes=6_000_000)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 75, said
    assert "error: " in said
    assert "Traceback" not in said
    assert list(out.parent.iterdir()) == []


def test_csv_that_is_terminated_leaves_nothing(out, large):
    process = start(["csv", "--facts", large, "--graph-csv", out])
    said = stop_once(process, out.parent, ".result.*.part/spill.*/work.duckdb", signal.SIGTERM)
    assert process.returncode == 128 + signal.SIGTERM, said
    assert list(out.parent.iterdir()) == []


def test_csv_that_is_killed_leaves_no_output_and_the_next_run_succeeds(out, large):
    process = start(["csv", "--facts", large, "--graph-csv", out])
    stop_once(process, out.parent, ".result.*.part/spill.*/work.duckdb", signal.SIGKILL)
    assert not out.exists()
    make_csv(CsvSettings(out, facts=large))
    assert json.loads((out / "report.json").read_text())["extracted_triples"] == 80_000


def test_a_new_graph_whose_load_is_killed_is_not_there(tmp_path, out, large):
    make_csv(CsvSettings(tmp_path / "csv", facts=large))
    process = start(["load", "--graph-csv", tmp_path / "csv", "--graph", out])
    stop_once(process, out.parent, ".result.*.part/graph.db", signal.SIGKILL)
    assert not out.exists()


def test_a_graph_whose_second_load_is_killed_is_sound_and_the_next_load_completes_it(tmp_path, graph_csv, large):
    assert entry(["load", "--graph-csv", str(graph_csv), "--graph", str(tmp_path / "g")]) == 0
    make_csv(CsvSettings(tmp_path / "csv", facts=large))
    url = f"embedded:{tmp_path / 'g' / 'graph.db'}"
    words = ["load", "--graph-csv", tmp_path / "csv", "--graph", tmp_path / "again" / "result", "--url", url]
    process = start(words)
    stop_once(process, tmp_path / "g", "graph.db-wal", signal.SIGKILL)
    connection = connect(url)
    assert traversal().with_remote(connection).V().has("name", "战狼").count().to_list() == [1]
    connection.close()
    assert entry([str(word) for word in words]) == 0
    report = json.loads((tmp_path / "again" / "result" / "report.json").read_text())
    expected = json.loads((tmp_path / "csv" / "report.json").read_text())
    assert (report["vertices"], report["edges"]) == (9 + expected["vertices"], 9 + expected["edges"])
