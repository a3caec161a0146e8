"""Inference on texts of any length: cut into windows, predict pointers, decode spans, assemble triples."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ckgqa_train_casrel.data.examples import encode_window
from ckgqa_train_casrel.data.triples import ExtractedTriple
from ckgqa_train_casrel.data.windows import Window, cut_windows
from ckgqa_train_casrel.inference.assembly import ScoredSpan, SubjectWithObjects, assemble_triples
from ckgqa_train_casrel.inference.decoding import SpanArrays
from ckgqa_train_casrel.inference.pointers import DecodedSpans, PointerOutput, decode_spans, predict_pointers
from ckgqa_train_casrel.model.casrel import CasRel
from ckgqa_train_casrel.model.config import InferenceConfig
from ckgqa_train_casrel.model.thresholds import Thresholds


@dataclass(frozen=True)
class RawPredictions:
    """Texts with the model's pointers; from these, triples at any thresholds are cheap."""

    texts: Sequence[str]
    windows: Sequence[Window]
    pointers: PointerOutput


def predict_texts(
    model: CasRel,
    config: InferenceConfig,
    texts: Sequence[str],
    subject_thresholds: Sequence[float],
    min_object_probability: float,
) -> RawPredictions:
    """Run the model over texts of any lengths; see `predict_pointers` for the thresholds."""
    windows = [w for i, text in enumerate(texts) for w in cut_windows(i, len(text), config.window, config.overlap)]
    encoded = [encode_window(texts[w.text_index][w.start : w.end], config.vocabulary) for w in windows]
    pointers = predict_pointers(model, encoded, subject_thresholds, min_object_probability)
    return RawPredictions(texts, windows, pointers)


def decode_triples(
    predictions: RawPredictions, config: InferenceConfig, thresholds: Thresholds
) -> list[list[ExtractedTriple]]:
    """Decode the triples of each text at some thresholds, none below those of `predict_texts`."""
    subjects = _by_text(decode_spans(predictions.pointers, thresholds), predictions)
    triples = [
        assemble_triples(text, subjects[index], config.schema, config.default_signatures)
        for index, text in enumerate(predictions.texts)
    ]
    return [[triple for triple in each if triple.score >= thresholds.triple] for each in triples]


def _by_text(decoded: DecodedSpans, predictions: RawPredictions) -> dict[int, list[SubjectWithObjects]]:
    """Group the subjects and their objects by text; the neighbouring window has the spans that an edge may cut."""
    objects: dict[int, dict[int, list[ScoredSpan]]] = defaultdict(lambda: defaultdict(list))
    subject_windows = [predictions.windows[group] for group in decoded.subjects.groups.tolist()]
    for group, span in _rows(decoded.objects):
        pair, label = divmod(group, predictions.pointers.labels)
        in_text = _to_text_positions(span, subject_windows[pair])
        if in_text:
            objects[pair][label].append(in_text)
    subjects: dict[int, list[SubjectWithObjects]] = defaultdict(list)
    for pair, (_, span) in enumerate(_rows(decoded.subjects)):
        in_text = _to_text_positions(span, subject_windows[pair])
        if in_text and pair in objects:
            subjects[subject_windows[pair].text_index].append((in_text, objects[pair]))
    return subjects


def _rows(spans: SpanArrays) -> list[tuple[int, ScoredSpan]]:
    """Return the spans one by one, each with its group, end excluded."""
    columns = (spans.groups, spans.starts, spans.ends, spans.scores)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(group, ScoredSpan(start, end + 1, score)) for group, start, end, score in rows]


def _to_text_positions(span: ScoredSpan, window: Window) -> ScoredSpan | None:
    """Shift a span from window to text positions; return None if the window's edge may have cut it."""
    shifted = ScoredSpan(span.start + window.start, span.end + window.start, span.score)
    return shifted if window.is_whole(shifted.start, shifted.end) else None
