"""`extract`: triples from any number of texts, streamed in and out in order, with memory that stays flat.

Two passes over the lines: the first reads everything once, writes the rejects, and rejects bad input before the model
runs; the second runs the model over chunks of a bounded number of characters.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson

from ckgqa.runtime.artefacts import FACTS, FACTS_JSONL, REJECTS_JSONL
from ckgqa.runtime.files import atomic_folder, tree_hash, unpacked
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.progress import Progress
from ckgqa.runtime.settings import plain_settings
from ckgqa_train_casrel.data.extraction_inputs import ExtractionInput, list_inputs, survey
from ckgqa_train_casrel.data.records import check_same_schema
from ckgqa_train_casrel.data.texts import InputText
from ckgqa_train_casrel.data.triples import ExtractedTriple
from ckgqa_train_casrel.inference.extractor import Extractor, load_extractor
from ckgqa_train_casrel.model.checkpointing import read_model_manifest
from ckgqa_train_casrel.settings import ExtractSettings

logger = logging.getLogger(__name__)

# One chunk goes to the model at once: enough texts to group them by length, few enough to hold with their states.
CHUNK_TEXTS, CHUNK_CHARS = 2048, 500_000
SCORE_DIGITS = 4


def extract(settings: ExtractSettings) -> None:
    """Extract the triples of the archive's sentences and of any more texts."""
    with unpacked(settings.model) as model, atomic_folder(settings.facts) as work:
        schema_hash = read_model_manifest(model).schema_hash
        if (sentences := optional_input(settings.sentences)) is not None:
            check_same_schema(sentences, schema_hash)
        inputs = list_inputs(settings)
        with (work / REJECTS_JSONL).open("wb") as out:
            total, rejected = survey(inputs, settings, out)
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
