"""Decoding of whole batches at once, against brute force: window by window, pair by pair, label by label."""

import numpy as np
import pytest
import torch
from ckgqa_train_casrel import pointing
from ckgqa_train_casrel.batches import Pairs, collate
from ckgqa_train_casrel.building import bilstm, casrel
from ckgqa_train_casrel.config import Architecture
from ckgqa_train_casrel.examples import Encoded, encode
from ckgqa_train_casrel.model import CasRel
from ckgqa_train_casrel.pointing import decode, point
from ckgqa_train_casrel.thresholds import Thresholds
from ckgqa_train_casrel.vocabulary import learn_vocabulary

LABELS = 4
Span = tuple[int, int]


@pytest.fixture
def windows() -> list[Encoded]:
    draw = np.random.default_rng(3)
    texts = ["".join(draw.choice(list("山河星海王李明华《》，"), size=draw.integers(1, 30))) for _ in range(25)]
    vocabulary = learn_vocabulary(texts, 1, 50, 1)
    return [encode(text, vocabulary) for text in texts]


@pytest.fixture
def model(windows: list[Encoded]) -> CasRel:
    """An untrained model whose pointers are scattered round one half."""
    torch.manual_seed(5)
    sizes = Architecture("bilstm", 32, 1, 2, 16, 8, 4, 0.0, 0.0, "concat")
    vocabulary = learn_vocabulary(["山河星海王李明华《》，"], 1, 50, 1)
    # The ids of `windows` reach farther than this vocabulary's pairs: room for all.
    built = casrel(bilstm(sizes, vocabulary), sizes, vocabulary.unknown, LABELS)
    built.encoder.pairs = torch.nn.Embedding(200, 8)
    for pointers in (built.subject_pointers, built.object_pointers):
        torch.nn.init.normal_(pointers.weight, std=0.8)
        torch.nn.init.constant_(pointers.bias, -0.7)
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


def by_brute_force(model: CasRel, window: Encoded, thresholds: Thresholds) -> set[tuple[Span, int, Span]]:
    """Run one window, one subject and one label at a time."""
    inputs = collate([window], torch.device("cpu"))
    states, n = model.encode(inputs), len(window)
    subject = model.point_to_subjects(states, inputs.mask).sigmoid()[0, :n]
    found = set()
    for span in pairs_by_brute_force(subject[:, 0].tolist(), subject[:, 1].tolist(), thresholds.subject):
        pair = Pairs(torch.tensor([0]), torch.tensor([span]))
        chances = model.point_to_objects(states, model.object_states(states, inputs.mask), inputs.mask, pair)
        chances = chances.sigmoid()[0, :n]
        for label in range(LABELS):
            columns = chances[:, 2 * label].tolist(), chances[:, 2 * label + 1].tolist()
            found |= {(span, label, other) for other in pairs_by_brute_force(*columns, thresholds.object)}
    return found


def vectorised(model: CasRel, windows: list[Encoded], thresholds: Thresholds, grid: list[float], floor: float):
    """Return, for each window, what `by_brute_force` returns for it."""
    with torch.inference_mode():
        pointed = point(model, windows, grid, floor)
    decoded = decode(pointed, thresholds)
    subjects = list(zip(decoded.subjects.starts.tolist(), decoded.subjects.ends.tolist(), strict=True))
    found = [set() for _ in windows]
    spans = decoded.objects
    for group, start, end in zip(spans.groups.tolist(), spans.starts.tolist(), spans.ends.tolist(), strict=True):
        pair, label = divmod(group, LABELS)
        found[decoded.subjects.groups[pair]].add((subjects[pair], label, (start, end)))
    return found


@pytest.mark.parametrize("thresholds", [Thresholds(0.5, 0.5), Thresholds(0.3, 0.6), Thresholds(0.6, 0.35)])
def test_a_batch_decodes_as_brute_force_does(model: CasRel, windows: list[Encoded], thresholds: Thresholds):
    wanted = [by_brute_force(model, window, thresholds) for window in windows]
    assert sum(map(len, wanted)) > 50
    assert vectorised(model, windows, thresholds, [thresholds.subject], thresholds.object) == wanted


def test_one_run_of_the_model_serves_every_threshold_of_a_grid(model: CasRel, windows: list[Encoded]):
    grid = [0.3, 0.45, 0.6]
    for thresholds in (Thresholds(0.3, 0.45), Thresholds(0.45, 0.3), Thresholds(0.6, 0.6)):
        alone = vectorised(model, windows, thresholds, [thresholds.subject], thresholds.object)
        assert vectorised(model, windows, thresholds, grid, 0.3) == alone


def test_cutting_the_pairs_into_passes_changes_nothing(
    model: CasRel, windows: list[Encoded], monkeypatch: pytest.MonkeyPatch
):
    whole = vectorised(model, windows, Thresholds(), [0.5], 0.5)
    monkeypatch.setattr(pointing, "PAIR_POSITIONS", 64)
    monkeypatch.setattr(pointing, "BATCH_POSITIONS", 100)
    assert vectorised(model, windows, Thresholds(), [0.5], 0.5) == whole


def test_the_sentences_part_is_computed_once_a_batch_however_many_passes_its_pairs_take(
    model: CasRel, windows: list[Encoded], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pointing, "PAIR_POSITIONS", 64)
    batches, passes = [], []
    model.object_states.register_forward_hook(lambda *_: batches.append(1))
    model.object_conv.register_forward_hook(lambda *_: passes.append(1))
    vectorised(model, windows, Thresholds(), [0.5], 0.5)
    assert len(batches) == 1 < len(passes)


def test_nothing_to_read_gives_nothing(model: CasRel):
    decoded = decode(point(model, [], [0.5], 0.5), Thresholds())
    assert len(decoded.subjects) == len(decoded.objects) == 0
