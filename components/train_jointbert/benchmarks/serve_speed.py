"""Measures how fast `serve` answers beside the same HTTP shell around plain PyTorch; prints a Markdown table.

    python components/train_jointbert/benchmarks/serve_speed.py --bert bge-small-zh-v1.5

It serves two models in both ways: the BERT of `--bert`, and one of 6 layers of 768 with random weights and the same
vocabulary. Each server is a process of its own; the clients keep their connections and send one question a request.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from transformers import BertConfig, BertModel

from ckgqa.runtime.artefacts import JOINTBERT, MODEL_ONNX
from ckgqa.runtime.manifest import Manifest, write_manifest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
from ckgqa_train_jointbert.data.labels import Labels, write_labels
from ckgqa_train_jointbert.data.vocabulary import write_vocabulary
from ckgqa_train_jointbert.export.onnx_graph import build_graph
from ckgqa_train_jointbert.model.bert import pretrained_bert
from ckgqa_train_jointbert.model.config import JointBertConfig, ServedPrecision, write_config
from ckgqa_train_jointbert.model.jointbert import JointBert

# Sizes of a real schema: 48 predicates, both ways and some slots.
STEPS, ROLES = 110, ("@value", "inArea", "inWork", "onDate", "period", "subject")
NAMES = ("战狼2", "吴京", "三体", "清华大学", "我和我的祖国", "鲁迅", "红楼梦", "一九八四", "周杰伦", "Harry Potter")
WORDINGS = (
    "{}是谁导演的？",
    "请问《{}》的作者是谁",
    "{}毕业于哪所学校",
    "{}有哪些作品",
    "{}的妻子的国籍是什么",
    "{}一共写了几本书",
    "谁演过{}",
)
CLIENTS = 32
START_S = 120


@dataclass(frozen=True)
class Figures:
    """Latency and throughput of a server."""

    median_ms: float
    slowest_ms: float
    """99th percentile at one client."""
    per_second: float
    """At CLIENTS clients."""


def main() -> None:
    """Measure both models in both ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bert", type=Path, required=True, help="a BERT folder, such as BAAI/bge-small-zh-v1.5")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    print("| model | served by | median ms, 1 client | p99 ms, 1 client | questions/s, 32 clients |")  # noqa: T201
    print("| --- | --- | --- | --- | --- |")  # noqa: T201
    with tempfile.TemporaryDirectory() as work:
        large = write_large_bert(Path(work) / "large-bert", arguments.bert)
        for name, bert in (("6 layers of 768, random", large), (arguments.bert.name, arguments.bert)):
            compare(name, bert, Path(work) / f"{bert.name}-model", arguments.seconds)


def compare(name: str, bert: Path, model: Path, seconds: float) -> None:
    """Measure one model in both ways and print its rows."""
    write_model(model, bert)
    here = Path(__file__).parent
    ours = [sys.executable, "-m", "ckgqa_train_jointbert", "serve", "--host", "127.0.0.1", "--model", str(model)]
    plain = [sys.executable, str(here / "plain_torch.py"), "--model", str(model), "--bert", str(bert)]
    rows = {}
    for kind, command in (("plain PyTorch", plain), ("serve, int8", ours)):
        with serving(command) as port:
            rows[kind] = figures = asyncio.run(measure(port, seconds))
        shown = f"{figures.median_ms:.1f} | {figures.slowest_ms:.1f} | {figures.per_second:.0f}"
        print(f"| {name} | {kind} | {shown} |", flush=True)  # noqa: T201
    slow, fast = rows["plain PyTorch"], rows["serve, int8"]
    ratio = f"{fast.median_ms / slow.median_ms:.2f} of it | | {fast.per_second / slow.per_second:.1f} times"
    print(f"| {name} | ratio | {ratio} |", flush=True)  # noqa: T201


def write_large_bert(folder: Path, other: Path) -> Path:
    """Write a BERT of 6 layers of 768 with random weights and another's tokenizer."""
    shutil.copytree(other, folder, ignore=shutil.ignore_patterns("*.safetensors", "*.bin"))
    vocabulary = len((other / "vocab.txt").read_text(encoding="utf-8").splitlines())
    torch.manual_seed(1)
    BertModel(BertConfig(vocab_size=vocabulary, num_hidden_layers=6), add_pooling_layer=False).save_pretrained(folder)
    return folder


def write_model(folder: Path, bert: Path) -> None:
    """Write a model folder as `train` does, with untrained heads, in int8."""
    folder.mkdir()
    labels = Labels(("list", "count", "yes_no", "outside"), tuple(f"p{n:03}/@value" for n in range(STEPS)), ROLES)
    network, architecture, vocabulary = pretrained_bert(bert, layers=6, window=128, dropout=0.0)
    model = JointBert(network, architecture.hidden_size, labels, dropout=0.0, character_dropout=0.0, slot_weight=1.0)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    onnx.save(build_graph(weights, architecture, "int8"), folder / MODEL_ONNX)
    write_config(folder, JointBertConfig(architecture, 128, 1.0, ServedPrecision("int8", 0.0, 0.0)))
    write_labels(folder, labels)
    write_vocabulary(folder, vocabulary)
    write_manifest(folder, Manifest(*JOINTBERT, "", "a benchmark"))


@contextmanager
def serving(command: list[str]) -> Iterator[int]:
    """Run a server on a free port for the block, as soon as it accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "CKGQA_SERVE_PORT": str(port)}
    full_command = command if "serve" in command else [*command, "--port", str(port)]
    process = subprocess.Popen(full_command, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{' '.join(full_command)} does not answer")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


async def measure(port: int, seconds: float) -> Figures:
    """Measure one client, then many."""
    await ask(port, seconds / 5, seed=0)  # warm-up
    alone = sorted(await ask(port, seconds, seed=1))
    together = await asyncio.gather(*(ask(port, seconds, seed) for seed in range(CLIENTS)))
    answered = sum(map(len, together))
    return Figures(
        median_ms=statistics.median(alone) * 1000,
        slowest_ms=alone[int(0.99 * (len(alone) - 1))] * 1000,
        per_second=answered / seconds,
    )


async def ask(port: int, seconds: float, seed: int) -> list[float]:
    """Ask one question after the other for some time; return the seconds of each answer."""
    rng = random.Random(seed)  # noqa: S311
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    spent: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        body = json.dumps({"question": rng.choice(WORDINGS).format(rng.choice(NAMES))}).encode()
        started = time.perf_counter()
        writer.write(
            b"POST /invocations HTTP/1.1\r\nHost: model\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        spent.append(time.perf_counter() - started)
    writer.close()
    return spent


if __name__ == "__main__":
    main()
