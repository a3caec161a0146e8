"""Measure the embedded graph: `python -m ckgqa.graph.bench measure --graph /tmp/bench.db --edges 1000000`.

Loads a made graph (a third as many vertices as edges, ids sorted as the csv stage writes them, each tenth edge into one
of few hubs) and asks it questions. Logs one line for each measurement.
"""

import logging
import random
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import GraphTraversalSource, __

from ckgqa.graph.bulk import BulkEdge, BulkLoader, BulkVertex
from ckgqa.graph.connection import connect
from ckgqa.runtime.errors import require
from ckgqa.runtime.program import Command, main

logger = logging.getLogger(__name__)

EDGES_PER_VERTEX = 3
PREDICATES = 48
HUBS = 100
ID_SPACE = 1 << 128


@dataclass(frozen=True)
class BenchSettings:
    """What to measure."""

    graph: Path
    """the graph file to make; it must not exist"""
    edges: int = 1_000_000
    """number of edges to load"""
    questions: int = 1000
    """number of questions of each kind"""
    seed: int = 13
    """seed of the made graph"""

    def __post_init__(self) -> None:
        require(self.edges >= EDGES_PER_VERTEX, f"--edges is {self.edges}: at least {EDGES_PER_VERTEX} would be right")
        require(self.questions > 0, f"--questions is {self.questions}: at least 1 would be right")
        require(not self.graph.exists(), f"--graph {self.graph} exists: the measurement starts with no graph")


def _sorted_id(at: int, of: int) -> str:
    """Spread ids evenly and in order over the space of hashes."""
    return f"{at * (ID_SPACE // of):032x}"


def made_vertices(number: int) -> Iterator[BulkVertex]:
    """Make vertices, sorted by id."""
    for at in range(number):
        yield BulkVertex(_sorted_id(at, number), "entity", f"实体{at * 7919 % number}", ("人物",))


def made_edges(number: int, vertices: int, seed: int) -> Iterator[BulkEdge]:
    """Make edges, sorted by id, their ends at random, as hashed ids have them."""
    chance = random.Random(seed)  # noqa: S311 a made graph needs no secret
    for at in range(number):
        end = chance.randrange(HUBS if at % 10 == 0 else vertices)
        ends = _sorted_id(chance.randrange(vertices), vertices), _sorted_id(end, vertices)
        yield BulkEdge(_sorted_id(at, number), *ends, f"谓词{at % PREDICATES}", "extracted", 0.93, 2, "train:17 test:5")


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def run(settings: BenchSettings) -> None:
    """Load, ask, and log what each took."""
    vertices = settings.edges // EDGES_PER_VERTEX
    made, _ = _seconds(lambda: sum(1 for _ in made_edges(settings.edges, vertices, settings.seed)))
    with BulkLoader(settings.graph) as loader:
        of_vertices = _seconds(lambda: loader.add_vertices(made_vertices(vertices)))
        of_edges = _seconds(lambda: loader.add_edges(made_edges(settings.edges, vertices, settings.seed)))
        start = time.perf_counter(), time.process_time()
    of_indexes = time.perf_counter() - start[0], time.process_time() - start[1]
    for name, (wall, cpu) in (("vertices", of_vertices), ("edges", of_edges), ("indexes", of_indexes)):
        logger.info("load part=%s wall_s=%.1f cpu_s=%.1f", name, wall, cpu)
    logger.info(
        "load edges=%d making_s=%.1f cpu_s=%.1f peak_mb=%d file_mb=%d",
        settings.edges,
        made,
        of_vertices[1] + of_edges[1] + of_indexes[1],
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        settings.graph.stat().st_size >> 20,
    )
    _ask(settings, vertices)


def _ask(settings: BenchSettings, vertices: int) -> None:
    connection = connect(str(settings.graph), read_only=True)
    g = traversal().with_remote(connection)
    for name, ask in QUESTIONS_ASKED.items():
        chance = random.Random(settings.seed)  # noqa: S311 a made graph needs no secret
        asked = [f"实体{chance.randrange(vertices)}" for _ in range(settings.questions)]
        times = [_seconds(lambda one=one, ask=ask: ask(g, one)) for one in asked]  # type: ignore[misc]
        wall, cpu = (sorted(part) for part in zip(*times, strict=True))
        middle, late = settings.questions // 2, settings.questions * 99 // 100
        shown = (name, 1e3 * wall[middle], 1e3 * cpu[middle], 1e3 * wall[late], 1e3 * cpu[late])
        logger.info("ask question=%s p50_ms=%.3f p50_cpu_ms=%.3f p99_ms=%.3f p99_cpu_ms=%.3f", *shown)
    connection.close()


QUESTIONS_ASKED: dict[str, Callable[[GraphTraversalSource, str], object]] = {
    "one-hop": lambda g, name: g.V().has("name", name).out().values("name").to_list(),
    "two-hops": lambda g, name: g.V().has("name", name).out().out().limit(50).values("name").to_list(),
    "degree": lambda g, name: g.V().has("name", name).both_e().count().to_list(),
    "drawing": lambda g, name: (
        g.V()
        .has("name", name)
        .both_e()
        .limit(30)
        .project("edge", "from", "to")
        .by(__.element_map())
        .by(__.out_v().values("name"))
        .by(__.in_v().values("name"))
        .to_list()
    ),
}

if __name__ == "__main__":
    command = Command("measure", BenchSettings, run)
    raise SystemExit(main("ckgqa.graph.bench", "Measure the embedded graph.", [command]))
