"""Texts of any length through a model: cut into windows, pointed at, decoded, and put together again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ckgqa_train_casrel.assembly import Found, Place, assemble
from ckgqa_train_casrel.decoding import Spans
from ckgqa_train_casrel.examples import encode
from ckgqa_train_casrel.model import CasRel
from ckgqa_train_casrel.pointing import Decoded, Pointed, decode, point
from ckgqa_train_casrel.schema import Schema
from ckgqa_train_casrel.thresholds import Thresholds
from ckgqa_train_casrel.triples import Triple
from ckgqa_train_casrel.vocabulary import Vocabulary
from ckgqa_train_casrel.windows import Window, cut


@dataclass(frozen=True)
class Reader:
    """Everything but the model that turns texts into triples."""

    schema: Schema
    types: Mapping[str, int]
    """For each predicate the index of the reading that gives the types."""
    vocabulary: Vocabulary
    window: int
    """Most characters that the model sees at once."""
    overlap: int
    """Characters that neighbouring windows of a longer text share."""


@dataclass(frozen=True)
class Read:
    """Texts with what the model's pointers say about them: triples at any thresholds are cheap from here."""

    texts: Sequence[str]
    windows: Sequence[Window]
    pointed: Pointed


def read_texts(
    model: CasRel, reader: Reader, texts: Sequence[str], subject_thresholds: Sequence[float], object_floor: float
) -> Read:
    """Run the model over texts of any lengths; see `point` for the thresholds."""
    windows = [w for i, text in enumerate(texts) for w in cut(i, len(text), reader.window, reader.overlap)]
    encoded = [encode(texts[w.text_index][w.start : w.end], reader.vocabulary) for w in windows]
    return Read(texts, windows, point(model, encoded, subject_thresholds, object_floor))


def triples_of(read: Read, reader: Reader, thresholds: Thresholds) -> list[list[Triple]]:
    """Make the triples of each text at some thresholds, none below those that `read_texts` was given."""
    found = _by_text(decode(read.pointed, thresholds), read)
    triples = [assemble(text, found[i], reader.schema, reader.types) for i, text in enumerate(read.texts)]
    return [[triple for triple in each if triple.score >= thresholds.triple] for each in triples]


def _by_text(decoded: Decoded, read: Read) -> dict[int, list[Found]]:
    """Gather the subjects and their objects by text; what a window's edge may have cut is left to its neighbour."""
    objects: dict[int, dict[int, list[Place]]] = defaultdict(lambda: defaultdict(list))
    subject_windows = [read.windows[group] for group in decoded.subjects.groups.tolist()]
    labels = read.pointed.labels
    for group, place in _places(decoded.objects):
        pair, label = divmod(group, labels)
        moved = _moved(place, subject_windows[pair])
        if moved:
            objects[pair][label].append(moved)
    found: dict[int, list[Found]] = defaultdict(list)
    for pair, (_, place) in enumerate(_places(decoded.subjects)):
        moved = _moved(place, subject_windows[pair])
        if moved and pair in objects:
            found[subject_windows[pair].text_index].append((moved, objects[pair]))
    return found


def _places(spans: Spans) -> list[tuple[int, Place]]:
    columns = (spans.groups, spans.starts, spans.ends, spans.scores)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(group, Place(start, end + 1, score)) for group, start, end, score in rows]


def _moved(place: Place, window: Window) -> Place | None:
    """Move a place from window to text positions; None where the window's edge may have cut it."""
    moved = Place(place.start + window.start, place.end + window.start, place.score)
    return moved if window.whole(moved.start, moved.end) else None
