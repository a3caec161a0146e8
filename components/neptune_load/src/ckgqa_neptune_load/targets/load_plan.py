"""The input and the result of every loader."""

from dataclasses import dataclass
from pathlib import Path

from ckgqa.runtime.retry import RetryPolicy
from ckgqa_neptune_load.graph_csv.check import RowCounts


@dataclass(frozen=True)
class LoadPlan:
    """One load, checked and counted."""

    graph_csv: Path
    """The folder with vertices.csv and edges.csv."""
    url: str
    """Address of the graph, as `connect` takes it."""
    counts: RowCounts
    """Rows in the two files."""
    request_timeout_s: float
    """Seconds that one request may take."""
    retry: RetryPolicy
    """The policy for requests to a server."""


@dataclass(frozen=True)
class LoadResult:
    """The counts after a load."""

    vertices: int
    """Vertices in the graph now."""
    edges: int
    """Edges in the graph now."""
    added_vertices: int
    """Vertices that are new."""
    added_edges: int
    """Edges that are new."""
    added_types: int
    """Types that are new on vertices that existed before."""
