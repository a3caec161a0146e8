"""What every target is given and gives back."""

from dataclasses import dataclass
from pathlib import Path

from ckgqa_neptune_load.check import Totals


@dataclass(frozen=True)
class LoadPlan:
    """One load, checked and counted."""

    graph_csv: Path
    """The folder with vertices.csv and edges.csv."""
    url: str
    """Address of the graph, as `connect` takes it."""
    totals: Totals
    """Rows in the two files."""
    request_timeout_s: float
    """Seconds that one request may take."""
    attempts: int
    """How often a request is tried."""
    retry_wait_s: float
    """Seconds before the second attempt."""


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    vertices: int
    """Vertices in the graph now."""
    edges: int
    """Edges in the graph now."""
    added_vertices: int
    """Vertices that were not there before."""
    added_edges: int
    """Edges that were not there before."""
    added_types: int
    """Types that vertices which were there before have got."""
