"""`duie`: a DuIE archive becomes sentences to train, validate and test with."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import orjson

from ckgqa.runtime.artefacts import SCHEMA_JSON, SENTENCES, SPLITS, Split, split_file
from ckgqa.runtime.errors import naming_input
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, schema_hash, write_manifest
from ckgqa.runtime.progress import Progress
from ckgqa.runtime.settings import plain_settings
from ckgqa.runtime.white_space import trimmed_line
from ckgqa_preprocess.archive import Archive, open_archive
from ckgqa_preprocess.archive_files import ArchiveLayout
from ckgqa_preprocess.duie.records import Repairs, SentenceRecord, clean_record
from ckgqa_preprocess.duie.report import SentenceReport
from ckgqa_preprocess.duie.settings import DuieSettings
from ckgqa_preprocess.findings import BadRecord, Findings
from ckgqa_preprocess.schema import Schema, read_schema
from ckgqa_preprocess.split import hash_position

logger = logging.getLogger(__name__)

DUIE = ArchiveLayout(
    {
        "schema": ("schema.json", "duie_schema.json", "all_50_schemas"),
        "train": ("train.json", "duie_train.json", "train_data.json"),
        "dev": ("dev.json", "duie_dev.json", "dev_data.json"),
    },
    depth=2,
    record="one JSON object a line",
    is_json=True,
)
"""Our names of the files, those of DuIE 2.0 and those of DuIE 1.0."""
ID_PREFIXES = {"train": "train", "dev": "test"}  # a sentence is `train:17` or `test:5`, by its line in the file
MADE_BY = "preprocess duie"


def preprocess_duie(settings: DuieSettings) -> None:
    """Turn a DuIE archive into validated sentences: train, validation and test.

    Raises:
        InputError: the archive is of another kind or damaged, has too many bad records, or has nothing to train on or
            to test with.
    """
    report = SentenceReport()
    with (
        open_archive(settings.raw, DUIE, settings.chosen_files) as archive,
        atomic_folder(settings.sentences) as folder,
    ):
        schema = read_schema(archive.json_lines("schema"), archive.name("schema"))
        with ExitStack() as files:
            outs = {split: files.enter_context((folder / split_file(split)).open("wb")) for split in SPLITS}
            for split, sentence in _split_sentences(archive, schema, settings, report):
                outs[split].write(orjson.dumps(sentence, option=orjson.OPT_APPEND_NEWLINE))
        _describe(folder, settings, schema, report)
    sizes = {split: float(counts.sentences) for split, counts in report.splits.items()}
    log_metrics(logger, **sizes, bad=report.dropped, repaired=report.repaired.counts.total())


def check_duie(settings: DuieSettings) -> None:
    """Read a DuIE archive to its end, and write nothing.

    Raises:
        InputError: the archive is of another kind or damaged, has too many bad records, or has nothing to train on or
            to test with.
    """
    with (
        naming_input("--raw", settings.raw),
        open_archive(settings.raw, DUIE, settings.chosen_files) as archive,
    ):
        schema = read_schema(archive.json_lines("schema"), archive.name("schema"))
        for _ in _split_sentences(archive, schema, settings, SentenceReport()):
            pass


def split_of(text: str, seed: int, validation_fraction: float) -> Split:
    """Assign a text of the training file to train or validation."""
    return "validation" if hash_position(text, seed) < validation_fraction else "train"


def _split_sentences(
    archive: Archive, schema: Schema, settings: DuieSettings, report: SentenceReport
) -> Iterator[tuple[Split, SentenceRecord]]:
    """Stream the good records of both files with their splits, and count all.

    Raises:
        InputError: a file has too many bad records, or a split has nothing to train on or to test with.
    """
    for sentence in _sentences(archive, "train", schema, report, settings.max_bad_fraction):
        split = split_of(sentence["text"], settings.seed, settings.validation_fraction)
        report.splits[split].add(sentence)
        yield split, sentence
    for sentence in _sentences(archive, "dev", schema, report, settings.max_bad_fraction):
        report.splits["test"].add(sentence)
        yield "test", sentence
    report.reject_useless_splits(archive.name("train"), archive.name("dev"))


def _sentences(
    archive: Archive, role: str, schema: Schema, report: SentenceReport, max_bad_fraction: float
) -> Iterator[SentenceRecord]:
    """Stream the good records of one file and count all; only the counts stay in memory.

    Raises:
        InputError: at the end of the file, if too many records were bad or none was good.
    """
    name = archive.name(role)
    bad = report.bad[name] = Findings()
    repairs: Repairs = []
    with Progress(None, "sentences", name) as progress:
        for number, line in enumerate(map(trimmed_line, archive.json_lines(role)), start=1):
            if not line:
                continue
            progress.advance()
            try:
                sentence = clean_record(line, f"{ID_PREFIXES[role]}:{number}", schema, repairs)
            except BadRecord as error:
                bad.add(error.reason, f"{name} line {number}", error.detail)
            else:
                for repair, detail in repairs:
                    report.repaired.add(repair, f"{name} line {number}", detail)
                yield sentence
            repairs.clear()
    report.records[name] = progress.done
    bad.reject_bad_file(name, progress.done, max_bad_fraction, archive.layout.record)


def _describe(folder: Path, settings: DuieSettings, schema: Schema, report: SentenceReport) -> None:
    """Write the files that describe the sentences: schema, report and manifest."""
    content = schema.to_json()
    write_json(folder / SCHEMA_JSON, content)
    report.write(folder, sorted(schema.by_predicate))
    inputs = {"raw": tree_hash(settings.raw)}
    shaping = {name: value for name, value in plain_settings(settings).items() if value != ""}  # no standard names
    manifest = Manifest(*SENTENCES, schema_hash(content), MADE_BY, shaping, inputs)
    write_manifest(folder, manifest)
