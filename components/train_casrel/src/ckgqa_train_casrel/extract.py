"""`extract`: triples out of any number of texts, streamed in and out in order, with memory that stays flat.

Two passes over the lines: the first one reads everything once, writes the rejects, and refuses bad input before any
hour is spent; the second one runs the model over chunks of a bounded number of characters.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import orjson

from ckgqa.runtime.artefacts import FACTS, FACTS_JSONL, REJECTS_JSONL
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.files import atomic_folder, tree_hash, unpacked
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.program import InputPath, OutputPath
from ckgqa.runtime.progress import Progress
from ckgqa.runtime.settings import plain_settings
from ckgqa_train_casrel.artefacts import check_same_schema, model_schema_hash
from ckgqa_train_casrel.extractor import Extractor, load_extractor
from ckgqa_train_casrel.texts import Reject, Source, Text, find_sources, read_texts
from ckgqa_train_casrel.triples import Triple

logger = logging.getLogger(__name__)

# The files of `ckgqa/sentences`, in the order of extraction, and what its ids begin with.
SPLITS = ("train", "validation", "test")
ARCHIVE_IDS = frozenset({"train", "test"})
# One chunk goes to the model at once: enough texts to group them by length, few enough to hold with their states.
CHUNK_TEXTS, CHUNK_CHARS = 2048, 500_000
SCORE_DIGITS = 4


@dataclass(frozen=True)
class ExtractSettings:
    """Settings of `extract`."""

    model: InputPath
    """Model folder, as `train` writes it, or its model.tar.gz."""
    facts: OutputPath
    """Folder that receives facts.jsonl and rejects.jsonl."""
    sentences: InputPath | None = None
    """Folder of `preprocess duie`: the texts of all its splits are extracted, before any others. May be left out, or
    an empty folder, where there are texts."""
    texts: InputPath | None = None
    """More texts: one .jsonl, .json or .txt file, or a folder of such files, which may be empty."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the model runs; auto takes a GPU where there is one."""
    max_text_chars: int = 100_000
    """Longest text that is read, in characters; a longer one is rejected, since it is a broken line more often."""
    max_bad_fraction: float = 0.01
    """Largest share of unreadable lines, 0 to 1, in --sentences and in --texts each; more is an error."""
    unique_ids: bool = False
    """Whether the ids of --texts end in a hash of the text (notes:3:1f3c9a2b): for texts that are added to a graph
    later, where another day's notes may have had the same name."""

    def __post_init__(self) -> None:
        require(
            optional_input(self.sentences) is not None or self.texts is not None,
            "nothing to extract: give --sentences or --texts",
        )
        require(self.max_text_chars >= 1, f"--max-text-chars {self.max_text_chars}: at least 1 is expected")
        require(0 <= self.max_bad_fraction <= 1, f"--max-bad-fraction {self.max_bad_fraction}: 0 to 1 is expected")


@dataclass(frozen=True)
class Input:
    """What one flag brings."""

    name: str
    path: Path
    sources: Sequence[Source]
    taken: frozenset[str]
    """Beginnings of ids that no line of it may claim."""
    unique_ids: bool = False

    def read(self, max_text_chars: int) -> Iterator[Text | Reject]:
        """Stream its lines, in order."""
        return read_texts(self.sources, max_text_chars, self.taken, unique_ids=self.unique_ids)


def extract(settings: ExtractSettings) -> None:
    """Find the triples of the archive's sentences and of any more texts."""
    with unpacked(settings.model) as model, atomic_folder(settings.facts) as work:
        schema_hash = model_schema_hash(model)
        if (sentences := optional_input(settings.sentences)) is not None:
            check_same_schema(sentences, schema_hash)
        inputs = _inputs(settings)
        total, rejected = _survey(inputs, settings, work / REJECTS_JSONL)
        extractor = load_extractor(model, settings.device)
        started = time.monotonic()
        triples = write_facts(extractor, _texts(inputs, settings.max_text_chars), total, work / FACTS_JSONL)
        seconds = time.monotonic() - started
        hashes = {"model": tree_hash(model), **{source.name: tree_hash(source.path) for source in inputs}}
        write_manifest(
            work,
            Manifest(*FACTS, schema_hash, "train_casrel extract", plain_settings(settings), hashes),
        )
    log_metrics(logger, sentences=total, triples=triples, rejected=rejected, sentences_per_second=total / seconds)


