"""`serve` as it runs: a real process, a real port, each of its settings, and an end that leaves nobody waiting."""

import json
import signal
import socket
import threading
import time

import pytest
from ckgqa_answer.__main__ import entry
from ckgqa_answer.commands.serve import make_app
from ckgqa_answer.commands.settings import ServeSettings
from ckgqa_answer.confidence.features import FEATURE_NAMES
from ckgqa_answer.dialogue.signing import KEY_VARIABLE
from ckgqa_answer.linking.index import Index

from ckgqa.runtime.errors import InputError

from ..http import Site
from ..made import record, write_graph
from ..running import ask, running, send
from ..stub_server import late, serving, status

QUESTION = "《战狼2》是谁导演的？"
SAYS = {
    QUESTION: record(QUESTION, "list:导演/@value", {"subject": "战狼2"}),
    "他的妻子呢？": record("他的妻子呢？", "list:妻子/@value", {"subject": "他"}),
    "谁": record("谁", "outside"),
}
END_S = 20


@pytest.fixture
def stub():
    with serving(SAYS) as server:
        yield server


def test_it_answers_and_sigterm_ends_it_well(graph_folder, stub):
    with running(graph_folder, stub.url) as one:
        assert send(one.port, "GET", "/ping") == (200, {"status": "ok"})
        assert send(one.port, "GET", "/ready") == (200, {"status": "ok"})
        code, reply = ask(one.port, QUESTION)
        assert (code, reply["values"]) == (200, ["吴京"])
        assert send(one.port, "GET", "/api/info")[1]["model"] == stub.url
        one.process.send_signal(signal.SIGTERM)
        assert one.ended() == 0
        said = one.said()
        assert "drained" in said
        # What was asked is nobody's business but the log's of what was not answered.
        assert QUESTION not in said
        assert "GraphTraversalSource" not in said


def test_sigterm_lets_requests_end_and_takes_nothing_new(graph_folder, stub):
    stub.failures = [lambda handler: (time.sleep(1.5), status(503)(handler))[1]]
    replies: list[tuple[int, dict[str, object]]] = []
    with running(graph_folder, stub.url) as one:
        asking = threading.Thread(target=lambda: replies.append(ask(one.port, QUESTION)))
        asking.start()
        time.sleep(0.5)
        one.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", one.port), timeout=5)
        asking.join(END_S)
        assert one.ended() == 0
    assert [code for code, _ in replies] == [200]


def test_a_drain_has_an_end(graph_folder, stub):
    stub.failures = [late(8)]
    with running(graph_folder, stub.url, "--drain-s", "1", "--model-timeout-s", "8") as one:
        with socket.create_connection(("127.0.0.1", one.port), timeout=10) as asking:
            body = json.dumps({"question": QUESTION}).encode()
            head = f"POST /api/ask HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            asking.sendall(head.encode() + body)
            time.sleep(0.5)
            started = time.monotonic()
            one.process.send_signal(signal.SIGTERM)
            code = one.ended()
        assert 1 <= time.monotonic() - started < 4
        assert code == 143


def test_settings_come_from_the_environment_too(graph_folder, stub):
    with running(graph_folder, stub.url, CKGQA_SERVE_MAX_BODY_BYTES="1024") as one:
        code, reply = ask(one.port, "吴" * 1000)
        assert (code, reply["error"]) == (413, "the body is larger than 1024 bytes; send less at a time")


# Each setting, in this process.


def site_of(graph, endpoint="http://127.0.0.1:1", **changed):
    return Site(make_app(ServeSettings(graph, endpoint, **changed)))


def test_the_index_the_calibration_the_logs_and_the_graphs_address_are_those_that_are_given(
    graph_folder, stub, tmp_path, monkeypatch
):
    Index(graph_folder, tmp_path / "linking.db").close()
    monkeypatch.setenv("CKGQA_CACHE", str(tmp_path / "none"))
    weights = {
        "format": "ckgqa/calibration",
        "version": 3,
        "bias": -3.0,
        "curve": [],
        "fact_curve": [],
        "unsure_below": 0.0,
        "fitted_on": "a test",
    }
    calibration = tmp_path / "calibration.json"
    calibration.write_text(json.dumps({**weights, "weights": dict.fromkeys(FEATURE_NAMES, 0.0)}))
    other = write_graph(tmp_path / "other", facts=[])
    site = site_of(
        graph_folder, stub.url, index=str(tmp_path / "linking.db"), calibration=str(calibration),
        log_dir=str(tmp_path / "logs"), max_log_bytes=2000,
    )  # fmt: skip
    assert site.ask(QUESTION).json()["confidence"] == 0.0474
    assert not (tmp_path / "none").exists()
    for _ in range(20):
        site.ask("😀")
    assert {path.name for path in (tmp_path / "logs").iterdir()} == {"unanswered.jsonl", "unanswered.jsonl.1"}
    elsewhere = site_of(graph_folder, stub.url, index=str(tmp_path / "linking.db"), graph_url=str(other / "graph.db"))
    assert elsewhere.ask(QUESTION).json()["status"] == "unknown"


