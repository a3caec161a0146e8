"""Reads the graph's CSV, a row at a time; an empty field is None."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ckgqa.graph.bulk import BulkEdge, BulkVertex
from ckgqa.runtime.artefacts import EDGES_CSV, VERTICES_CSV, FactSource
from ckgqa.runtime.errors import InputError
from ckgqa_neptune_load.graph_csv.csv_format import EDGE_HEADER, EXTRACTED, LABELLED, VERTEX_HEADER
from ckgqa_neptune_load.graph_csv.value_sets import split_values


def read_vertices(folder: Path) -> Iterator[BulkVertex]:
    """Stream the vertices of a graph-csv folder.

    Raises:
        InputError: `vertices.csv line N: ...`.
    """
    for row in read_rows(folder / VERTICES_CSV, VERTEX_HEADER):
        key, label, name, types, predicate = row
        yield BulkVertex(key, label, name or None, split_values(types), predicate or None)


def read_edges(folder: Path) -> Iterator[BulkEdge]:
    """Stream the edges of a graph-csv folder.

    Raises:
        InputError: `edges.csv line N: ...`.
    """
    path = folder / EDGES_CSV
    for number, row in enumerate(read_rows(path, EDGE_HEADER), start=1):
        key, source_id, target_id, label, source, score, count, evidence = row
        try:
            yield BulkEdge(key, source_id, target_id, label, _source(source), float(score), int(count), evidence)
        except ValueError as error:
            raise InputError(f"{path} edge {number} ({key}): {error}") from error


def check_header(path: Path, header: tuple[str, ...]) -> None:
    """Reject a file that is missing or has other columns.

    Raises:
        InputError: the message names the expected columns.
    """
    with _open(path) as lines, _translated_errors(path):
        columns = next(csv.reader(lines), [])
    if tuple(columns) != header:
        raise InputError(f"{path} line 1: the columns are {','.join(columns)!r}; expected {','.join(header)!r}")


def _open(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file; the artefact is not whole, make it again") from error


def read_rows(path: Path, header: tuple[str, ...]) -> Iterator[list[str]]:
    """Stream the rows below the header, each with as many fields.

    Args:
        path: the file.
        header: the columns that it must have.

    Raises:
        InputError: the file is missing, is no CSV in UTF-8, or has a row without an id or of another length.
    """
    check_header(path, header)
    with _open(path) as lines:
        reader = csv.reader(lines, strict=True)
        with _translated_errors(path):
            next(reader)
            for row in filter(None, reader):  # a blank line is no row
                if len(row) != len(header) or not row[0]:
                    raise InputError(
                        f"{path} line {reader.line_num}: {len(row)} fields; expected {len(header)} with an id"
                    )
                yield row


@contextmanager
def _translated_errors(path: Path) -> Iterator[None]:
    """Turn the errors of the csv module and of the decoder into an InputError."""
    try:
        yield
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: invalid CSV or UTF-8 ({error})") from error


def _source(cell: str) -> FactSource:
    for source in (LABELLED, EXTRACTED):
        if cell == source:
            return source
    raise ValueError(f"the source is {cell!r}; expected {LABELLED} or {EXTRACTED}")
