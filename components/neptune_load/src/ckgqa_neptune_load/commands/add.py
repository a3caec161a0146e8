"""The command `add`: the graph's CSV goes into a copy of a graph, or into the server that holds the graph.

The copy is the output, so that a broken `add` leaves the graph as it was. A server has no copy: there a second run
continues from what a broken one has loaded.
"""

import logging
from dataclasses import asdict
from pathlib import Path

from ckgqa.graph.connection import EMBEDDED
from ckgqa.graph.file import copy_file
from ckgqa.runtime.artefacts import GRAPH, GRAPH_ADDRESS_JSON, GRAPH_CSV, GRAPH_DB, REPORT_JSON, TEXTS_JSONL
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import read_manifest, write_manifest
from ckgqa_neptune_load.artefact_files import required_file
from ckgqa_neptune_load.commands.load import CHECK_MEMORY_MB, CHECK_THREADS
from ckgqa_neptune_load.database import temporary_database
from ckgqa_neptune_load.graph_csv.check import RowCounts, check_csv, check_edge_sentences
from ckgqa_neptune_load.graph_folder import SIDE_FILES, external_address, graph_manifest, public_address
from ckgqa_neptune_load.merging import check_text_ids, merge_edge_sentences, merge_names, merge_texts
from ckgqa_neptune_load.settings import AddSettings
from ckgqa_neptune_load.targets.existing_edges import snapshot_existing_edges
from ckgqa_neptune_load.targets.loaders import run_loader
from ckgqa_neptune_load.targets.session import GremlinSession

logger = logging.getLogger(__name__)

EXISTING_EDGES_CSV = "existing_edges.csv"


def add(settings: AddSettings) -> None:
    """Add the graph's CSV to a graph.

    Raises:
        InputError: the CSV, the base or the address is wrong, or they do not fit together; nothing was changed.
        ServiceError: the graph or the disk refused; a second run continues.
    """
    schema_hash = _common_schema(settings)
    address = external_address(settings.base, settings.url)
    for folder in (settings.base, settings.graph_csv):
        for name in SIDE_FILES:
            required_file(folder, name)
    with atomic_folder(settings.graph) as folder:
        counts = _checked_counts(settings, folder)
        if not address:
            logger.info("copying %s", settings.base / GRAPH_DB)
            copy_file(settings.base / GRAPH_DB, folder / GRAPH_DB, timeout_s=settings.request_timeout_s)
        url = address or f"{EMBEDDED}:{folder / GRAPH_DB}"
        existing_edges = folder / EXISTING_EDGES_CSV
        with GremlinSession(url, settings.request_timeout_s, settings.retry) as session:
            snapshot_existing_edges(session, settings.graph_csv, counts.edges, existing_edges)
        result = run_loader(settings, url, counts)
        added_edges, added_texts = _merge_side_files(settings, existing_edges, folder)
        existing_edges.unlink()
        if address:
            write_json(folder / GRAPH_ADDRESS_JSON, {"url": public_address(address)})
        report = asdict(result) | {
            "added_edges": added_edges,
            "known_edges": counts.edges - added_edges,
            "added_texts": added_texts,
        }
        write_json(folder / REPORT_JSON, report)
        inputs = {name: tree_hash(path) for name, path in (("base", settings.base), ("graph_csv", settings.graph_csv))}
        write_manifest(folder, graph_manifest("add", address, schema_hash, inputs))
    log_metrics(logger, **{name: float(value) for name, value in report.items()})


def _common_schema(settings: AddSettings) -> str:
    """Return the schema that the graph and the CSV follow; in another one, a predicate may have another meaning."""
    base = read_manifest(settings.base, GRAPH).schema_hash
    new = read_manifest(settings.graph_csv, GRAPH_CSV).schema_hash
    if new != base:
        raise InputError(
            f"{settings.graph_csv}: it follows schema {new[:12]}, but the graph {settings.base} follows schema "
            f"{base[:12]}; extract with a model that was trained on the graph's schema, or build the graph anew"
        )
    return base


def _checked_counts(settings: AddSettings, folder: Path) -> RowCounts:
    """Check every file that is read before anything is written, and count the rows to load."""
    logger.info("checking %s", settings.graph_csv)
    with temporary_database(folder, CHECK_MEMORY_MB, CHECK_THREADS) as database:
        counts = check_csv(database, settings.graph_csv)
        check_text_ids(database, settings.base / TEXTS_JSONL, settings.graph_csv / TEXTS_JSONL)
    with temporary_database(folder, CHECK_MEMORY_MB, CHECK_THREADS) as database:
        check_edge_sentences(database, settings.base)
    return counts


def _merge_side_files(settings: AddSettings, existing_edges: Path, output: Path) -> tuple[int, int]:
    """Write the files beside the graph; return the numbers of edges and texts that are new."""
    logger.info("writing names and texts")
    base, new = settings.base, settings.graph_csv
    with temporary_database(output, CHECK_MEMORY_MB, CHECK_THREADS) as database:
        merge_names(database, base, new, output)
        merge_edge_sentences(database, base, new, output)
        return merge_texts(database, base, new, existing_edges, output)
