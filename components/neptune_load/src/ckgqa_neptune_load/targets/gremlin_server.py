"""Loads into any Gremlin Server: reads which elements exist, and adds the missing ones in requests of bounded size."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from gremlin_python.process.graph_traversal import GraphTraversal, GraphTraversalSource, __
from gremlin_python.process.traversal import Cardinality, T

from ckgqa.graph.bulk import BulkEdge, BulkVertex, batched
from ckgqa.runtime.progress import Progress
from ckgqa_neptune_load.graph_csv.reader import read_edges, read_vertices
from ckgqa_neptune_load.targets.load_plan import LoadPlan, LoadResult
from ckgqa_neptune_load.targets.session import GremlinSession

Item = TypeVar("Item")

IDS_PER_READ = 500
"""Ids in one request that asks which of them exist; the embedded graph is read in the same batches."""
MAX_UPSERTS = 50
MAX_STEPS = 1500
"""Bounds of one writing request, as Neptune recommends."""
STEPS_AROUND_VERTEX = 4  # addV, id, name, predicate; and one for each type
STEPS_PER_EDGE = 10


def load_server(plan: LoadPlan) -> LoadResult:
    """Load the CSV into the server at `plan.url`; existing elements are not modified.

    Raises:
        ServiceError: the server cannot be reached, or keeps refusing.
        InputError: the server refuses the work itself.
    """
    with GremlinSession(plan.url, plan.request_timeout_s, plan.retry) as session:
        added_vertices = added_types = added_edges = 0
        with Progress(plan.counts.vertices, "vertices", "vertices") as progress:
            for batch in batched(read_vertices(plan.graph_csv), IDS_PER_READ):
                vertices, types = _add_vertices(session, batch)
                added_vertices, added_types = added_vertices + vertices, added_types + types
                progress.advance(len(batch))
        with Progress(plan.counts.edges, "edges", "edges") as progress:
            for edges in batched(read_edges(plan.graph_csv), IDS_PER_READ):
                added_edges += _add_edges(session, edges)
                progress.advance(len(edges))
        return LoadResult(
            vertices=session.run(lambda g, _: int(g.V().count().to_list()[0])),
            edges=session.run(lambda g, _: int(g.E().count().to_list()[0])),
            added_vertices=added_vertices,
            added_edges=added_edges,
            added_types=added_types,
        )


def _add_vertices(session: GremlinSession, batch: list[BulkVertex]) -> tuple[int, int]:
    """Add the vertices of a batch that are missing, and the types that are missing; return how many of each."""
    before = session.run(lambda g, _: _types_of(g, batch))
    missing = [vertex for vertex in batch if vertex.id not in before]
    new_types = [
        (vertex.id, kind) for vertex in batch for kind in vertex.types if kind not in before.get(vertex.id, {kind})
    ]
    for pack in _packs(missing, lambda vertex: STEPS_AROUND_VERTEX + len(vertex.types)):
        session.run(partial(_write_vertices, pack))
    for types in _packs(new_types, lambda _: 2):
        session.run(partial(_write_types, types))
    return len(missing), len(new_types)


def _add_edges(session: GremlinSession, batch: list[BulkEdge]) -> int:
    """Add the edges of a batch that are missing and return their number."""
    before = session.run(lambda g, _: _existing_edges(g, batch))
    missing = [edge for edge in batch if edge.id not in before]
    for pack in _packs(missing, lambda _: STEPS_PER_EDGE):
        session.run(partial(_write_edges, pack))
    return len(missing)


def _types_of(g: GraphTraversalSource, vertices: list[BulkVertex]) -> dict[str, set[str]]:
    """Map the id of each vertex that exists to its types."""
    ids = [vertex.id for vertex in vertices]
    rows = g.V(*ids).project("id", "types").by(T.id).by(__.values("type").fold()).to_list()
    return {row["id"]: set(row["types"]) for row in rows}


def _existing_edges(g: GraphTraversalSource, edges: list[BulkEdge]) -> set[str]:
    """Return the ids of those edges that exist."""
    return set(g.E(*(edge.id for edge in edges)).id_().to_list())


def _write_vertices(vertices: list[BulkVertex], g: GraphTraversalSource, again: bool) -> None:
    """Add vertices in one request; `again` if an attempt before may have left some of them, perhaps incomplete."""
    existing = _types_of(g, vertices) if again else {}
    chain: GraphTraversalSource | GraphTraversal = g
    for vertex in vertices:
        chain = chain.V(vertex.id) if vertex.id in existing else chain.add_v(vertex.label).property(T.id, vertex.id)
        for key, value in (("name", vertex.name), ("predicate", vertex.predicate)):
            if value:
                chain = chain.property(Cardinality.single, key, value)
        for kind in vertex.types:
            chain = chain.property(Cardinality.set_, "type", kind)
    _send(chain)


def _write_types(types: list[tuple[str, str]], g: GraphTraversalSource, _again: bool) -> None:
    """Add types to vertices that exist; a set takes a value once, however often it is added."""
    chain: GraphTraversalSource | GraphTraversal = g
    for key, kind in types:
        chain = chain.V(key).property(Cardinality.set_, "type", kind)
    _send(chain)


def _write_edges(edges: list[BulkEdge], g: GraphTraversalSource, again: bool) -> None:
    """Add edges in one request; `again` if an attempt before may have left some of them."""
    existing = _existing_edges(g, edges) if again else set()
    chain: GraphTraversalSource | GraphTraversal = g
    for edge in edges:
        if edge.id in existing:
            continue
        chain = chain.add_e(edge.label).from_(__.V(edge.from_id)).to(__.V(edge.to_id)).property(T.id, edge.id)
        chain = chain.property("source", edge.source).property("score", edge.score)
        chain = chain.property("count", edge.sentence_count).property("evidence", edge.evidence)
    _send(chain)


def _send(chain: GraphTraversalSource | GraphTraversal) -> None:
    """Run a chain of writes; by `id_()`, because servers before 3.8 do not know the `discard()` of `iterate()`."""
    if isinstance(chain, GraphTraversal):
        chain.id_().to_list()


def _packs(items: Iterable[Item], steps: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Cut items into lists that fit one writing request."""
    pack: list[Item] = []
    size = 0
    for item in items:
        if pack and (len(pack) == MAX_UPSERTS or size + steps(item) > MAX_STEPS):
            yield pack
            pack, size = [], 0
        pack.append(item)
        size += steps(item)
    if pack:
        yield pack
