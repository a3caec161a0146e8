"""The command `add`: the graph's CSV goes into a copy of a graph, or into the server where that graph is.

The copy is the output, so that a broken `add` leaves the graph as it was. A server has no copy: there a second run
goes on from what a broken one has loaded.
"""

import logging
from dataclasses import asdict
from pathlib import Path

from ckgqa.graph.connection import EMBEDDED, embedded_path
from ckgqa.graph.file import copy_file
from ckgqa.runtime.artefacts import (
    GRAPH,
    GRAPH_ADDRESS_JSON,
    GRAPH_CSV,
    GRAPH_DB,
    NAMES_JSONL,
    REPORT_JSON,
    SENTENCES_JSONL,
)
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import read_manifest, write_manifest
from ckgqa_neptune_load.check import Totals, check_csv
from ckgqa_neptune_load.database import workbench
from ckgqa_neptune_load.formats import part_of
from ckgqa_neptune_load.load_stage import CHECK_MEMORY_MB, CHECK_THREADS, graph_manifest, public_address, run_loader
from ckgqa_neptune_load.merging import merge_names, merge_texts, refuse_clash
from ckgqa_neptune_load.session import Session
from ckgqa_neptune_load.settings import AddSettings
from ckgqa_neptune_load.standing import note_standing

logger = logging.getLogger(__name__)

STANDING = "standing.csv"


def add(settings: AddSettings) -> None:
    """Add the graph's CSV to a graph.

    Raises:
        InputError: the CSV, the base or the address is wrong, or they do not fit together; nothing was changed.
        ServiceError: the graph or the disk refused; a second run goes on.
    """
    schema_hash = _same_schema(settings)
    address = _address(settings)
    for folder in (settings.base, settings.graph_csv):
        for name in (NAMES_JSONL, SENTENCES_JSONL):
            part_of(folder, name)
    with atomic_folder(settings.graph) as folder:
        totals = _checked(settings, folder)
        if not address:
            logger.info("copying %s", settings.base / GRAPH_DB)
            copy_file(settings.base / GRAPH_DB, folder / GRAPH_DB, timeout_s=settings.request_timeout_s)
        url = address or f"{EMBEDDED}:{folder / GRAPH_DB}"
        with Session(url, settings.request_timeout_s, settings.attempts, settings.retry_wait_s) as session:
            note_standing(session, settings.graph_csv, totals.edges, folder / STANDING)
        loaded = run_loader(settings, url, totals)
        added_edges, texts = _merge(settings, folder)
        (folder / STANDING).unlink()
        if address:
            write_json(folder / GRAPH_ADDRESS_JSON, {"url": public_address(address)})
        report = {**asdict(loaded), "added_edges": added_edges, "known_edges": totals.edges - added_edges}
        report["added_sentences"] = texts
        write_json(folder / REPORT_JSON, report)
        inputs = {name: tree_hash(path) for name, path in (("base", settings.base), ("graph_csv", settings.graph_csv))}
        write_manifest(folder, graph_manifest("add", address, schema_hash, inputs))
    log_metrics(logger, **{name: float(value) for name, value in report.items()})


def _same_schema(settings: AddSettings) -> str:
    """Return the schema that the graph and the CSV follow; of another one, a predicate may mean another thing."""
    base = read_manifest(settings.base, GRAPH).schema_hash
    found = read_manifest(settings.graph_csv, GRAPH_CSV).schema_hash
    if found != base:
        raise InputError(
            f"{settings.graph_csv}: it follows schema {found[:12]}, but the graph {settings.base} follows schema "
            f"{base[:12]}; extract with a model that was trained on the graph's schema, or build the graph anew"
        )
    return base


def _address(settings: AddSettings) -> str:
    """Return where the base's graph is; empty for a file in its folder, which is copied."""
    if (settings.base / GRAPH_DB).is_file():
        if settings.url:
            raise InputError(f"--url: {settings.base} holds its graph itself, in {GRAPH_DB}; leave the flag out")
        return ""
    url = settings.url or str(read_json(part_of(settings.base, GRAPH_ADDRESS_JSON)).get("url", ""))
    path = embedded_path(url)
    if path is not None and not path.is_file():
        raise InputError(f"{path}: there is no such graph file, though {settings.base} says that its graph is there")
    return url


def _checked(settings: AddSettings, folder: Path) -> Totals:
    """Look at all that is read before anything is written."""
    logger.info("checking %s", settings.graph_csv)
    with workbench(folder, CHECK_MEMORY_MB, CHECK_THREADS) as database:
        totals = check_csv(database, settings.graph_csv)
        refuse_clash(database, settings.base / SENTENCES_JSONL, settings.graph_csv / SENTENCES_JSONL)
    return totals


def _merge(settings: AddSettings, folder: Path) -> tuple[int, int]:
    """Write what goes beside the graph; return the numbers of edges and texts that are new."""
    logger.info("writing names and texts")
    base, new = settings.base, settings.graph_csv
    with workbench(folder, CHECK_MEMORY_MB, CHECK_THREADS) as database:
        merge_names(database, base / NAMES_JSONL, new / NAMES_JSONL, folder / NAMES_JSONL)
        return merge_texts(database, base / SENTENCES_JSONL, new, folder / STANDING, folder)
