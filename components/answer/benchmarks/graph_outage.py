"""A Gremlin Server killed in mid-load, started again empty and loaded again: what the answerer's clients get meanwhile.

    python components/answer/benchmarks/graph_outage.py --graph-csv build/graph-csv --model build/question-model \
        --questions build/questions/test.jsonl --url ws://127.0.0.1:8299/gremlin --start "sh up.sh" --pid-file pid

`--start` is a command that starts a server and comes back when it answers; `--pid-file` is where that command leaves
the id of the server's process, which SIGKILL ends. The answerer runs through it all. Prints a Markdown table.
"""

import argparse
import asyncio
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop
from http_load import CLIENTS, Figures, crowd, read_questions, served

COMPONENTS = Path(__file__).resolve().parents[2]
HEADER = "| phase | 200 | 503 | other | slowest ms |\n| --- | --- | --- | --- | --- |"


def main() -> None:
    """Load, ask, kill, ask, start, ask, load, ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graph-csv", type=Path, required=True, help="what is loaded (ckgqa/graph-csv)")
    parser.add_argument("--model", type=Path, required=True, help="folder of a question model (ckgqa/jointbert)")
    parser.add_argument("--questions", type=Path, required=True, help="JSON lines with `text`")
    parser.add_argument("--url", required=True, help="the server's address")
    parser.add_argument("--start", required=True, help="command that starts the server")
    parser.add_argument("--pid-file", type=Path, required=True, help="file that holds its process's id then")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each phase")
    given = parser.parse_args()
    questions = read_questions(given.questions)
    start(given.start)
    with tempfile.TemporaryDirectory() as work:
        graph = Path(work) / "graph"
        load(given.graph_csv, graph, given.url)
        model = ["ckgqa_train_jointbert", "serve", "--model", str(given.model), "--host", "127.0.0.1", "--port", "0"]
        with served(model) as (model_port, _):
            answer = ["ckgqa_answer", "serve", "--graph", str(graph), "--port", "0"]
            with served([*answer, "--endpoint", f"http://127.0.0.1:{model_port}"]) as (port, _):
                uvloop.run(phases(given, graph, port, questions))


async def phases(given: argparse.Namespace, graph: Path, port: int, questions: Sequence[str]) -> None:
    """Ask all the time, and do to the server what is done to it."""
    print(HEADER)  # noqa: T201

    async def phase(name: str, seconds: float) -> None:
        figures = Figures()
        await crowd(port, questions, figures, CLIENTS, seconds)
        counts = figures.statuses
        other = counts.total() - counts[200] - counts[503]
        print(f"| {name} | {counts[200]} | {counts[503]} | {other} | {figures.ms(1.0):.0f} |", flush=True)  # noqa: T201

    await phase("up", given.seconds)
    dying = asyncio.create_task(phase("killed in the middle", given.seconds))
    await asyncio.sleep(given.seconds / 2)
    os.kill(int(given.pid_file.read_text(encoding="utf-8")), signal.SIGKILL)
    await dying
    await phase("down", given.seconds)
    await asyncio.to_thread(start, given.start)
    await phase("up again, empty", given.seconds)
    loading = asyncio.create_task(asyncio.to_thread(load, given.graph_csv, graph, given.url))
    while not loading.done():
        await phase("being loaded", 2.0)
    await loading
    await phase("loaded again", given.seconds)


def start(command: str) -> None:
    """Start the server."""
    subprocess.run(shlex.split(command), check=True, stdout=subprocess.DEVNULL)


def load(graph_csv: Path, graph: Path, url: str) -> None:
    """Load the graph's CSV into the server."""
    command = [sys.executable, "-m", "ckgqa_neptune_load", "load", "--graph-csv", str(graph_csv), "--graph", str(graph)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*map(str, COMPONENTS.glob("*/src")), *sys.path])}
    started = time.monotonic()
    subprocess.run([*command, "--url", url], env=environment, check=True, stderr=subprocess.DEVNULL)
    sys.stderr.write(f"loaded in {time.monotonic() - started:.0f} s\n")


if __name__ == "__main__":
    main()
