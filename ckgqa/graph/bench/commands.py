"""The measurements themselves."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from gremlin_python.process.anonymous_traversal import traversal

from ckgqa.graph.bench import loads, queries
from ckgqa.graph.bench.settings import EmbeddedSettings, ServerSettings, SingleSizeSettings
from ckgqa.graph.bench.synthetic_graph import vertices_of
from ckgqa.graph.connection import connect
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.settings import refusal

# The file, its log while the indexes are built, and what SQLite sorts on disk for them.
BYTES_PER_EDGE = 400


def embedded(settings: EmbeddedSettings) -> None:
    """Load each size into a new embedded graph, and query the last one.

    Raises:
        ServiceError: the disk has too little room for the largest size.
    """
    settings.work.mkdir(parents=True, exist_ok=True)
    needed = max(settings.edge_counts) * BYTES_PER_EDGE
    if shutil.disk_usage(settings.work).free < needed:
        raise ServiceError(f"{settings.work}: {needed >> 20} MB must be free for the largest size")
    with tempfile.TemporaryDirectory(prefix="bench.", dir=settings.work) as folder:
        graph = Path(folder) / "graph.db"
        _print(loads.EMBEDDED_HEADER)
        for edges in settings.edge_counts:
            graph.unlink(missing_ok=True)
            words = ["single", "--graph", str(graph), "--edges", str(edges), "--seed", str(settings.seed)]
            _run_process(words, folder)
        _query(str(graph), settings.edge_counts[-1], settings)


def single(settings: SingleSizeSettings) -> None:
    """Load one size, so that `embedded` measures the memory of each in a process of its own."""
    _print(loads.load_embedded(settings.graph, settings.edges, settings.seed))


def server(settings: ServerSettings) -> None:
    """Load into an empty Gremlin Server, and query it.

    Raises:
        InputError: the server is not empty.
    """
    with closing(connect(settings.url)) as connection:
        g = traversal().with_remote(connection)
        if g.V().limit(1).count().to_list() != [0]:
            allowed = "the address of an empty server; this one is not empty"
            raise InputError(refusal("--url", without_credentials(settings.url), allowed))
        _print(loads.SERVER_HEADER)
        for row in loads.load_server(g, settings.edges, settings.seed):
            _print(row)
    _query(settings.url, settings.edges, settings)


def _query(url: str, edges: int, settings: EmbeddedSettings | ServerSettings) -> None:
    _print(f"\n{queries.HEADER}")
    with closing(connect(url, read_only=True)) as connection:
        g = traversal().with_remote(connection)
        for row in queries.measure_queries(g, vertices_of(edges), settings.questions, settings.seed):
            _print(row)


def _run_process(words: list[str], folder: str) -> None:
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


def _print(row: str) -> None:
    sys.stdout.write(f"{row}\n")
    sys.stdout.flush()  # the processes of the sizes write here too
