"""The texts of an extraction, and the pass that reads every line of them before the model runs."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from ckgqa.runtime.artefacts import SPLITS, split_file
from ckgqa.runtime.errors import InputError, naming_input
from ckgqa.runtime.optional_inputs import optional_input
from ckgqa.runtime.progress import track
from ckgqa_train_casrel.data.texts import InputText, RejectedLine, TextSource, find_sources, read_texts
from ckgqa_train_casrel.settings import ExtractSettings

logger = logging.getLogger(__name__)

# The prefixes of the ids in `ckgqa/sentences`.
ARCHIVE_IDS = frozenset({"train", "test"})
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


def list_inputs(settings: ExtractSettings) -> list[ExtractionInput]:
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


def survey(
    inputs: Sequence[ExtractionInput], settings: ExtractSettings, out: BinaryIO | None = None
) -> tuple[int, int]:
    """Read every line once, write the rejects, and return the numbers of texts and of rejects.

    Args:
        inputs: the texts.
        settings: the limits on a text and on the share of unreadable lines.
        out: receives the rejects; None writes them nowhere.

    Raises:
        InputError: an input has no readable line, or too large a share of unreadable ones.
    """
    total = rejected = 0
    for source in inputs:
        good, bad, first = 0, 0, ""
        with naming_input(f"--{source.name}", source.path):
            for line in track(source.read(settings.max_text_chars), None, "lines", source.name):
                if isinstance(line, InputText):
                    good += 1
                    continue
                bad += 1
                first = first or f"{line.file} line {line.line}: {line.reason}"
                if out is not None:
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
