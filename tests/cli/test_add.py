"""`ckgqa add`: a user's own sentences come to a graph, and are the evidence of what is answered from it."""

import contextlib
import fcntl
import io
import json
import logging
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from ckgqa_answer.factory import open_application
from ckgqa_answer.question_model.prediction import read_predictions

from ckgqa.bundle import ROOT
from ckgqa.cli.main import main
from ckgqa.execution import run as running
from ckgqa.execution.local.process_executor import ProcessExecutor
from ckgqa.execution.records.graph_lookup import last_graph
from ckgqa.execution.records.record import find_run, read_record
from ckgqa.images.plan import program_hash
from ckgqa.registry.local_registry import LocalRegistry
from ckgqa.runtime import program
from ckgqa.runtime.artefacts import CASREL
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.jsonlines import read_json
from ckgqa.runtime.manifest import Manifest, write_manifest
from tests.cli.films import directs, make_films, plays, watches

GROUP = "extraction-model"
DIRECTS, PLAYS, WATCHES = (
    directs("星河云", "李明华"), plays("李明华", "山龙春", "吴芳敏"), watches("李明华", "星河云"),
)  # fmt: skip


@dataclass
class Ended:
    code: int
    out: str
    err: str


class Here(ProcessExecutor):
    """Runs stages in this process, which spares the seconds that imports take; one task may be broken on purpose."""

    broken = ""

    def run(self, job, on_line):
        if job.task == self.broken:
            raise KeyboardInterrupt
        name, *words = job.command[2:]
        module = __import__(f"{name}.__main__", fromlist=["COMMANDS"])
        root, said = logging.getLogger(), io.StringIO()
        handlers, level = root.handlers[:], root.level
        try:
            with contextlib.redirect_stderr(said), contextlib.chdir(job.folder):
                return program.main(name, "", module.COMMANDS, words)
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)
            for line in said.getvalue().splitlines():
                on_line(line)


