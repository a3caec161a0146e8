"""Loads the synthetic graph into a new embedded file, or into an empty Gremlin Server in requests of 50."""

import resource
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gremlin_python.process.graph_traversal import GraphTraversalSource, __
from gremlin_python.process.traversal import Cardinality, T

from ckgqa.graph.bench.synthetic_graph import synthetic_edges, synthetic_vertices, vertices_of
from ckgqa.graph.bulk import BulkEdge, BulkLoader, BulkVertex, batched
from ckgqa.runtime.progress import Progress

EMBEDDED_HEADER = """\
| edges | vertices | seconds | CPU seconds | peak memory MB | file MB | edges/s |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""
SERVER_HEADER = """\
| rows | number | seconds | client's CPU seconds | rows/s |
| --- | ---: | ---: | ---: | ---: |"""
REQUEST_ROWS = 50


@dataclass
class Elapsed:
    """The time of a piece of work; filled when it has ended."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Elapsed]:
    """Measure the block."""
    elapsed, seconds, cpu_seconds = Elapsed(), time.perf_counter(), time.process_time()
    yield elapsed
    elapsed.seconds, elapsed.cpu_seconds = time.perf_counter() - seconds, time.process_time() - cpu_seconds


def load_embedded(graph: Path, edges: int, seed: int) -> str:
    """Load into a new file, indexes included, and return the row of the table; its time includes making the rows."""
    vertices = vertices_of(edges)
    with (
        Progress(vertices + edges, "rows", "load") as progress,
        timed() as elapsed,
        BulkLoader(graph, advance=progress.advance) as loader,
    ):
        loader.add_vertices(synthetic_vertices(vertices))
        loader.add_edges(synthetic_edges(edges, seed))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    file_mb = graph.stat().st_size >> 20
    shown = f"| {edges:,} | {vertices:,} | {elapsed.seconds:.1f} | {elapsed.cpu_seconds:.1f} | {peak_mb} | {file_mb} "
    return f"{shown}| {edges / elapsed.seconds:,.0f} |"


def load_server(g: GraphTraversalSource, edges: int, seed: int) -> Iterator[str]:
    """Load into an empty server, and yield the rows of the table: of the vertices, then of the edges."""
    vertices = vertices_of(edges)
    vertex_requests = batched(synthetic_vertices(vertices), REQUEST_ROWS)
    yield _server_row("vertices", vertices, (_with_vertices(g, some) for some in vertex_requests))
    edge_requests = batched(synthetic_edges(edges, seed), REQUEST_ROWS)
    yield _server_row("edges", edges, (_with_edges(g, some) for some in edge_requests))


def _server_row(name: str, number: int, requests: Iterable[object]) -> str:
    with Progress(number, name, "load") as progress, timed() as elapsed:
        for _ in requests:
            progress.advance(min(REQUEST_ROWS, number - progress.done))
    speed = f"{number / elapsed.seconds:,.0f}"
    return f"| {name} | {number:,} | {elapsed.seconds:.1f} | {elapsed.cpu_seconds:.1f} | {speed} |"


def _with_vertices(g: GraphTraversalSource, vertices: list[BulkVertex]) -> object:
    chain = g
    for one in vertices:
        chain = chain.add_v(one.label).property(T.id, one.id).property(Cardinality.single, "name", one.name)
        chain = chain.property(Cardinality.set_, "type", one.types[0])
    return chain.id_().to_list()


def _with_edges(g: GraphTraversalSource, edges: list[BulkEdge]) -> object:
    chain = g
    for one in edges:
        chain = chain.add_e(one.label).from_(__.V(one.from_id)).to(__.V(one.to_id)).property(T.id, one.id)
        chain = chain.property("source", one.source).property("score", one.score)
        chain = chain.property("count", one.sentence_count).property("evidence", one.evidence)
    return chain.id_().to_list()