def test_the_timeouts_the_threads_and_the_limits_are_those_that_are_given(graph_folder, stub, monkeypatch):
    opened: dict[str, object] = {}
    from ckgqa_answer import factory
    from ckgqa_answer.commands import serve

    graph, create_app = factory.GraphClient, serve.create_app
    monkeypatch.setattr(
        factory,
        "GraphClient",
        lambda url, timeout, most: (opened.update(timeout=timeout, most=most), graph(url, timeout, most))[1],
    )
    monkeypatch.setattr(serve, "create_app", lambda *given: (opened.update(limits=given[-1]), create_app(*given))[1])
    stub.failures = [late(1.0)] * 3
    limits = {"threads": 3, "max_requests": 7, "max_body_bytes": 2048, "body_timeout_s": 2.5}
    site = site_of(graph_folder, stub.url, model_timeout_s=0.1, graph_timeout_s=1.5, **limits)
    started = time.monotonic()
    assert site.ask(QUESTION).status_code == 503
    assert time.monotonic() - started < 2
    assert (opened["timeout"], opened["most"]) == (1.5, 3)
    assert vars(opened["limits"]) == limits


def test_the_key_signs_contexts_and_receipts(graph_folder, stub, monkeypatch, caplog):
    monkeypatch.setenv(KEY_VARIABLE, "one")
    reply = site_of(graph_folder, stub.url).ask(QUESTION).json()
    assert KEY_VARIABLE not in caplog.text
    same = site_of(graph_folder, stub.url)
    assert same.ask("他的妻子呢？", context=reply["context"]).json()["values"] == ["谢楠"]
    verdict = {"receipt": reply["receipt"], "verdict": "up"}
    assert same.send("POST", "/api/feedback", json=verdict).status_code == 200
    monkeypatch.delenv(KEY_VARIABLE)
    other = site_of(graph_folder, stub.url)
    assert f"{KEY_VARIABLE} is not set" in caplog.text
    assert other.ask("他的妻子呢？", context=reply["context"]).status_code == 400
    assert other.send("POST", "/api/feedback", json=verdict).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": -1}, {"port": 65536}, {"max_log_bytes": 1023}, {"model_timeout_s": 0}, {"graph_timeout_s": 0},
        {"threads": 0}, {"max_requests": 0}, {"max_body_bytes": 1023}, {"body_timeout_s": 0}, {"drain_s": 0},
    ],
)  # fmt: skip
def test_nonsense_is_refused(graph_folder, wrong):
    (name,) = wrong
    with pytest.raises(InputError, match=f"--{name.replace('_', '-')} .*: expected"):
        ServeSettings(graph_folder, "http://model", **wrong)


def refused(capsys, *flags):
    code = entry(["serve", *map(str, flags)])
    return code, capsys.readouterr().err


def test_a_port_that_is_taken_is_the_machines_fault(graph_folder, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused(capsys, "--graph", graph_folder, "--endpoint", "http://127.0.0.1:1", "--port", port)
    assert code == 75
    assert f"127.0.0.1:{port} cannot be listened on" in said


def test_what_is_no_graph_is_refused_at_the_start(tmp_path, capsys):
    folder = write_graph(tmp_path / "graph")
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"version": 2', '"version": 1'))
    code, said = refused(capsys, "--graph", folder, "--endpoint", "http://127.0.0.1:1")
    assert code == 2
    assert "this is ckgqa/graph version 1; expected a folder written as ckgqa/graph version 2" in said


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["--endpoint", "ftp://x"], "model address ftp://x: expected http://HOST:PORT"),
        (["--endpoint", "http://127.0.0.1:1", "--calibration", "/nowhere.json"], "there is no such file"),
        (["--endpoint", "http://127.0.0.1:1", "--graph-url", "ftp://x"], "ftp"),
        (["--endpoint", "http://127.0.0.1:1", "--log-dir", "/proc/version"], "/proc/version: no folder can be made"),
        (["--endpoint", "http://127.0.0.1:1", "--log-dir", "/proc/version/logs"], "no folder can be made there"),
    ],
)
def test_a_wrong_address_or_file_is_refused_at_the_start(graph_folder, capsys, flags, reason):
    code, said = refused(capsys, "--graph", graph_folder, *flags)
    assert code == 2
    assert reason in said
