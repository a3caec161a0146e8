"""`extract`: triples from any number of texts, streamed in and out in order, with memory that stays flat.

Two passes over the lines: the first reads everything once, writes the rejects, and rejects bad input before the model
runs; the second runs the model over chunks of a bounded number of characters.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from ckgqa.runtime.artefacts import FACTS, FACTS_JSONL, REJECTS_JSONL, SPLITS, split_file
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_folder, tree_hash, unpacked
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.progress import Progress
from ckgqa.runtime.settings import plain_settings
from ckgqa_train_casrel.data.records import check_same_schema
from ckgqa_train_casrel.data.texts import InputText, RejectedLine, TextSource, find_sources, read_texts
from ckgqa_train_casrel.data.triples import ExtractedTriple
from ckgqa_train_casrel.inference.extractor import Extractor, load_extractor
from ckgqa_train_casrel.model.checkpointing import read_model_manifest
from ckgqa_train_casrel.settings import ExtractSettings

logger = logging.getLogger(__name__)

# The prefixes of the ids in `ckgqa/sentences`.
ARCHIVE_IDS = frozenset({"train", "test"})
# One chunk goes to the model at once: enough texts to group them by length, few enough to hold with their states.
CHUNK_TEXTS, CHUNK_CHARS = 2048, 500_000
SCORE_DIGITS = 4
LINE_FORMAT = 'a line is an object with a string under "text", in a .txt file the text itself'


@dataclass(frozen=True)
class ExtractionInput:
    """The texts of one flag, --sentences or --texts."""

    name: str
    path: Path
    sources: Sequence[TextSource]
    reserved: frozenset[str]
    """Prefixes of ids that none of its lines may use."""
    unique_ids: bool = False

    def read(self, max_text_chars: int) -> Iterator[InputText | RejectedLine]:
        """Stream its lines, in order."""
        return read_texts(self.sources, max_text_chars, self.reserved, unique_ids=self.unique_ids)


def extract(settings: ExtractSettings) -> None:
    """Extract the triples of the archive's sentences and of any more texts."""
    with unpacked(settings.model) as model, atomic_folder(settings.facts) as work:
        schema_hash = read_model_manifest(model).schema_hash
        if (sentences := optional_input(settings.sentences)) is not None:
            check_same_schema(sentences, schema_hash)
        inputs = _list_inputs(settings)
        total, rejected = _survey(inputs, settings, work / REJECTS_JSONL)
        extractor = load_extractor(model, settings.device)
        started = time.monotonic()
        triples = write_facts(extractor, _texts(inputs, settings.max_text_chars), total, work / FACTS_JSONL)
        seconds = time.monotonic() - started
        hashes = {"model": tree_hash(model), **{source.name: tree_hash(source.path) for source in inputs}}
        made_by = "train_casrel extract"
        write_manifest(work, Manifest(*FACTS, schema_hash, made_by, plain_settings(settings), hashes))
    log_metrics(logger, sentences=total, triples=triples, rejected=rejected, sentences_per_second=total / seconds)


def write_facts(extractor: Extractor, texts: Iterable[InputText], total: int, path: Path) -> int:
    """Write one line of triples for every text, in order, and return the number of triples.

    Args:
        extractor: the model.
        texts: streamed; no more than one chunk of them is held.
        total: their number, for the progress.
        path: the file to write.
    """
    count = 0
    with path.open("wb") as out, Progress(total, "sentences", "extract") as progress:
        for chunk in _chunks(texts):
            for text, triples in zip(chunk, extractor.extract([text.text for text in chunk]), strict=True):
                out.write(orjson.dumps(_fact_line(text, triples)) + b"\n")
                count += len(triples)
            progress.advance(len(chunk))
    return count


def _list_inputs(settings: ExtractSettings) -> list[ExtractionInput]:
    """List the inputs: the archive's splits, then the extra texts."""
    inputs = []
    if (sentences := optional_input(settings.sentences)) is not None:
        files = {split: sentences / split_file(split) for split in SPLITS}
        sources = [TextSource(file, file.name, split) for split, file in files.items()]
        inputs.append(ExtractionInput("sentences", sentences, sources, frozenset()))
    if settings.texts is not None:
        reserved = ARCHIVE_IDS if inputs else frozenset()
        sources = find_sources(settings.texts, reserved)
        # A pipeline always passes a folder of texts; beside the archive, an empty one means that there are none.
        if sources or not inputs:
            inputs.append(ExtractionInput("texts", settings.texts, sources, reserved, settings.unique_ids))
    return inputs


def _survey(inputs: Sequence[ExtractionInput], settings: ExtractSettings, path: Path) -> tuple[int, int]:
    """Read every line once, write the rejects, and return the numbers of texts and of rejects.

    Raises:
        InputError: an input has no readable line, or too large a share of unreadable ones.
    """
    total = rejected = 0
    with path.open("wb") as out:
        for source in inputs:
            good, bad, first = 0, 0, ""
            for line in source.read(settings.max_text_chars):
                if isinstance(line, InputText):
                    good += 1
                    continue
                bad += 1
                first = first or f"{line.file} line {line.line}: {line.reason}"
                out.write(orjson.dumps(line) + b"\n")
            _check_share(source, good, bad, first, settings.max_bad_fraction)
            total, rejected = total + good, rejected + bad
    return total, rejected


def _check_share(source: ExtractionInput, good: int, bad: int, first: str, max_bad_fraction: float) -> None:
    if not good:
        reason = first or "all is empty"
        raise InputError(f"--{source.name} {source.path}: no text can be read; {reason}; {LINE_FORMAT}")
    if bad > max_bad_fraction * (good + bad):
        raise InputError(
            f"--{source.name} {source.path}: {bad} of {good + bad} lines cannot be read, more than "
            f"{max_bad_fraction:.2%} (--max-bad-fraction); the first is {first}; {LINE_FORMAT}"
        )
    if bad:
        logger.warning("--%s: %d lines cannot be read, the first is %s", source.name, bad, first)


def _texts(inputs: Iterable[ExtractionInput], max_text_chars: int) -> Iterator[InputText]:
    """Stream the readable lines."""
    for source in inputs:
        for line in source.read(max_text_chars):
            if isinstance(line, InputText):
                yield line


def _chunks(texts: Iterable[InputText]) -> Iterator[list[InputText]]:
    """Cut a stream into chunks bounded in texts and in characters; one long text is a chunk by itself."""
    chunk: list[InputText] = []
    chars = 0
    for text in texts:
        if chunk and (len(chunk) == CHUNK_TEXTS or chars + len(text.text) > CHUNK_CHARS):
            yield chunk
            chunk, chars = [], 0
        chunk.append(text)
        chars += len(text.text)
    if chunk:
        yield chunk


def _fact_line(text: InputText, triples: Iterable[ExtractedTriple]) -> dict[str, object]:
    """Return one line of facts.jsonl."""
    rounded = [replace(triple, score=round(triple.score, SCORE_DIGITS)) for triple in triples]
    return {"id": text.id, "text": text.text, "triples": rounded}
