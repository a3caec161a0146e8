"""How long a reply takes over HTTP, from question to answer, alone and under load; prints a Markdown table.

    python components/answer/benchmarks/http_load.py --graph build/graph --model build/question-model \
        --questions build/questions/test.jsonl

The question model and the answerer are started as processes of their own; the clients are connections that stay open,
each asking one question after the other, in this process.
"""

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

COMPONENTS = Path(__file__).resolve().parents[2]
LISTENING = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")
START_S = 120
WARM_UP = 100
CLIENTS, SECONDS = 32, 60.0
HEADER = "| what | measured |\n| --- | --- |"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Figures:
    """What clients saw."""

    seconds: list[float] = field(default_factory=list)
    """Of each answer."""
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def errors(self) -> int:
        """Replies other than 200."""
        return sum(count for status, count in self.statuses.items() if status != 200)

    def ms(self, share: float) -> float:
        """The milliseconds within which this share of the answers came."""
        ranked = sorted(self.seconds)
        return ranked[int(share * (len(ranked) - 1))] * 1000


def main() -> None:
    """Measure one client, then many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graph", type=Path, required=True, help="folder of a graph (ckgqa/graph)")
    parser.add_argument("--model", type=Path, required=True, help="folder of a question model (ckgqa/jointbert)")
    parser.add_argument("--questions", type=Path, required=True, help="JSON lines with `text`, as questions have them")
    parser.add_argument("--count", type=int, default=1000, help="questions of the one client")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="clients at once")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for which they ask")
    given = parser.parse_args()
    questions = read_questions(given.questions)
    model = ["ckgqa_train_jointbert", "serve", "--model", str(given.model), "--host", "127.0.0.1", "--port", "0"]
    with served(model) as (model_port, model_id):
        answer = ["ckgqa_answer", "serve", "--graph", str(given.graph), "--port", "0"]
        with served([*answer, "--endpoint", f"http://127.0.0.1:{model_port}"]) as (port, answer_id):
            uvloop.run(ask(port, questions, Figures(), count=WARM_UP))
            alone = Figures()
            uvloop.run(ask(port, questions, alone, count=given.count))
            spent = cpu_s(model_id), cpu_s(answer_id), time.process_time()
            together = Figures()
            uvloop.run(crowd(port, questions, together, given.clients, given.seconds))
            now = cpu_s(model_id), cpu_s(answer_id), time.process_time()
    each = [(after - before) / len(together.seconds) * 1000 for before, after in zip(spent, now, strict=True)]
    print("\n".join(table(alone, together, given.clients, given.seconds, each)))  # noqa: T201


def table(alone: Figures, together: Figures, clients: int, seconds: float, each_ms: Sequence[float]) -> list[str]:
    """Write the lines of the table.

    Args:
        alone: what one client saw.
        together: what many saw.
        clients: how many these were.
        seconds: for which these asked.
        each_ms: milliseconds of the processor that an answer took the model, the answerer and the clients.
    """
    median = statistics.median(alone.seconds) * 1000
    rows = {
        "1 client: median, 99th percentile": f"{median:.1f} ms, {alone.ms(0.99):.1f} ms",
        "1 client: errors": f"{alone.errors} of {alone.statuses.total()}",
        f"{clients} clients for {seconds:g} s: answers/s": f"{len(together.seconds) / seconds:.0f}",
        f"{clients} clients: median, 99th percentile": f"{together.ms(0.5):.0f} ms, {together.ms(0.99):.0f} ms",
        f"{clients} clients: errors": f"{together.errors} of {together.statuses.total()}",
        "processor's time an answer: model, answerer, clients": ", ".join(f"{ms:.1f} ms" for ms in each_ms),
    }
    return [*HEADER.splitlines(), *(f"| {what} | {measured} |" for what, measured in rows.items())]


def read_questions(path: Path) -> list[str]:
    """Read the texts; questions that follow others are left out, since these clients hold no conversation."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [record["text"] for record in records if "follows" not in record]


@contextmanager
def served(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Run a server for the block; give its port and its process's id."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, COMPONENTS.glob("*/src")), *sys.path])}
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([sys.executable, "-P", "-m", *words], env=environment, stderr=log)
        try:
            yield _port(process, log.fileno(), words[0]), process.pid
        finally:
            process.terminate()
            process.wait()


def _port(process: "subprocess.Popen[bytes]", log: int, name: str) -> int:
    until = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < until:
        said = os.pread(log, 1 << 20, 0).decode()
        if found := LISTENING.search(said):
            return int(found[1])
        time.sleep(0.05)
    raise SystemExit(f"{name} does not answer:\n{os.pread(log, 1 << 20, 0).decode()[-2000:]}")


def cpu_s(process: int) -> float:
    """Give the seconds of the processor that a process has used."""
    words = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


async def crowd(port: int, questions: Sequence[str], figures: Figures, clients: int, seconds: float) -> None:
    """Ask with many clients at once."""
    await asyncio.gather(*(ask(port, questions, figures, seed=seed, seconds=seconds) for seed in range(clients)))


async def ask(
    port: int, questions: Sequence[str], figures: Figures, *, seed: int = 0, count: int = 0, seconds: float = 0.0
) -> None:
    """Ask one question after the other, so many, or for so long."""
    draw = random.Random(seed)  # noqa: S311
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    until = time.perf_counter() + seconds
    asked = 0
    while asked < count or time.perf_counter() < until:
        asked += 1
        body = json.dumps({"question": draw.choice(questions)}).encode()
        started = time.perf_counter()
        writer.write(
            b"POST /api/ask HTTP/1.1\r\nHost: answerer\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        figures.seconds.append(time.perf_counter() - started)
        figures.statuses[int(head[9:12])] += 1
    writer.close()


if __name__ == "__main__":
    main()