def write_facts(extractor: Extractor, texts: Iterable[Text], total: int, path: Path) -> int:
    """Write one line of triples for every text, in order, and return how many triples there were.

    Args:
        extractor: finds the triples.
        texts: streamed; no more than one chunk of them is held.
        total: how many there are, for the progress.
        path: file that is written.
    """
    triples = 0
    with path.open("wb") as out, Progress(total, "sentences", "extract") as progress:
        for chunk in _chunks(texts):
            for text, found in zip(chunk, extractor.extract([text.text for text in chunk]), strict=True):
                out.write(orjson.dumps(_fact_line(text, found)) + b"\n")
                triples += len(found)
            progress.advance(len(chunk))
    return triples


def _inputs(settings: ExtractSettings) -> list[Input]:
    """List what is extracted: the archive's splits, then the extra texts."""
    inputs = []
    if (sentences := optional_input(settings.sentences)) is not None:
        splits = [Source(sentences / f"{split}.jsonl", f"{split}.jsonl", split) for split in SPLITS]
        inputs.append(Input("sentences", sentences, splits, frozenset()))
    if settings.texts is not None:
        taken = ARCHIVE_IDS if inputs else frozenset()
        sources = find_sources(settings.texts, taken)
        # An empty folder beside the archive is how a pipeline says that there are no more texts.
        if sources or not inputs:
            inputs.append(Input("texts", settings.texts, sources, taken, settings.unique_ids))
    return inputs


def _survey(inputs: Sequence[Input], settings: ExtractSettings, path: Path) -> tuple[int, int]:
    """Read every line once, write the rejects, and return how many texts and how many rejects there are.

    Raises:
        InputError: of one of the inputs too large a share cannot be read, or nothing at all can be.
    """
    total = rejected = 0
    with path.open("wb") as out:
        for source in inputs:
            good, first = 0, ""
            bad = 0
            for line in source.read(settings.max_text_chars):
                if isinstance(line, Text):
                    good += 1
                    continue
                bad += 1
                first = first or f"{line.file} line {line.line}: {line.reason}"
                out.write(orjson.dumps(line) + b"\n")
            _check_share(source, good, bad, first, settings.max_bad_fraction)
            total, rejected = total + good, rejected + bad
    return total, rejected


def _check_share(source: Input, good: int, bad: int, first: str, max_bad_fraction: float) -> None:
    expected = 'a line is an object with a string under "text", in a .txt file the text itself'
    if not good:
        raise InputError(f"--{source.name} {source.path}: no text can be read; {first or 'all is empty'}; {expected}")
    if bad > max_bad_fraction * (good + bad):
        raise InputError(
            f"--{source.name} {source.path}: {bad} of {good + bad} lines cannot be read, more than "
            f"{max_bad_fraction:.2%} (--max-bad-fraction); the first is {first}; {expected}"
        )
    if bad:
        logger.warning("--%s: %d lines cannot be read, the first is %s", source.name, bad, first)


def _texts(inputs: Iterable[Input], max_text_chars: int) -> Iterator[Text]:
    """Stream what can be read."""
    for source in inputs:
        for line in source.read(max_text_chars):
            if isinstance(line, Text):
                yield line


def _chunks(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """Cut a stream into chunks bounded in texts and in characters; one long text makes a chunk of its own."""
    chunk: list[Text] = []
    chars = 0
    for text in texts:
        if chunk and (len(chunk) == CHUNK_TEXTS or chars + len(text.text) > CHUNK_CHARS):
            yield chunk
            chunk, chars = [], 0
        chunk.append(text)
        chars += len(text.text)
    if chunk:
        yield chunk


def _fact_line(text: Text, triples: Iterable[Triple]) -> dict[str, object]:
    """Give one line of facts.jsonl."""
    found = [replace(triple, score=round(triple.score, SCORE_DIGITS)) for triple in triples]
    return {"id": text.id, "text": text.text, "triples": found}
