"""Asks a graph, before a load, which edges of the CSV it has already, and with which evidence."""

from functools import partial
from pathlib import Path

from gremlin_python.process.graph_traversal import GraphTraversalSource, __
from gremlin_python.process.traversal import T

from ckgqa.graph.bulk import batched
from ckgqa.runtime.progress import Progress
from ckgqa_neptune_load.graph_csv.csv_format import csv_line
from ckgqa_neptune_load.graph_csv.reader import read_edges
from ckgqa_neptune_load.targets.gremlin_server import IDS_PER_READ
from ckgqa_neptune_load.targets.session import GremlinSession

EXISTING_EDGES_HEADER = ("id", "evidence")


def snapshot_existing_edges(session: GremlinSession, graph_csv: Path, total: int, path: Path) -> None:
    """Write the id and the evidence of each edge of the CSV that the graph has already.

    Args:
        session: of the graph.
        graph_csv: folder with edges.csv.
        total: number of edges in it, for the progress.
        path: CSV to write, with a header.
    """
    with path.open("w", encoding="utf-8", newline="") as table, Progress(total, "edges", "compare") as progress:
        table.write(csv_line(EXISTING_EDGES_HEADER))
        for edges in batched(read_edges(graph_csv), IDS_PER_READ):
            ids = [edge.id for edge in edges]
            for key, evidence in session.run(partial(_evidence_of, ids)).items():
                table.write(csv_line((key, evidence)))
            progress.advance(len(edges))


def _evidence_of(ids: list[str], g: GraphTraversalSource, _again: bool) -> dict[str, str]:
    """Map the id of each edge that exists to its evidence; an edge from another program may have none."""
    rows = g.E(*ids).project("id", "evidence").by(T.id).by(__.values("evidence").fold()).to_list()
    return {row["id"]: " ".join(row["evidence"]) for row in rows}
