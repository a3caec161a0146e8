"""Asking the made graph what the project asks of a graph, and how long each answer takes."""

import random
from collections.abc import Callable, Iterator

from gremlin_python.process.graph_traversal import GraphTraversalSource, __

from ckgqa.graph.bench.loading import Took, timed
from ckgqa.graph.bench.made import name_of

HEADER = """\
| question | p50 ms | p99 ms | p99 CPU ms |
| --- | ---: | ---: | ---: |"""
QUESTIONS: dict[str, Callable[[GraphTraversalSource, str], object]] = {
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


def asked(g: GraphTraversalSource, vertices: int, number: int, seed: int) -> Iterator[str]:
    """Ask each question about `number` names at random and give the rows of the table.

    Args:
        g: a made graph.
        vertices: how many it has.
        number: of names for each question; the same names for all.
        seed: of the choice of names.
    """
    for question, ask in QUESTIONS.items():
        chance = random.Random(seed)  # noqa: S311 a measurement needs no secret
        times = [_time(g, ask, name_of(chance.randrange(vertices))) for _ in range(number)]
        wall = sorted(1e3 * took.seconds for took in times)
        cpu = sorted(1e3 * took.cpu_seconds for took in times)
        late = number * 99 // 100
        yield f"| {question} | {wall[number // 2]:.2f} | {wall[late]:.2f} | {cpu[late]:.2f} |"


def _time(g: GraphTraversalSource, ask: Callable[[GraphTraversalSource, str], object], name: str) -> Took:
    with timed() as took:
        ask(g, name)
    return took
