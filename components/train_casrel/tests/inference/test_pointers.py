"""Decoding of whole batches at once, against brute force: window by window, pair by pair, label by label."""

import numpy as np
import pytest
import torch
from ckgqa_train_casrel.data.batches import SubjectPairs, collate
from ckgqa_train_casrel.data.examples import EncodedWindow, encode_window
from ckgqa_train_casrel.data.vocabulary import learn_vocabulary
from ckgqa_train_casrel.inference import pointers
from ckgqa_train_casrel.inference.pointers import decode_spans, predict_pointers
from ckgqa_train_casrel.model.build import build_bilstm, build_casrel
from ckgqa_train_casrel.model.casrel import CasRel
from ckgqa_train_casrel.model.config import CasRelArchitecture
from ckgqa_train_casrel.model.thresholds import Thresholds

LABELS = 4
Span = tuple[int, int]


@pytest.fixture
def windows() -> list[EncodedWindow]:
    draw = np.random.default_rng(3)
    texts = ["".join(draw.choice(list("山河星海王李明华《》，"), size=draw.integers(1, 30))) for _ in range(25)]
    vocabulary = learn_vocabulary(texts, 1, 50, 1)
    return [encode_window(text, vocabulary) for text in texts]


@pytest.fixture
def model(windows: list[EncodedWindow]) -> CasRel:
    """An untrained model whose pointers are scattered round one half."""
    torch.manual_seed(5)
    sizes = CasRelArchitecture("bilstm", 32, 1, 2, 16, 8, 4, 0.0, 0.0, "concat")
    vocabulary = learn_vocabulary(["山河星海王李明华《》，"], 1, 50, 1)
    # The ids of `windows` reach farther than this vocabulary's pairs: room for all.
    built = build_casrel(build_bilstm(sizes, vocabulary), sizes, vocabulary.unknown, LABELS)
    built.encoder.pairs = torch.nn.Embedding(200, 8)
    for layer in (built.subject_pointers, built.object_pointers):
        torch.nn.init.normal_(layer.weight, std=0.8)
        torch.nn.init.constant_(layer.bias, -0.7)
    return built.eval()


def pairs_by_brute_force(heads: list[float], tails: list[float], floor: float) -> set[Span]:
    """Look at all spans of one row."""
    h = [i for i, chance in enumerate(heads) if chance >= floor]
    t = [i for i, chance in enumerate(tails) if chance >= floor]
    nearest = {s: min((e for e in t if e >= s), default=None) for s in h}
    found = set()
    for s in h:
        for e in t:
            left_over = e not in nearest.values() and max((x for x in h if x <= e), default=None) == s
            if s <= e and (nearest[s] == e or left_over):
                found.add((s, e))
    return found


def by_brute_force(model: CasRel, window: EncodedWindow, thresholds: Thresholds) -> set[tuple[Span, int, Span]]:
    """Run one window, one subject and one label at a time."""
    inputs = collate([window], torch.device("cpu"))
    states, n = model.encode(inputs), len(window)
    subject = model.subject_logits(states, inputs.mask).sigmoid()[0, :n]
    found = set()
    for span in pairs_by_brute_force(subject[:, 0].tolist(), subject[:, 1].tolist(), thresholds.subject):
        pair = SubjectPairs(torch.tensor([0]), torch.tensor([span]))
        chances = model.object_logits(states, model.object_states(states, inputs.mask), inputs.mask, pair)
        chances = chances.sigmoid()[0, :n]
        for label in range(LABELS):
            columns = chances[:, 2 * label].tolist(), chances[:, 2 * label + 1].tolist()
            found |= {(span, label, other) for other in pairs_by_brute_force(*columns, thresholds.object)}
    return found


def vectorised(model: CasRel, windows: list[EncodedWindow], thresholds: Thresholds, grid: list[float], floor: float):
    """Return, for each window, what `by_brute_force` returns for it."""
    with torch.inference_mode():
        pointed = predict_pointers(model, windows, grid, floor)
    decoded = decode_spans(pointed, thresholds)
    subjects = list(zip(decoded.subjects.starts.tolist(), decoded.subjects.ends.tolist(), strict=True))
    found = [set() for _ in windows]
    spans = decoded.objects
    for group, start, end in zip(spans.groups.tolist(), spans.starts.tolist(), spans.ends.tolist(), strict=True):
        pair, label = divmod(group, LABELS)
        found[decoded.subjects.groups[pair]].add((subjects[pair], label, (start, end)))
    return found


@pytest.mark.parametrize("thresholds", [Thresholds(0.5, 0.5), Thresholds(0.3, 0.6), Thresholds(0.6, 0.35)])
def test_a_batch_decodes_as_brute_force_does(model: CasRel, windows: list[EncodedWindow], thresholds: Thresholds):
    wanted = [by_brute_force(model, window, thresholds) for window in windows]
    assert sum(map(len, wanted)) > 50
    assert vectorised(model, windows, thresholds, [thresholds.subject], thresholds.object) == wanted


def test_one_run_of_the_model_serves_every_threshold_of_a_grid(model: CasRel, windows: list[EncodedWindow]):
    grid = [0.3, 0.45, 0.6]
    for thresholds in (Thresholds(0.3, 0.45), Thresholds(0.45, 0.3), Thresholds(0.6, 0.6)):
        alone = vectorised(model, windows, thresholds, [thresholds.subject], thresholds.object)
        assert vectorised(model, windows, thresholds, grid, 0.3) == alone


def test_cutting_the_pairs_into_passes_changes_nothing(
    model: CasRel, windows: list[EncodedWindow], monkeypatch: pytest.MonkeyPatch
):
    whole = vectorised(model, windows, Thresholds(), [0.5], 0.5)
    monkeypatch.setattr(pointers, "PAIR_POSITIONS", 64)
    monkeypatch.setattr(pointers, "BATCH_POSITIONS", 100)
    assert vectorised(model, windows, Thresholds(), [0.5], 0.5) == whole


def test_the_sentences_part_is_computed_once_a_batch_however_many_passes_its_pairs_take(
    model: CasRel, windows: list[EncodedWindow], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pointers, "PAIR_POSITIONS", 64)
    batches, passes = [], []
    model.object_states.register_forward_hook(lambda *_: batches.append(1))
    model.object_conv.register_forward_hook(lambda *_: passes.append(1))
    vectorised(model, windows, Thresholds(), [0.5], 0.5)
    assert len(batches) == 1 < len(passes)


def test_nothing_to_read_gives_nothing(model: CasRel):
    decoded = decode_spans(predict_pointers(model, [], [0.5], 0.5), Thresholds())
    assert len(decoded.subjects) == len(decoded.objects) == 0
