"""The command `csv`: triples in, the graph's vertices, edges, names and texts out."""

import logging
from pathlib import Path

import duckdb

from ckgqa.runtime.artefacts import EDGES_CSV, GRAPH_CSV, NAMES_JSONL, REPORT_JSON, SENTENCES_JSONL, VERTICES_CSV
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa_neptune_load.database import one_number, workbench
from ckgqa_neptune_load.edges import make_edges, write_edges
from ckgqa_neptune_load.quality import EdgeQuality, judge
from ckgqa_neptune_load.settings import CsvSettings
from ckgqa_neptune_load.texts import write_texts
from ckgqa_neptune_load.triples import Sources, find_sources, read_triples
from ckgqa_neptune_load.vertices import VertexCounts, write_vertices

logger = logging.getLogger(__name__)

NO_TEST = EdgeQuality(0, 0, 0, 0)


def make_csv(settings: CsvSettings) -> None:
    """Turn labelled and extracted triples into the graph's CSV.

    Raises:
        InputError: an input is not what the contract says, or holds no triple.
        ServiceError: the disk is full, or the memory is too little.
    """
    sources = find_sources(optional_input(settings.sentences), settings.facts)
    with (
        atomic_folder(settings.graph_csv) as folder,
        workbench(folder, settings.memory_mb, settings.threads) as database,
    ):
        read_triples(database, sources, allow_empty=settings.allow_empty)
        make_edges(database)
        logger.info("writing edges")
        write_edges(database, folder / EDGES_CSV)
        logger.info("writing vertices")
        vertices = write_vertices(database, folder / VERTICES_CSV, folder / NAMES_JSONL, settings.alias_names)
        logger.info("writing texts")
        texts = write_texts(database, sources.text_files, folder / SENTENCES_JSONL)
        report = _report(database, vertices, texts, _quality(database, sources))
        write_json(folder / REPORT_JSON, report)
        write_manifest(folder, _manifest(settings, sources))
    log_metrics(logger, **{name: float(value) for name, value in report.items() if isinstance(value, int | float)})


def _quality(database: duckdb.DuckDBPyConnection, sources: Sources) -> EdgeQuality:
    """Judge the extracted edges where there are both test labels and facts."""
    if sources.test is None or sources.extracted is None:
        return NO_TEST
    return judge(database, sources.test, sources.extracted)


def _report(
    database: duckdb.DuckDBPyConnection, vertices: VertexCounts, texts: int, quality: EdgeQuality
) -> dict[str, object]:
    """Count what was read and written."""
    per_label = database.execute("SELECT label, count(*) FROM edges GROUP BY label").fetchall()
    return {
        "labelled_triples": one_number(database, "SELECT count(*) FROM triples WHERE labelled"),
        "extracted_triples": one_number(database, "SELECT count(*) FROM triples WHERE NOT labelled"),
        "vertices": vertices.entities + vertices.facts,
        "entities": vertices.entities,
        "entities_with_aliases": vertices.entities_with_aliases,
        "facts": vertices.facts,
        "edges": one_number(database, "SELECT count(*) FROM edges"),
        "labelled_edges": one_number(database, "SELECT count(*) FROM edges WHERE labelled"),
        "extracted_edges": one_number(database, "SELECT count(*) FROM edges WHERE NOT labelled"),
        "edges_per_label": dict(per_label),
        "sentences": texts,
        "test_texts": quality.texts,
        "test_edges_gold": quality.gold,
        "test_edges_found": quality.found,
        "test_edges_right": quality.right,
        "edge_precision": quality.precision,
        "edge_recall": quality.recall,
    }


def _manifest(settings: CsvSettings, sources: Sources) -> Manifest:
    """Say what made the folder; memory and threads do not shape its bytes."""
    read: dict[str, Path | None] = {"sentences": optional_input(settings.sentences), "facts": settings.facts}
    return Manifest(
        format=GRAPH_CSV[0],
        version=GRAPH_CSV[1],
        schema_hash=sources.schema_hash,
        made_by="neptune_load csv",
        settings={"alias_predicates": settings.alias_names},
        inputs={name: tree_hash(path) for name, path in read.items() if path is not None},
    )