class Workspace:
    """`ckgqa` in a folder of its own, with a graph in `graph` and an approved model in `models`."""

    def __init__(self, folder: Path):
        self.folder, self.runs = folder, folder / "runs"

    def ckgqa(self, *words: object) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([str(word) for word in words])
        return Ended(code, out.getvalue(), err.getvalue())

    def add(self, *words: object) -> Ended:
        return self.ckgqa("add", *words, "--target", "process")

    def write(self, name: str, *texts: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        return path

    @property
    def graph(self) -> Path:
        return last_graph(self.runs)


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    make_films(folder)
    registry = LocalRegistry(folder / "models")
    registry.register(GROUP, folder / "model", folder / "report", run="made")
    registry.decide(f"{GROUP}/1", "approved", by="li")
    return folder


@pytest.fixture(scope="module")
def started(films, tmp_path_factory):
    """Add the first notes, in processes as a user does, and give the workspace and what was said."""
    workspace = Workspace(tmp_path_factory.mktemp("added"))
    shutil.copytree(films / "models", workspace.folder / "models")
    known = next(line for line in read_lines(films / "sentences" / "train.jsonl") if line["triples"])
    lines = [DIRECTS[0], PLAYS[0], WATCHES[0], "\N{REPLACEMENT CHARACTER}", str(known["text"]), "长" * 100_001]
    notes = workspace.write("monday/notes.txt", *lines)
    notes.write_bytes(notes.read_bytes().replace("\N{REPLACEMENT CHARACTER}".encode(), b"\xff\xfe\x00"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        done = workspace.add("monday/notes.txt", "--graph", films / "graph")
    assert done.code == 0, done.err
    return workspace, done


@pytest.fixture
def workspace(started, tmp_path, monkeypatch):
    """Give a copy of the workspace with the first notes added, where stages run in this process."""
    shutil.copytree(started[0].folder, tmp_path / "workspace")
    use_here(monkeypatch)
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def empty(films, tmp_path, monkeypatch):
    """Give a workspace without any run."""
    shutil.copytree(films / "models", tmp_path / "models")
    use_here(monkeypatch)
    return Workspace(tmp_path)


def use_here(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(Here, "broken", "")

    @contextlib.contextmanager
    def here(name, lock):
        yield Here(ROOT / "components", program_hash, (lock,))

    monkeypatch.setattr(running, "open_executor", here)


def read_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def evidence(graph: Path) -> dict[str, str]:
    return {line["id"]: line["text"] for line in read_lines(graph / "texts.jsonl")}


def edges(graph: Path) -> set[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(graph / "graph.db")) as file:
        return set(file.execute("SELECT hex(id), properties FROM edge"))


def test_it_shows_what_it_added_what_was_known_and_what_it_could_not_use(started):
    _, done = started
    shown = done.out
    assert "new facts: 2; already known: 1" in shown
    new, _, rest = shown.partition("already known, unchanged:")
    known, _, rest = rest.partition("no fact was found in:")
    silent, _, unreadable = rest.partition("could not be read:")
    assert [cell.strip() for cell in line_with(new, "星河云").split("│")][:3] == ["星河云", "导演", "李明华"]
    assert DIRECTS[0] in line_with(new, "星河云")
    assert "吴芳敏 (inWork: 山龙春)" in new
    assert len(known.strip().splitlines()) == 3  # its heading, a rule, and the one that was trained on
    assert f"notes:3  {WATCHES[0]}" in silent
    assert "notes.txt line 4: not UTF-8" in unreadable
    assert 'notes.txt line 6: "text" has 100001 characters' in unreadable
    assert "try: ckgqa ask '星河云的导演是什么？'" in unreadable
    assert "try: ckgqa graph show '星河云'" in unreadable


def line_with(text: str, word: str) -> str:
    return next(line for line in text.splitlines() if word in line)


def test_the_graph_it_came_from_stays_and_the_new_one_is_the_last(started, films, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    workspace, _ = started
    record = read_record(find_run(workspace.runs, "last"))
    assert (record.pipeline, record.state) == ("add-texts", "done")
    assert workspace.graph == record.output("add", "graph")
    assert edges(films / "graph") < edges(workspace.graph)
    shown = workspace.ckgqa("graph", "show", "星河云")
    assert (shown.code, DIRECTS[0] in shown.out) == (0, True)
    assert DIRECTS[0] in workspace.ckgqa("graph", "show", "\u3000《星河云》 ").out
    # A name that stands in a slot alone is found too.
    assert "吴芳敏 (inWork: 山龙春)" in workspace.ckgqa("graph", "show", "山龙春").out
    assert "add-texts" in workspace.ckgqa("runs", "list").out
    assert "| edges added |" in workspace.ckgqa("runs", "show").out


class Scripted:
    """A question model that understands the one question it is asked."""

    def predict(self, questions):
        (question,) = questions
        label = "list:导演/@value"
        start = question.index("星河云")
        slot = {"role": "subject", "start": start, "end": start + 3, "text": "星河云", "probability": 0.99}
        record = {"predicted_label": label, "probability": 0.97, "probabilities": {label: 0.97}, "slots": [slot]}
        return read_predictions({"predictions": [record]}, questions, "a test's model")


def test_a_question_about_an_added_fact_is_answered_with_its_sentence(started, tmp_path):
    application = open_application(started[0].graph, Scripted(), index=tmp_path / "index.db")
    reply = application.ask("《星河云》是谁导演的？").as_record()
    assert (reply["status"], reply["values"]) == ("answered", ("李明华",))
    (fact,) = reply["facts"]
    assert fact["source"] == "extracted"
    assert [one["text"] for one in fact["evidence"]] == [DIRECTS[0]]


def test_the_same_file_once_more_changes_nothing_and_says_known_already(workspace):
    before = workspace.graph
    done = workspace.add("monday/notes.txt")
    assert done.code == 0
    assert "new facts: 0; already known: 3" in done.out
    assert "ckgqa ask" not in done.out
    assert workspace.graph != before
    assert edges(workspace.graph) == edges(before)
    for name in ("names.jsonl", "texts.jsonl"):
        assert (workspace.graph / name).read_bytes() == (before / name).read_bytes()


def test_a_file_of_the_same_name_of_another_day_leaves_the_evidence_of_the_first(workspace):
    other = directs("河春龙", "王静强")
    workspace.write("tuesday/notes.txt", other[0])
    before = evidence(workspace.graph)
    assert workspace.add("tuesday/notes.txt").code == 0
    after = evidence(workspace.graph)
    assert before.items() < after.items()
    assert {DIRECTS[0], other[0]} <= set(after.values())
    assert {key.rpartition(":")[0] for key in after if key.startswith("notes:1:")} == {"notes:1"}
    assert len([key for key in after if key.startswith("notes:1:")]) == 2


def test_json_lines_and_folders_are_taken_and_no_more_is_shown_than_asked_for(workspace):
    texts = [directs("龙虎山", "赵敏静")[0], directs("秋风云", "钱娜强")[0]]
    workspace.write("more/a.jsonl", *(json.dumps({"id": 7, "text": text}, ensure_ascii=False) for text in texts))
    done = workspace.add("more", "--limit", "1")
    assert done.code == 0
    assert "new facts: 2;" in done.out
    assert texts[0] in done.out
    assert texts[1] not in done.out
    assert "... and 1 more; --limit shows more" in done.out
    assert set(texts) <= set(evidence(workspace.graph).values())  # though both brought the id 7


def test_texts_without_a_fact_are_no_error_and_add_nothing(workspace):
    before = workspace.graph
    done = workspace.add(workspace.write("walk.txt", WATCHES[0], "今天天气很好。"))
    assert done.code == 0, done.err
    assert "no fact was found, so nothing was added" in done.out
    assert f"walk:1  {WATCHES[0]}" in done.out
    assert edges(workspace.graph) == edges(before)


@pytest.mark.parametrize(
    ("name", "content", "words", "message"),
    [
        ("empty.txt", b"", (), "no text can be read; all is empty"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\x00\xff\xd8" * 9, (), "lines cannot be read, more than 50.00%"),
        ("long.txt", ("长" * 100_001).encode(), (), "has 100001 characters, more than 100000"),
        ("some.jsonl", b'{"text": "a"}\n{"text": 1}\n', ("--max-bad-fraction", "0.1"), "1 of 2 lines cannot be read"),
    ],
)
def test_a_file_that_holds_no_texts_ends_with_2_and_leaves_the_graph(workspace, name, content, words, message):
    before, hashed = workspace.graph, tree_hash(workspace.graph)
    (workspace.folder / name).write_bytes(content)
    done = workspace.add(name, *words)
    assert done.code == 2
    assert message in done.err
    assert f"the graph in {before} is unchanged. Correct what the message names" in done.err
    assert "the same command" not in done.err
    assert (workspace.graph, tree_hash(workspace.graph)) == (before, hashed)


def test_what_is_wrong_at_once_is_said_at_once_and_makes_no_run(workspace, films):
    workspace.write("notes.pdf", "a")
    workspace.write("tuesday/notes.txt", "a")
    other = workspace.folder / "other"
    shutil.copytree(films / "model", other)
    write_manifest(other, Manifest(*CASREL, "another", "a test"))
    shutil.copytree(workspace.graph, workspace.folder / "busy")
    (workspace.folder / "busy" / "graph.db-wal").write_text("a log")
    refused = {
        ("gone.txt",): "gone.txt: there is no such file or folder of texts",
        ("notes.pdf",): "no file of texts but notes.pdf; expected one of .jsonl, .json, .txt",
        ("monday/notes.txt", "tuesday/notes.txt"): "error: notes.txt: expected one file of this name",
        ("monday", "--graph", "gone"): "--graph gone: expected a run in",
        ("monday", "--graph", str(films / "csv")): "this is ckgqa/graph-csv version 2",
        ("monday", "--model", "gone"): "--model gone: expected a model's folder, or an ID such as",
        ("monday", "--model", str(films / "graph")): "this is ckgqa/graph version 2",
        ("monday", "--model", str(other)): "this model was trained on schema another, but the graph",
        ("monday", "--model", "extraction-model/9"): "ID extraction-model/9: expected GROUP/VERSION",
        ("monday", "--model", "question-model/1"): "ID question-model/1: expected GROUP/VERSION",
        ("monday", "--registry", "none"): "none: no extraction-model is approved",
        ("monday", "--graph-url", "ws://127.0.0.1:1/gremlin"): "expected no address, since",
    }  # fmt: skip
    before = sorted(workspace.runs.glob("2*"))
    for words, message in refused.items():
        done = workspace.add(*words)
        assert (done.code, message in done.err) == (2, True), (words, done.err)
    busy = workspace.add("monday", "--graph", workspace.folder / "busy")
    assert (busy.code, "wait for the load to end" in busy.err) == (75, True)
    assert sorted(workspace.runs.glob("2*")) == before


def test_without_a_graph_it_says_what_makes_one(empty):
    empty.write("notes.txt", DIRECTS[0])
    done = empty.add("notes.txt")
    assert done.code == 2
    assert "no run there has a graph yet; `ckgqa run knowledge-graph" in done.err
    assert not empty.runs.exists()


def test_only_an_approved_model_extracts_unless_its_folder_is_given(empty, films):
    registry = LocalRegistry(empty.folder / "models")
    registry.decide(f"{GROUP}/1", "rejected", by="li")
    empty.write("notes.txt", DIRECTS[0])
    words = ("notes.txt", "--graph", films / "graph")
    done = empty.add(*words)
    assert (done.code, "no extraction-model is approved" in done.err) == (2, True)
    done = empty.add(*words, "--model", f"{GROUP}/1")
    assert "it is rejected; `ckgqa models approve extraction-model/1` approves it" in done.err
    assert empty.add(*words, "--model", films / "model").code == 0
    registry.decide(f"{GROUP}/1", "approved", by="li")
    assert empty.add(*words, "--model", f"{GROUP}/1").code == 0
    (empty.folder / "models" / GROUP / "1" / "model" / "config.json").write_text("{}")
    assert "not what was registered" in empty.add(*words, "--model", f"{GROUP}/1").err


@pytest.mark.parametrize("task", ["extract", "new-csv", "add"])
def test_an_add_that_is_interrupted_leaves_the_old_graph_and_the_next_one_works(workspace, monkeypatch, task):
    before, hashed = workspace.graph, tree_hash(workspace.graph)
    notes = workspace.write("notes.txt", directs("龙虎山", "赵敏静")[0])
    monkeypatch.setattr(Here, "broken", task)
    stopped = workspace.add(notes)
    assert stopped.code == 130
    assert "stopped by Ctrl-C" in stopped.err
    assert (workspace.graph, tree_hash(workspace.graph)) == (before, hashed)
    monkeypatch.setattr(Here, "broken", "")
    assert "new facts: 1;" in workspace.add(notes).out
    assert "龙虎山" in workspace.ckgqa("graph", "show", "龙虎山").out


def test_two_at_once_do_not_lose_what_one_of_them_adds(workspace):
    handle = os.open(workspace.runs / "lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        done = workspace.add("monday/notes.txt")
    finally:
        os.close(handle)
    assert done.code == 75
    assert "another `ckgqa add` is running here" in done.err


def test_a_graph_elsewhere_is_added_to_there_and_named_by_the_new_folder(workspace, tmp_path, films):
    shutil.copy(films / "graph" / "graph.db", tmp_path / "elsewhere.db")
    there = tmp_path / "there"
    shutil.copytree(films / "graph", there)
    (there / "graph.db").unlink()
    (there / "graph.json").write_text(json.dumps({"url": f"embedded:{tmp_path / 'elsewhere.db'}"}))
    done = workspace.add("monday/notes.txt", "--graph", there)
    assert done.code == 0, done.err
    assert "new facts: 2; already known: 1" in done.out
    assert read_json(workspace.graph / "graph.json") == {"url": f"embedded:{tmp_path / 'elsewhere.db'}"}
    assert DIRECTS[0] in workspace.ckgqa("graph", "show", "星河云").out
    (tmp_path / "elsewhere.db").unlink()
    assert "expected an existing graph file" in workspace.add("monday/notes.txt", "--graph", there).err


def test_the_next_commands_know_the_folders(workspace):
    workspace.runs.rename(workspace.folder / "my runs")
    (workspace.folder / "models").rename(workspace.folder / "registry")
    notes = workspace.write("notes.txt", directs("龙虎山", "赵敏静")[0])
    done = workspace.add(notes, "--runs-dir", "my runs", "--registry", "registry")
    assert "try: ckgqa ask '龙虎山的导演是什么？' --registry registry --runs-dir 'my runs'" in done.out
    assert "try: ckgqa graph show '龙虎山' --runs-dir 'my runs'" in done.out


def test_what_stands_in_a_text_is_no_markup(workspace):
    done = workspace.add(workspace.write("notes.txt", "[bold]今天[/bold]天气很好。"))
    assert "[bold]今天[/bold]" in done.out


@pytest.mark.docker
def test_texts_are_added_in_containers(films, tmp_path):
    workspace = Workspace(tmp_path)
    shutil.copytree(films / "models", tmp_path / "models")
    workspace.write("notes.txt", DIRECTS[0])
    done = workspace.ckgqa("add", "notes.txt", "--graph", films / "graph", "--target", "docker")
    assert done.code == 0, done.err
    assert DIRECTS[0] in evidence(workspace.graph).values()
