"""Measures the project's own queries on the synthetic graph."""

import random
from collections.abc import Callable, Iterator

from gremlin_python.process.graph_traversal import GraphTraversalSource, __

from ckgqa.graph.bench.loads import Elapsed, timed
from ckgqa.graph.bench.synthetic_graph import name_of

HEADER = """\
| question | p50 ms | p99 ms | p99 CPU ms |
| --- | ---: | ---: | ---: |"""
QUERIES: dict[str, Callable[[GraphTraversalSource, str], object]] = {
    "one hop from a name, names of what is found": lambda g, name: (
        g.V().has("name", name).out().values("name").to_list()
    ),
    "two hops, at most 50": lambda g, name: g.V().has("name", name).out().out().limit(50).values("name").to_list(),
    "degree": lambda g, name: g.V().has("name", name).both_e().count().to_list(),
    "drawing 30 edges with both ends": lambda g, name: (
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


def measure_queries(g: GraphTraversalSource, vertices: int, number: int, seed: int) -> Iterator[str]:
    """Run each query for `number` random names, and yield the rows of the table.

    Args:
        g: a synthetic graph.
        vertices: number of its vertices.
        number: number of names for each query; the same names for all.
        seed: seed of the choice of names.
    """
    for title, query in QUERIES.items():
        rng = random.Random(seed)  # noqa: S311 a measurement needs no secret
        times = [_time(g, query, name_of(rng.randrange(vertices))) for _ in range(number)]
        wall = sorted(1e3 * one.seconds for one in times)
        cpu = sorted(1e3 * one.cpu_seconds for one in times)
        late = number * 99 // 100
        yield f"| {title} | {wall[number // 2]:.2f} | {wall[late]:.2f} | {cpu[late]:.2f} |"


def _time(g: GraphTraversalSource, query: Callable[[GraphTraversalSource, str], object], name: str) -> Elapsed:
    with timed() as elapsed:
        query(g, name)
    return elapsed
