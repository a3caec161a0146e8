"""The program as SageMaker runs it: a real process, a real port, and an end that answers every active request."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from ckgqa_train_jointbert.__main__ import COMMANDS
from ckgqa_train_jointbert.data.labels import Labels, write_labels
from ckgqa_train_jointbert.inference import onnx_engine
from ckgqa_train_jointbert.inference.onnx_engine import CGROUP_LIMIT, usable_processors

from ckgqa.runtime.program import main

LISTENING = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")
START_S = 60


@contextmanager
def running(model: Path, *flags: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run `serve` on a free port for the block; yield the process and the port."""
    command = [sys.executable, "-m", "ckgqa_train_jointbert", "serve", "--model", str(model), "--host", "127.0.0.1"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"} | variables
    process = subprocess.Popen([*command, "--port", "0", *flags], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield process, port_of(process)
    finally:
        process.kill()
        process.communicate()


def port_of(process: "subprocess.Popen[str]") -> int:
    assert process.stderr is not None
    log = ""
    for line in process.stderr:
        log += line
        if found := LISTENING.search(line):
            return int(found[1])
    raise AssertionError(log)


def ask(port: int, body: str, media: str = "application/json", timeout_s: float = 60) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)) as connection:
        connection.request("POST", "/invocations", body.encode(), {"Content-Type": media})
        reply = connection.getresponse()
        return reply.status, reply.read()


def test_it_answers_and_ends_cleanly_on_sigterm(served_model: Path):
    with running(served_model) as (process, port):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", "/ping")
            assert connection.getresponse().status == 200
        status, reply = ask(port, "谁导演的", "text/csv")
        assert (status, len(json.loads(reply)["predictions"])) == (200, 1)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=START_S)
        assert process.returncode == 0
        assert "drained" in log


def test_sigterm_drains_active_requests_and_accepts_no_new_ones(served_model: Path):
    replies: list[tuple[int, bytes]] = []
    body = json.dumps({"questions": ["《战狼2》是谁导演的？"] * 4000})
    with running(served_model, "--max-batch", "1") as (process, port):
        asking = threading.Thread(target=lambda: replies.append(ask(port, body)))
        asking.start()
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert process.poll() is None
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        asking.join(START_S)
        process.communicate(timeout=START_S)
        assert process.returncode == 0
    ((status, reply),) = replies
    assert (status, len(json.loads(reply)["predictions"])) == (200, 4000)


def test_a_drain_has_an_end(served_model: Path):
    body = json.dumps({"questions": ["《战狼2》是谁导演的？"] * 10_000}).encode()
    head = f"POST /invocations HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with running(served_model, "--max-batch", "1", "--drain-s", "1") as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
            asking.sendall(head.encode() + body)
            time.sleep(0.3)
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=START_S)
        assert 1 <= time.monotonic() - started < 10


def test_settings_come_from_the_environment_too(served_model: Path):
    with running(served_model, CKGQA_SERVE_MAX_REQUEST_QUESTIONS="1") as (_, port):
        status, reply = ask(port, json.dumps({"questions": ["谁", "谁"]}))
        assert (status, json.loads(reply)["error"]) == (413, "2 questions; a request holds at most 1")


def test_half_a_request_and_a_client_that_leaves_hurt_nobody(served_model: Path):
    with running(served_model) as (_, port):
        for request in (
            b"POST /invocations HTTP/1.1\r\nContent-Length: 99\r\nContent-Type: text/csv\r\n\r\nhalf",
            b"\0\xff\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as rude:
                rude.sendall(request)
        assert ask(port, "谁", "text/csv")[0] == 200


def test_serving_imports_no_training_library(served_model: Path):
    code = (
        "import sys\n"
        "import ckgqa_train_jointbert.__main__, ckgqa_train_jointbert.serving.serve\n"
        "from ckgqa_train_jointbert.inference.loading import load_served\n"
        "from ckgqa_train_jointbert.model.folder import read_model_folder\n"
        "from pathlib import Path\n"
        "load_served(read_model_folder(Path(sys.argv[1]))).predict(['谁'])\n"
        "unwanted = {'torch', 'transformers', 'safetensors', 'onnx', 'tensorboard', 'tokenizers'} & set(sys.modules)\n"
        "sys.exit(str(unwanted) if unwanted else 0)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(served_model)], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def refused(capsys: pytest.CaptureFixture[str], *flags: str) -> tuple[int, str]:
    code = main("ckgqa_train_jointbert", "", COMMANDS, ["serve", *flags])
    return code, capsys.readouterr().err


def test_a_port_in_use_is_a_service_error(served_model: Path, capsys: pytest.CaptureFixture[str]):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, log = refused(capsys, "--model", str(served_model), "--host", "127.0.0.1", "--port", port)
    assert code == 75
    assert f"127.0.0.1:{port} cannot be listened on" in log


def test_a_limit_beyond_the_models_window_is_refused(served_model: Path, capsys: pytest.CaptureFixture[str]):
    code, log = refused(capsys, "--model", str(served_model), "--max-question-chars", "65")
    assert code == 2
    assert "--max-question-chars 65: expected at most 64, the window of this model" in log


def copied(model: Path, folder: Path) -> Path:
    folder.mkdir()
    for file in model.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.mark.parametrize("missing", ["manifest.json", "config.json", "labels.json", "vocabulary.json", "model.onnx"])
def test_half_a_model_is_refused(served_model: Path, tmp_path: Path, missing: str, capsys: pytest.CaptureFixture[str]):
    model = copied(served_model, tmp_path / "model")
    (model / missing).unlink()
    code, log = refused(capsys, "--model", str(model))
    assert code == 2
    assert missing in log


def test_a_model_of_other_labels_is_refused(
    served_model: Path, tmp_path: Path, labels: Labels, capsys: pytest.CaptureFixture[str]
):
    model = copied(served_model, tmp_path / "model")
    write_labels(model, Labels(labels.kinds, labels.steps[1:], labels.roles))
    code, log = refused(capsys, "--model", str(model))
    assert code == 2
    assert "scores 18 classes of intents and 7 tags, and labels.json has 16 and 7" in log


def test_an_older_version_is_refused_with_the_remedy(
    served_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    model = copied(served_model, tmp_path / "model")
    (model / "manifest.json").write_text(
        '{"format": "ckgqa/jointbert", "version": 1, "made_by": "train_jointbert train"}'
    )
    code, log = refused(capsys, "--model", str(model))
    assert code == 2
    assert "expected a folder written as ckgqa/jointbert version 2; train a model again with `ckgqa run" in log


@pytest.mark.parametrize(
    ("quota", "asked", "wanted"),
    [("max 100000", "", 4), ("150000 100000", "", 2), ("50000 100000", "", 1), ("max 100000", "3", 3), (None, "9", 4)],
)
def test_a_containers_limit_is_how_many_processors_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str | None, asked: str, wanted: int
):
    if quota is not None:
        (tmp_path / CGROUP_LIMIT.name).write_text(quota + "\n")
    monkeypatch.setattr(onnx_engine, "CGROUP_LIMIT", tmp_path / CGROUP_LIMIT.name)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert usable_processors() == wanted
