"""What `load` and `add` write into a graph's folder (ckgqa/graph) besides the graph."""

from collections.abc import Mapping
from pathlib import Path

from ckgqa.graph.connection import EMBEDDED, embedded_path, scheme_of
from ckgqa.runtime.artefacts import (
    EDGE_SENTENCES_CSV,
    GRAPH,
    GRAPH_ADDRESS_JSON,
    GRAPH_DB,
    NAMES_JSONL,
    TEXTS_JSONL,
)
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.jsonlines import read_json
from ckgqa.runtime.log import CREDENTIALS, without_credentials
from ckgqa.runtime.manifest import Manifest
from ckgqa.runtime.settings import refusal
from ckgqa_neptune_load.artefact_files import required_file

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


def external_address(folder: Path, url: str) -> str:
    """Return the address of the graph of a folder; empty for a file in the folder itself.

    Args:
        folder: of the graph (ckgqa/graph).
        url: the address, if it differs from the one in graph.json; empty otherwise.

    Raises:
        InputError: the folder holds its graph itself and an address is set, or there is no graph at the address.
    """
    if (folder / GRAPH_DB).is_file():
        allowed = f"no address, because {folder} holds its graph itself, in {GRAPH_DB}"
        require(not url, refusal("--url", without_credentials(url), allowed))
        return ""
    address = url or str(read_json(required_file(folder, GRAPH_ADDRESS_JSON)).get("url", ""))
    path = embedded_path(address)
    if path is not None and not path.is_file():
        raise InputError(f"{path}: there is no such graph file, although {folder} refers to it")
    return address
