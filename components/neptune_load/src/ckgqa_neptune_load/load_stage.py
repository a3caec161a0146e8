"""The command `load`: the graph's CSV goes into a graph."""

import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict

from ckgqa.graph.connection import EMBEDDED, embedded_path, scheme_of
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
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.log import CREDENTIALS, log_metrics
from ckgqa.runtime.manifest import Manifest, read_manifest, write_manifest
from ckgqa_neptune_load.check import Totals, check_csv
from ckgqa_neptune_load.database import workbench
from ckgqa_neptune_load.embedded_target import load_embedded
from ckgqa_neptune_load.formats import part_of
from ckgqa_neptune_load.server_target import load_server
from ckgqa_neptune_load.settings import LoadSettings
from ckgqa_neptune_load.targets import Loaded, LoadPlan

logger = logging.getLogger(__name__)

Loader = Callable[[LoadPlan], Loaded]
# What loads into which kind of address. Neptune's bulk loader, which reads the same CSV from S3, gets its line here.
LOADERS: dict[str, Loader] = {EMBEDDED: load_embedded, "ws": load_server, "wss": load_server}

CHECK_MEMORY_MB = 256
CHECK_THREADS = 2


def load(settings: LoadSettings) -> None:
    """Bring the graph's CSV into a graph.

    Raises:
        InputError: the CSV or the address is wrong; nothing was changed.
        ServiceError: the graph or the disk refused; what was loaded stays, and a second run goes on from it.
    """
    source = read_manifest(settings.graph_csv, GRAPH_CSV)
    _refuse_new_file(settings.url)
    side_files = [part_of(settings.graph_csv, name) for name in (NAMES_JSONL, SENTENCES_JSONL)]
    with atomic_folder(settings.graph) as folder:
        logger.info("checking %s", settings.graph_csv)
        with workbench(folder, CHECK_MEMORY_MB, CHECK_THREADS) as database:
            totals = check_csv(database, settings.graph_csv)
        loaded = run_loader(settings, settings.url or f"{EMBEDDED}:{folder / GRAPH_DB}", totals)
        for file in side_files:
            shutil.copyfile(file, folder / file.name)
        if settings.url:
            write_json(folder / GRAPH_ADDRESS_JSON, {"url": public_address(settings.url)})
        write_json(folder / REPORT_JSON, asdict(loaded))
        inputs = {"graph_csv": tree_hash(settings.graph_csv)}
        write_manifest(folder, graph_manifest("load", settings.url, source.schema_hash, inputs))
    log_metrics(logger, **{name: float(value) for name, value in asdict(loaded).items()})


def public_address(url: str) -> str:
    """Leave out of an address what may be secret and is not needed to reach the place: user, password and query."""
    return url if embedded_path(url) else CREDENTIALS.sub("//", url).partition("?")[0]


def _refuse_new_file(url: str) -> None:
    """Refuse an embedded graph that is not there: a slip in its path would make a second graph unseen."""
    path = embedded_path(url) if url else None
    if path is not None and not path.is_file():
        raise InputError(f"--url {url}: there is no such graph file; without --url a new one is made in --graph")


def run_loader(settings: LoadSettings, url: str, totals: Totals) -> Loaded:
    """Bring the CSV into the graph at `url`, by what knows its kind of address."""
    plan = LoadPlan(
        graph_csv=settings.graph_csv,
        url=url,
        totals=totals,
        request_timeout_s=settings.request_timeout_s,
        attempts=settings.attempts,
        retry_wait_s=settings.retry_wait_s,
    )
    return LOADERS[scheme_of(url)](plan)


def graph_manifest(command: str, url: str, schema_hash: str, inputs: Mapping[str, str]) -> Manifest:
    """Say what made a graph's folder; no address, because a path or a host is not the same everywhere.

    Args:
        command: of this stage.
        url: where the graph is; empty for a file in the folder.
        schema_hash: of what is in it.
        inputs: hash of each input.
    """
    return Manifest(
        format=GRAPH[0],
        version=GRAPH[1],
        schema_hash=schema_hash,
        made_by=f"neptune_load {command}",
        settings={"target": scheme_of(url) if url else EMBEDDED},
        inputs=inputs,
    )
