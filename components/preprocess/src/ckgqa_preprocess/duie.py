"""`duie`: a DuIE archive becomes sentences to train on, to choose by and to test on."""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from ckgqa.runtime.artefacts import SCHEMA_JSON
from ckgqa.runtime.errors import require
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, schema_hash, write_manifest
from ckgqa.runtime.program import InputPath, OutputPath
from ckgqa.runtime.progress import Progress
from ckgqa.runtime.settings import plain_settings
from ckgqa_preprocess.archive import Archive, open_archive
from ckgqa_preprocess.records import BadRecord, Repairs, Sentence, clean_record
from ckgqa_preprocess.report import SPLITS, Findings, Report
from ckgqa_preprocess.schema import Schema, read_schema

logger = logging.getLogger(__name__)

HASH_BYTES = 8  # of the number that decides a text's side
ID_PREFIXES = {"train": "train", "dev": "test"}  # a sentence is `train:17` or `test:5`, by its line in the file


@dataclass(frozen=True)
class DuieSettings:
    """Settings of `duie`."""

    raw: InputPath
    """The archive: a zip or a folder with schema.json, train.json and dev.json (or DuIE 1.0's names)."""
    sentences: OutputPath
    """Folder for the sentences, their schema and the report."""
    seed: int = 13
    """Seed of the split; the same seed puts the same text on the same side."""
    validation_fraction: float = 0.05
    """Share of train.json kept for validation, between 0 and 1; 5 % of DuIE is over 1,000 sentences."""
    max_bad_fraction: float = 0.01
    """Largest share of bad records in a file, 0 to 1; more than 1 % means that the file is not what it should be."""

    def __post_init__(self) -> None:
        require(
            0 < self.validation_fraction < 1,
            f"validation_fraction is {self.validation_fraction}; a number above 0 and below 1 is expected",
        )
        require(
            0 <= self.max_bad_fraction <= 1,
            f"max_bad_fraction is {self.max_bad_fraction}; a number from 0 to 1 is expected",
        )


def preprocess_duie(settings: DuieSettings) -> None:
    """Turn a DuIE archive into validated sentences: train, validation and test.

    Raises:
        InputError: the archive is not what it should be, or has too many bad records.
    """
    report = Report()
    with open_archive(settings.raw) as archive, atomic_folder(settings.sentences) as folder:
        schema = read_schema(archive.lines("schema"), archive.name("schema"))
        with ExitStack() as files:
            outs = {split: files.enter_context((folder / f"{split}.jsonl").open("wb")) for split in SPLITS}
            split_of = Splitter(settings.seed, settings.validation_fraction)
            for sentence in _sentences(archive, "train", schema, report, settings.max_bad_fraction):
                _write(sentence, split_of(sentence["text"]), outs, report)
            for sentence in _sentences(archive, "dev", schema, report, settings.max_bad_fraction):
                _write(sentence, "test", outs, report)
        report.refuse_empty_split(archive.name("train"))
        _describe(folder, settings, schema, report)
    sizes = {split: float(counts.sentences) for split, counts in report.splits.items()}
    log_metrics(logger, **sizes, bad=report.dropped, repaired=report.repaired.counts.total())


class Splitter:
    """Puts a text of the training file on its side by a hash of seed and text, so that equal texts stay together.

    Args:
        seed: another one makes another split.
        validation_fraction: share of texts that go to validation, 0 to 1.
    """

    def __init__(self, seed: int, validation_fraction: float) -> None:
        self.key = str(seed).encode()
        self.limit = int(validation_fraction * 2 ** (8 * HASH_BYTES))

    def __call__(self, text: str) -> str:
        """Return `train` or `validation`."""
        digest = hashlib.blake2b(text.encode(), digest_size=HASH_BYTES, key=self.key).digest()
        return "validation" if int.from_bytes(digest) < self.limit else "train"


def _sentences(
    archive: Archive, role: str, schema: Schema, report: Report, max_bad_fraction: float
) -> Iterator[Sentence]:
    """Stream the good records of one file, counting as it goes; only the counts stay in memory.

    Raises:
        InputError: at the end of the file, when too many records were bad or none was good.
    """
    name = archive.name(role)
    bad = report.bad[name] = Findings()
    repairs: Repairs = []
    with Progress(None, "sentences", name) as progress:
        for number, line in enumerate(archive.lines(role), start=1):
            if not line or line.isspace():
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
    report.refuse_bad_file(name, max_bad_fraction)


def _write(sentence: Sentence, split: str, outs: Mapping[str, BinaryIO], report: Report) -> None:
    report.splits[split].add(sentence)
    outs[split].write(orjson.dumps(sentence, option=orjson.OPT_APPEND_NEWLINE))


def _describe(folder: Path, settings: DuieSettings, schema: Schema, report: Report) -> None:
    """Write what stands beside the sentences: schema, report and manifest."""
    content = schema.to_json()
    write_json(folder / SCHEMA_JSON, content)
    report.write(folder, sorted(schema.by_predicate))
    manifest = Manifest(
        format="ckgqa/sentences",
        version=1,
        schema_hash=schema_hash(content),
        made_by="preprocess duie",
        settings=plain_settings(settings),
        inputs={"raw": tree_hash(settings.raw)},
    )
    write_manifest(folder, manifest)
