"""The command `load`: the graph's CSV goes into a graph."""

import logging
import shutil
from dataclasses import asdict

from ckgqa.graph.connection import EMBEDDED, embedded_path
from ckgqa.runtime.artefacts import GRAPH_ADDRESS_JSON, GRAPH_CSV, GRAPH_DB, REPORT_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import read_manifest, write_manifest
from ckgqa.runtime.settings import refusal
from ckgqa_neptune_load.artefact_files import required_file
from ckgqa_neptune_load.database import temporary_database
from ckgqa_neptune_load.graph_csv.check import check_csv
from ckgqa_neptune_load.graph_folder import SIDE_FILES, graph_manifest, public_address
from ckgqa_neptune_load.settings import LoadSettings
from ckgqa_neptune_load.targets.loaders import run_loader

logger = logging.getLogger(__name__)

CHECK_MEMORY_MB = 256
CHECK_THREADS = 2


def load(settings: LoadSettings) -> None:
    """Load the graph's CSV into a graph.

    Raises:
        InputError: the CSV or the address is wrong; nothing was changed.
        ServiceError: the graph or the disk refused; what was loaded stays, and a second run continues from it.
    """
    source = read_manifest(settings.graph_csv, GRAPH_CSV)
    _reject_new_file(settings.url)
    side_files = [required_file(settings.graph_csv, name) for name in SIDE_FILES]
    with atomic_folder(settings.graph) as folder:
        logger.info("checking %s", settings.graph_csv)
        with temporary_database(folder, CHECK_MEMORY_MB, CHECK_THREADS) as database:
            counts = check_csv(database, settings.graph_csv)
        result = run_loader(settings, settings.url or f"{EMBEDDED}:{folder / GRAPH_DB}", counts)
        for file in side_files:
            shutil.copyfile(file, folder / file.name)
        if settings.url:
            write_json(folder / GRAPH_ADDRESS_JSON, {"url": public_address(settings.url)})
        write_json(folder / REPORT_JSON, asdict(result))
        inputs = {"graph_csv": tree_hash(settings.graph_csv)}
        write_manifest(folder, graph_manifest("load", settings.url, source.schema_hash, inputs))
    log_metrics(logger, **{name: float(value) for name, value in asdict(result).items()})


def _reject_new_file(url: str) -> None:
    """Reject the address of an embedded graph that does not exist: a typo would silently make a second graph."""
    path = embedded_path(url) if url else None
    if path is not None and not path.is_file():
        raise InputError(refusal("--url", url, "an existing graph file, or no --url for a new graph in --graph"))
