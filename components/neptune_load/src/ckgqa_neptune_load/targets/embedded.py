"""Loads into an embedded graph file, in transactions of many rows."""

from pathlib import Path

from gremlin_python.process.anonymous_traversal import traversal

from ckgqa.graph.bulk import BulkLoader
from ckgqa.graph.connection import connect, embedded_path
from ckgqa.runtime.progress import Progress
from ckgqa_neptune_load.graph_csv.reader import read_edges, read_vertices
from ckgqa_neptune_load.targets.load_plan import LoadPlan, LoadResult

COUNT_TIMEOUT_S = 600.0


def load_embedded(plan: LoadPlan) -> LoadResult:
    """Load the CSV into the graph file at `plan.url`; existing elements are not modified.

    Raises:
        InputError: the file is no graph of a known format.
        ServiceError: the disk is full, or another process holds the file; whole batches before that stay.
    """
    path = embedded_path(plan.url)
    if path is None:
        raise AssertionError(f"{plan.url} is no embedded graph")
    total = plan.counts.vertices + plan.counts.edges
    with (
        Progress(total, "rows", "load") as progress,
        BulkLoader(path, advance=progress.advance, lock_timeout_s=plan.request_timeout_s) as loader,
    ):
        loader.add_vertices(read_vertices(plan.graph_csv))
        loader.add_edges(read_edges(plan.graph_csv))
    vertices, edges = _counts(path)
    added = loader.added
    return LoadResult(vertices, edges, added.vertices, added.edges, added.types)


def _counts(path: Path) -> tuple[int, int]:
    """Count the vertices and edges of the graph."""
    connection = connect(str(path), read_only=True, timeout_s=COUNT_TIMEOUT_S)
    try:
        g = traversal().with_remote(connection)
        return int(g.V().count().to_list()[0]), int(g.E().count().to_list()[0])
    finally:
        connection.close()
