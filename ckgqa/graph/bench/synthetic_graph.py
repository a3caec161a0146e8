"""The synthetic graph of the measurements.

One vertex for three edges, ids sorted as the csv stage writes them, each tenth edge into one of a few supernodes.
"""

import random
from collections.abc import Iterator

from ckgqa.graph.bulk import BulkEdge, BulkVertex

EDGES_PER_VERTEX = 3
PREDICATES = 48
SUPERNODES = 100
ID_SPACE = 1 << 128


def vertices_of(edges: int) -> int:
    """Return the number of vertices of a synthetic graph with so many edges."""
    return edges // EDGES_PER_VERTEX


def synthetic_vertices(number: int) -> Iterator[BulkVertex]:
    """Make vertices, sorted by id."""
    for at in range(number):
        yield BulkVertex(_sorted_id(at, number), "entity", name_of(at * 7919 % number), ("人物",))


def synthetic_edges(number: int, seed: int) -> Iterator[BulkEdge]:
    """Make edges, sorted by id, their ends at random, as hashed ids have them."""
    rng, vertices = random.Random(seed), vertices_of(number)  # noqa: S311 a synthetic graph needs no secret
    for at in range(number):
        end = rng.randrange(min(SUPERNODES, vertices) if at % 10 == 0 else vertices)
        ends = _sorted_id(rng.randrange(vertices), vertices), _sorted_id(end, vertices)
        yield BulkEdge(_sorted_id(at, number), *ends, f"谓词{at % PREDICATES}", "extracted", 0.93, 2, "train:17 test:5")


def name_of(number: int) -> str:
    """Return the name of a synthetic vertex."""
    return f"实体{number}"


def _sorted_id(at: int, of: int) -> str:
    """Spread ids evenly and in order over the space of hashes."""
    return f"{at * (ID_SPACE // of):032x}"
