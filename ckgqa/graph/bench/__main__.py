"""Measure an embedded graph, or a Gremlin Server for comparison; the tables go to standard output.

python -m ckgqa.graph.bench embedded --work /tmp/bench --sizes 1000000,2500000,5000000,10000000
python -m ckgqa.graph.bench server --url ws://127.0.0.1:8182/gremlin --edges 300000
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gremlin_python.process.anonymous_traversal import traversal

from ckgqa.graph.bench import asking, loading
from ckgqa.graph.bench.made import EDGES_PER_VERTEX, vertices_of
from ckgqa.graph.connection import connect
from ckgqa.runtime.errors import InputError, ServiceError, require
from ckgqa.runtime.program import Command, main

# The file, its log while the indexes are built, and what SQLite sorts on disk for them.
BYTES_PER_EDGE = 400


@dataclass(frozen=True)
class _Asking:
    questions: int = 1000
    """Number of questions of each kind."""
    seed: int = 13
    """Seed of the made graph and of the questions."""

    def __post_init__(self) -> None:
        require(self.questions > 0, f"--questions is {self.questions}: at least 1 would be right")


@dataclass(frozen=True, kw_only=True)
class EmbeddedSettings(_Asking):
    """What to measure on the embedded graph."""

    work: Path
    """Folder in which the graphs are made; they go away in the end."""
    sizes: str = "1000000,2500000,5000000,10000000"
    """Numbers of edges, separated by commas; the last graph is asked."""

    @property
    def numbers(self) -> list[int]:
        """The sizes as numbers."""
        try:
            return [int(size) for size in self.sizes.split(",")]
        except ValueError:
            raise InputError(f"--sizes is {self.sizes!r}: numbers separated by commas would be right") from None


@dataclass(frozen=True, kw_only=True)
class OneSettings:
    """One size of `embedded`."""

    graph: Path
    """The graph file to make."""
    edges: int
    """Number of edges to load."""
    seed: int
    """Seed of the made graph."""

    def __post_init__(self) -> None:
        _require_edges(self.edges)
        require(not self.graph.exists(), f"--graph {self.graph} exists: the measurement starts with no graph")


@dataclass(frozen=True, kw_only=True)
class ServerSettings(_Asking):
    """What to measure on a Gremlin Server."""

    url: str
    """Address of an empty server; what is loaded stays there."""
    edges: int = 300_000
    """Number of edges to load."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _require_edges(self.edges)


def embedded(settings: EmbeddedSettings) -> None:
    """Load each size into a new embedded graph, and ask the last one."""
    for size in settings.numbers:
        _require_edges(size)
    settings.work.mkdir(parents=True, exist_ok=True)
    needed = max(settings.numbers) * BYTES_PER_EDGE
    if shutil.disk_usage(settings.work).free < needed:
        raise ServiceError(f"{settings.work}: {needed >> 20} MB must be free for the largest size")
    with tempfile.TemporaryDirectory(prefix="bench.", dir=settings.work) as folder:
        graph = Path(folder) / "graph.db"
        _tell(loading.EMBEDDED_HEADER)
        for size in settings.numbers:
            graph.unlink(missing_ok=True)
            _run_alone(["one", "--graph", str(graph), "--edges", str(size), "--seed", str(settings.seed)], folder)
        _ask(str(graph), settings.numbers[-1], settings)


def one(settings: OneSettings) -> None:
    """Load one size, so that `embedded` measures the memory of each in a process of its own."""
    _tell(loading.load_embedded(settings.graph, settings.edges, settings.seed))


def server(settings: ServerSettings) -> None:
    """Load into an empty Gremlin Server, and ask it."""
    with closing(connect(settings.url)) as connection:
        g = traversal().with_remote(connection)
        if g.V().limit(1).count().to_list() != [0]:
            raise InputError("--url: the server is not empty; start it anew")
        _tell(loading.SERVER_HEADER)
        for row in loading.load_server(g, settings.edges, settings.seed):
            _tell(row)
    _ask(settings.url, settings.edges, settings)


def _ask(url: str, edges: int, settings: _Asking) -> None:
    _tell(f"\n{asking.HEADER}")
    with closing(connect(url, read_only=True)) as connection:
        g = traversal().with_remote(connection)
        for row in asking.asked(g, vertices_of(edges), settings.questions, settings.seed):
            _tell(row)


def _run_alone(words: list[str], folder: str) -> None:
    """Run a command of this program in a process that ends with this one; SQLite sorts in `folder`."""
    environment = {**os.environ, "SQLITE_TMPDIR": folder}
    process = subprocess.Popen([sys.executable, "-m", "ckgqa.graph.bench", *words], env=environment)
    try:
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if code:
        raise SystemExit(code)


def _require_edges(edges: int) -> None:
    require(edges >= EDGES_PER_VERTEX, f"{edges} edges: at least {EDGES_PER_VERTEX} would be right")


def _tell(row: str) -> None:
    sys.stdout.write(f"{row}\n")
    sys.stdout.flush()  # the processes of the sizes write here too


COMMANDS = (
    Command("embedded", EmbeddedSettings, embedded),
    Command("server", ServerSettings, server),
    Command("one", OneSettings, one),
)

if __name__ == "__main__":
    raise SystemExit(main("ckgqa.graph.bench", "Measure graphs.", COMMANDS))
