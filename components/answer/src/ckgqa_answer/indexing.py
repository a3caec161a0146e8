"""`index`: builds the linking index ahead of time, for an image or a server that may not write."""

import logging
from dataclasses import dataclass

from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.program import InputPath, OutputPath
from ckgqa_answer.index_build import build_index
from ckgqa_answer.opening import read_graph_manifest

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class IndexSettings:
    """Settings of `index`."""

    graph: InputPath
    """Folder of the graph (ckgqa/graph)."""
    index: OutputPath
    """File to write; an answerer takes it for this graph, wherever the graph's folder stands."""


def index(settings: IndexSettings) -> None:
    """Build the index that linking reads, once for all who answer from a graph."""
    read_graph_manifest(settings.graph)
    build_index(settings.graph, settings.index)
    log_metrics(logger, bytes=settings.index.stat().st_size)
