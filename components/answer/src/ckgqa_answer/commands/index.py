"""`index`: builds the linking index ahead of time, for an image or a server that may not write."""

import logging

from ckgqa.runtime.log import log_metrics
from ckgqa_answer.commands.settings import IndexSettings
from ckgqa_answer.factory import read_graph_manifest
from ckgqa_answer.linking.build_index import build_index

logger = logging.getLogger(__name__)


def index(settings: IndexSettings) -> None:
    """Build the linking index of a graph's folder."""
    read_graph_manifest(settings.graph)
    build_index(settings.graph, settings.index)
    log_metrics(logger, bytes=settings.index.stat().st_size)
