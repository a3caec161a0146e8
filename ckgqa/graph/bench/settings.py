"""The settings of the measurements; every field is a flag, and the text under it is its help."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from annotated_types import Ge

from ckgqa.graph.bench.synthetic_graph import EDGES_PER_VERTEX
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.settings import CheckedSettings, refusal

Edges = Annotated[int, Ge(EDGES_PER_VERTEX)]


@dataclass(frozen=True)
class _QuerySettings(CheckedSettings):
    questions: Annotated[int, Ge(1)] = 1000
    """Number of questions of each kind."""
    seed: int = 13
    """Seed of the synthetic graph and of the questions."""


@dataclass(frozen=True, kw_only=True)
class EmbeddedSettings(_QuerySettings):
    """Settings of `embedded`."""

    work: Path
    """Folder for the graphs, which are removed at the end."""
    sizes: str = "1000000,2500000,5000000,10000000"
    """Numbers of edges, separated by commas; the questions go to the last graph."""

    def __post_init__(self) -> None:
        """Reject sizes that are no numbers of edges."""
        super().__post_init__()
        _ = self.edge_counts

    @property
    def edge_counts(self) -> list[int]:
        """The sizes as numbers."""
        allowed = f"integers of at least {EDGES_PER_VERTEX}, separated by commas"
        try:
            counts = [int(size) for size in self.sizes.split(",")]
        except ValueError:
            raise InputError(refusal("--sizes", self.sizes, allowed)) from None
        require(min(counts) >= EDGES_PER_VERTEX, refusal("--sizes", self.sizes, allowed))
        return counts


@dataclass(frozen=True, kw_only=True)
class SingleSizeSettings(CheckedSettings):
    """Settings of `single`, one size of `embedded`."""

    graph: Path
    """The graph file to make."""
    edges: Edges
    """Number of edges to load."""
    seed: int
    """Seed of the synthetic graph."""

    def __post_init__(self) -> None:
        """Reject a graph file that exists."""
        super().__post_init__()
        require(not self.graph.exists(), refusal("--graph", self.graph, "a path where no file exists yet"))


@dataclass(frozen=True, kw_only=True)
class ServerSettings(_QuerySettings):
    """Settings of `server`."""

    url: str
    """Address of an empty server; the loaded graph stays there."""
    edges: Edges = 300_000
    """Number of edges to load."""
