"""The command `csv`: triples in, the graph's vertices, edges, names and texts out."""

import logging
from pathlib import Path

import duckdb

from ckgqa.runtime.artefacts import (
    EDGE_SENTENCES_CSV,
    EDGES_CSV,
    GRAPH_CSV,
    NAMES_JSONL,
    REPORT_JSON,
    TEXTS_JSONL,
    VERTICES_CSV,
)
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa_neptune_load.building.edge_quality import EdgeQuality, evaluate_edges
from ckgqa_neptune_load.building.edges import make_edges, write_edge_sentences, write_edges
from ckgqa_neptune_load.building.texts import write_texts
from ckgqa_neptune_load.building.triples import SourceFiles, find_source_files, read_triples
from ckgqa_neptune_load.building.vertices import VertexCounts, write_vertices
from ckgqa_neptune_load.database import query_int, temporary_database
from ckgqa_neptune_load.settings import CsvSettings

logger = logging.getLogger(__name__)


def make_csv(settings: CsvSettings) -> None:
    """Turn labelled and extracted triples into the graph's CSV.

    Raises:
        InputError: an input breaks its contract, or holds no triple.
        ServiceError: the disk is full, or the memory is too little.
    """
    sources = find_source_files(optional_input(settings.sentences), settings.facts)
    with (
        atomic_folder(settings.graph_csv) as folder,
        temporary_database(folder, settings.memory_mb, settings.threads) as database,
    ):
        read_triples(database, sources, allow_empty=settings.allow_empty)
        make_edges(database)
        logger.info("writing edges")
        write_edges(database, folder / EDGES_CSV)
        write_edge_sentences(database, folder / EDGE_SENTENCES_CSV)
        logger.info("writing vertices")
        vertices = write_vertices(database, folder / VERTICES_CSV, folder / NAMES_JSONL, settings.alias_names)
        logger.info("writing texts")
        texts = write_texts(database, sources, folder / TEXTS_JSONL)
        report = _report(database, vertices, texts, _edge_quality(database, sources))
        write_json(folder / REPORT_JSON, report)
        write_manifest(folder, _manifest(settings, sources))
    log_metrics(logger, **{name: float(value) for name, value in report.items() if isinstance(value, int | float)})


def _edge_quality(database: duckdb.DuckDBPyConnection, sources: SourceFiles) -> EdgeQuality:
    """Evaluate the extracted edges if there are both test labels and facts."""
    if sources.test is None or sources.extracted is None:
        return EdgeQuality()
    return evaluate_edges(database, sources.test, sources.extracted)


def _report(
    database: duckdb.DuckDBPyConnection, vertices: VertexCounts, texts: int, quality: EdgeQuality
) -> dict[str, object]:
    """Count what was read and written."""
    per_label = database.execute("SELECT label, count(*) FROM edges GROUP BY label").fetchall()
    return {
        "labelled_triples": query_int(database, "SELECT count(*) FROM triples WHERE labelled"),
        "extracted_triples": query_int(database, "SELECT count(*) FROM triples WHERE NOT labelled"),
        "vertices": vertices.entities + vertices.facts,
        "entities": vertices.entities,
        "entities_with_aliases": vertices.entities_with_aliases,
        "facts": vertices.facts,
        "edges": query_int(database, "SELECT count(*) FROM edges"),
        "labelled_edges": query_int(database, "SELECT count(*) FROM edges WHERE labelled"),
        "extracted_edges": query_int(database, "SELECT count(*) FROM edges WHERE NOT labelled"),
        "edges_per_label": dict(per_label),
        "texts": texts,
        "texts_with_facts": query_int(database, "SELECT count(*) FROM (SELECT DISTINCT sentence FROM triples)"),
        "test_texts": quality.texts,
        "test_edges_gold": quality.edges.gold,
        "test_edges_found": quality.edges.predicted,
        "test_edges_right": quality.edges.correct,
        "edge_precision": quality.precision,
        "edge_recall": quality.recall,
    }


def _manifest(settings: CsvSettings, sources: SourceFiles) -> Manifest:
    """Return the manifest; memory and threads do not shape the bytes."""
    inputs: dict[str, Path | None] = {"sentences": optional_input(settings.sentences), "facts": settings.facts}
    return Manifest(
        format=GRAPH_CSV.name,
        version=GRAPH_CSV.version,
        schema_hash=sources.schema_hash,
        made_by="neptune_load csv",
        settings={"alias_predicates": settings.alias_names},
        inputs={name: tree_hash(path) for name, path in inputs.items() if path is not None},
    )
