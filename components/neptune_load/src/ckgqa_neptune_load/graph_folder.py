"""What `load` and `add` write into a graph's folder (ckgqa/graph) besides the graph."""

from collections.abc import Mapping

from ckgqa.graph.connection import EMBEDDED, embedded_path, scheme_of
from ckgqa.runtime.artefacts import EDGE_SENTENCES_CSV, GRAPH, NAMES_JSONL, TEXTS_JSONL
from ckgqa.runtime.log import CREDENTIALS
from ckgqa.runtime.manifest import Manifest

SIDE_FILES = (NAMES_JSONL, TEXTS_JSONL, EDGE_SENTENCES_CSV)
"""The files that a graph-csv folder has too, and that `add` merges."""


def public_address(url: str) -> str:
    """Return an address without the parts that may be secret and do not locate the graph: user, password, query."""
    return url if embedded_path(url) else CREDENTIALS.sub("//", url).partition("?")[0]


def graph_manifest(command: str, url: str, schema_hash: str, inputs: Mapping[str, str]) -> Manifest:
    """Return the manifest of a graph's folder; it holds no address, because a path or a host differs by machine.

    Args:
        command: command of this stage.
        url: address of the graph; empty for a file in the folder.
        schema_hash: of the schema that the graph follows.
        inputs: hash of each input.
    """
    return Manifest(
        format=GRAPH.name,
        version=GRAPH.version,
        schema_hash=schema_hash,
        made_by=f"neptune_load {command}",
        settings={"target": scheme_of(url) if url else EMBEDDED},
        inputs=inputs,
    )
