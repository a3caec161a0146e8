"""Reads the two kinds of triples, labelled and extracted, into one table.

Table `triples`, a row for each triple of each sentence: sentence, labelled, subject, subject_type, predicate,
slots MAP(slot, value), types MAP(slot, type), score.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ckgqa.runtime.artefacts import FACTS, FACTS_JSONL, SENTENCES, Split, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.manifest import read_manifest
from ckgqa_neptune_load.artefact_files import required_file
from ckgqa_neptune_load.building.line_checks import raise_at_bad_line
from ckgqa_neptune_load.building.tidy_names import tidy_triples
from ckgqa_neptune_load.database import query_int

logger = logging.getLogger(__name__)

LABELLED_SPLITS: tuple[Split, ...] = ("train", "validation")

TRIPLE = (
    'STRUCT(subject VARCHAR, subject_type VARCHAR, predicate VARCHAR, "object" MAP(VARCHAR, VARCHAR), '
    "object_type MAP(VARCHAR, VARCHAR), score DOUBLE)[]"
)
READ = f"""
SELECT id, text, triples
FROM read_json(?, format = 'newline_delimited', columns = {{id: 'VARCHAR', text: 'VARCHAR', triples: '{TRIPLE}'}})
"""  # noqa: S608 -- no text from outside: the part is a constant
# The first 128 bits of SHA-256 as a UUID: 16 bytes, and sorted as its hexadecimal digits are.
MACROS = """
CREATE MACRO digest(content) AS CAST(left(sha256(content), 32) AS UUID);
CREATE MACRO hex(id) AS replace(CAST(id AS VARCHAR), '-', '');
"""
EMPTY_TABLE = """
CREATE TABLE triples (sentence VARCHAR, labelled BOOLEAN, subject VARCHAR, subject_type VARCHAR, predicate VARCHAR,
                      slots MAP(VARCHAR, VARCHAR), types MAP(VARCHAR, VARCHAR), score DOUBLE);
"""
FILL = f"""
INSERT INTO triples
SELECT id, ?, t.subject, t.subject_type, t.predicate, t."object", t.object_type, CASE WHEN ? THEN 1.0 ELSE t.score END
FROM (SELECT id, unnest(triples) AS t FROM ({READ}))
"""  # noqa: S608 -- no text from outside: the parts are constants of this file
WITH_WHITE_SPACE = r"regexp_matches({}, '[\s\x0b\x1c-\x1f\x{{85}}\p{{Z}}]')"
"""Whether a column has any white space of Unicode, as `str.split` knows it."""
# The rules for a triple; `line_checks` finds and explains the line that breaks one.
FLAWED = f"""
SELECT count(*) FROM triples
WHERE coalesce(sentence, '') = '' OR {WITH_WHITE_SPACE.format("sentence")} OR coalesce(subject, '') = ''
   OR coalesce(subject_type, '') = '' OR coalesce(predicate, '') = '' OR coalesce(slots['@value'], '') = ''
   OR score IS NULL OR NOT score BETWEEN 0 AND 1
   OR len(list_filter(map_values(slots), lambda value: coalesce(value, '') = '')) > 0
   OR len(list_filter(map_keys(slots), lambda slot: coalesce(types[slot], '') = '')) > 0
"""  # noqa: S608 -- no text from outside: the part is a constant


@dataclass(frozen=True)
class SourceFiles:
    """The files that triples and texts come from."""

    labelled: tuple[Path, ...]
    """Training and validation sentences; empty if there are none."""
    extracted: Path | None
    """The facts; None if there are none."""
    test: Path | None
    """Test sentences: their texts are written, and their labels only evaluate the extracted facts."""
    schema_hash: str
    """The schema that all of them follow."""

    @property
    def triple_files(self) -> tuple[Path, ...]:
        """Every file whose triples are loaded."""
        return (*self.labelled, *filter(None, (self.extracted,)))

    @property
    def text_files(self) -> tuple[Path, ...]:
        """Every file with texts."""
        return (*self.triple_files, *filter(None, (self.test,)))


def find_source_files(sentences: Path | None, facts: Path | None) -> SourceFiles:
    """Find the files of the two artefacts.

    Raises:
        InputError: an artefact has another format, version or schema, or lacks a file.
    """
    hashes = []
    if sentences is not None:
        hashes.append(read_manifest(sentences, SENTENCES).schema_hash)
    if facts is not None:
        hashes.append(read_manifest(facts, FACTS).schema_hash)
    if len(set(hashes)) > 1:
        raise InputError(
            f"{facts}: extracted with schema {hashes[1]}, but {sentences} follows schema {hashes[0]}; "
            "extract with a model that was trained on these sentences"
        )
    return SourceFiles(
        labelled=tuple(required_file(sentences, split_file(split)) for split in LABELLED_SPLITS) if sentences else (),
        extracted=required_file(facts, FACTS_JSONL) if facts else None,
        test=required_file(sentences, split_file("test")) if sentences else None,
        schema_hash=hashes[0],
    )


def read_triples(database: duckdb.DuckDBPyConnection, sources: SourceFiles, *, allow_empty: bool = False) -> None:
    """Fill the table `triples`, and take off what does not belong to its names.

    Raises:
        InputError: a line breaks the contract, or there is no triple at all and `allow_empty` is False.
    """
    files = ", ".join(map(str, sources.triple_files))
    database.execute(MACROS)
    database.execute(EMPTY_TABLE)
    for path in sources.labelled:
        _fill(database, path, labelled=True)
    if sources.extracted:
        _fill(database, sources.extracted, labelled=False)
    if query_int(database, FLAWED):
        for path in sources.triple_files:
            raise_at_bad_line(path, scored=path == sources.extracted)
        raise InputError(f"a triple breaks the contract of its artefact: {files}")
    tidy_triples(database)
    if not allow_empty and not query_int(database, "SELECT count(*) FROM triples"):
        raise InputError(f"nothing to load: no triple in {files}")


def _fill(database: duckdb.DuckDBPyConnection, path: Path, *, labelled: bool) -> None:
    """Read one file into `triples`."""
    logger.info("reading %s triples of %s", "labelled" if labelled else "extracted", path)
    try:
        database.execute(FILL, [labelled, labelled, str(path)])
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise_at_bad_line(path, scored=not labelled)
        raise InputError(f"{path}: {error}") from error
