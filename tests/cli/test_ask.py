"""`ckgqa ask` and `ckgqa serve`: a real model and graph, small ones, served and asked by the programs of the stages."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ckgqa_neptune_load.commands.load import load
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import CsvSettings, LoadSettings
from ckgqa_preprocess.duie.settings import DuieSettings
from ckgqa_preprocess.duie.stage import preprocess_duie
from ckgqa_preprocess.questions.settings import QuestionSettings
from ckgqa_preprocess.questions.stage import preprocess_questions
from ckgqa_train_jointbert.evaluate import evaluate
from ckgqa_train_jointbert.settings import EvaluateSettings, TrainSettings
from ckgqa_train_jointbert.train import train

from ckgqa.registry.local_registry import LocalRegistry

END_S = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Give a folder with the sample's graph and a registry in which a tiny question model waits."""
    folder = tmp_path_factory.mktemp("ask")
    subprocess.run([sys.executable, "-m", "ckgqa.sample", "--output", str(folder / "sample.zip")], check=True)
    preprocess_duie(DuieSettings(raw=folder / "sample.zip", sentences=folder / "sentences"))
    make_csv(CsvSettings(sentences=folder / "sentences", graph_csv=folder / "graph-csv"))
    load(LoadSettings(graph_csv=folder / "graph-csv", graph=folder / "graph"))
    asked = {"graph_csv": folder / "graph-csv", "schema": folder / "sentences", "questions": folder / "questions"}
    preprocess_questions(QuestionSettings(**asked, train_size=600, validation_size=40, test_size=40))
    train(TrainSettings(questions=folder / "questions", model=folder / "model", epochs=2, fresh_layers=1))
    places = {name: folder / name for name in ("model", "questions", "report", "intent_accuracy", "slot_f1")}
    evaluate(EvaluateSettings(**places))
    LocalRegistry(folder / "models").register("question-model", folder / "model", folder / "report")
    return folder


@pytest.fixture(scope="module")
def approved(folder) -> Path:
    LocalRegistry(folder / "models").decide("question-model/1", "approved", by="li")
    return folder


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "CKGQA_CACHE": str(folder / "cache")}


def ckgqa(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ckgqa.cli", *words, "--registry", str(folder / "models")]
    return subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=END_S, check=False
    )


def test_a_model_that_nobody_approved_is_not_asked(folder):
    done = ckgqa(folder, "ask", "吴京是谁", "--graph", "graph")
    assert done.returncode == 2
    assert "`ckgqa models approve question-model/1`" in done.stderr  # `models` here is the default registry
    named = ckgqa(folder, "ask", "吴京是谁", "--graph", "graph", "--model", "question-model/1")
    assert named.returncode == 2
    assert "--model question-model/1: expected an approved model, but it is pending" in named.stderr


READS = {
    "《一九四二》是谁导演的？": ("list:导演/@value", {"role": "subject", "start": 1, "end": 5, "text": "一九四二"}),
    "他的妻子呢？": ("list:妻子/@value", {"role": "subject", "start": 0, "end": 1, "text": "他"}),
}


class Understanding(BaseHTTPRequestHandler):
    """A model that understands two questions, so that what is answered does not hang on a training."""

    def do_POST(self) -> None:
        (question,) = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["questions"]
        label, slot = READS[question]
        slots = [{**slot, "probability": 0.99}]
        read = {"predicted_label": label, "probability": 0.98, "probabilities": {label: 0.98}, "slots": slots}
        body = json.dumps({"predictions": [read]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


def test_a_question_is_answered_and_the_conversation_goes_on(folder):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Understanding)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asked = ("--graph", "graph", "--endpoint", f"http://127.0.0.1:{server.server_address[1]}")
    first = ckgqa(folder, "ask", "《一九四二》是谁导演的？", *asked, "--json")
    assert first.returncode == 0, first.stderr
    reply = json.loads(first.stdout)
    assert (reply["status"], reply["values"]) == ("answered", ["冯小刚"])
    second = ckgqa(folder, "ask", "他的妻子呢？", *asked, "--follow-up")
    assert second.returncode == 0, second.stderr
    assert second.stdout.splitlines()[0] == "冯小刚的妻子是徐帆。"
    assert second.stderr == ""
    # Without --follow-up nobody knows who is meant.
    assert "徐帆" not in ckgqa(folder, "ask", "他的妻子呢？", *asked).stdout
    server.shutdown()
    server.server_close()


def test_a_model_of_this_machine_is_started_for_the_question(approved):
    done = ckgqa(approved, "ask", "《一九四二》是谁导演的？", "--graph", "graph", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["question"] == "《一九四二》是谁导演的？"


def test_what_is_wrong_is_said_in_one_line(approved, tmp_path):
    (approved / "broken").mkdir(exist_ok=True)
    for words, told in (
        (("ask", ""), "the question is empty"),
        (("ask", "字" * 10_000), "at most 128 are answered"),
        (("ask", "吴京是谁", "--model", "broken"), "the question model cannot be served"),
        (("ask", "吴京是谁", "--endpoint", "http://127.0.0.1:9"), "cannot be reached"),
    ):
        done = ckgqa(approved, *words, "--graph", "graph")
        assert done.returncode in {2, 75}, words
        assert done.stderr.startswith("error: "), done.stderr
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
    none = ckgqa(tmp_path, "ask", "吴京是谁")
    assert none.returncode == 2
    assert "no run there has a graph yet" in none.stderr


def test_there_must_be_a_conversation_to_go_on_with(folder, tmp_path):
    nobody = ("--endpoint", "http://127.0.0.1:9")
    done = ckgqa(tmp_path, "ask", "他呢", "--graph", str(folder / "graph"), "--follow-up", *nobody)
    assert done.returncode == 2
    assert "no conversation to go on with yet" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_the_page_is_served_until_a_signal_and_nothing_is_left_running(approved, tmp_path, number, code):
    words = ["serve", "--graph", "graph", "--port", "0", "--no-browser", "--registry", "models"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ckgqa.cli", *words, "--log-dir", str(tmp_path / "logs")],
        cwd=approved, env=environment(approved), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell that runs tests in the background has them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 -- no threads here
    )  # fmt: skip
    try:
        address = process.stdout.readline().split()[0]
        with urllib.request.urlopen(f"{address}/ready", timeout=END_S) as ready:
            assert ready.status == 200
        with urllib.request.urlopen(address, timeout=END_S) as page:
            assert b"<html" in page.read()
        body = json.dumps({"question": "《一九四二》是谁导演的？"}).encode()
        asked = urllib.request.Request(f"{address}/api/ask", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=END_S) as answered:
            assert json.load(answered)["question"] == "《一九四二》是谁导演的？"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 2
        process.send_signal(number)
        assert process.wait(END_S) == code
        assert not any(Path(f"/proc/{child}").exists() for child in children)
        assert process.stderr.read().strip() == "interrupted"
        for log in ("model.log", "answer.log"):
            assert "listening on" in (tmp_path / "logs" / log).read_text()
    finally:
        process.kill()
        process.communicate()


def test_a_port_that_is_taken_is_said(approved):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = ckgqa(approved, "serve", "--graph", "graph", "--port", port, "--no-browser")
    assert done.returncode == 75
    assert "the page cannot be served" in done.stderr
    assert "cannot be listened on" in done.stderr
