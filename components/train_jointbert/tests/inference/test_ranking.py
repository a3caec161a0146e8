"""The most probable intents are those of a brute-force search over all valid intents."""

import itertools

import numpy as np
import pytest
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.inference.ranking import TOP_INTENTS, rank_intents

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent

STEPS = ("主演/@value", "妻子/@value", "导演/@value", "导演/subject", "饰演/@value", "饰演/inWork")


def brute_force(row: list[np.ndarray], labels: Labels) -> dict[str, float]:
    """Multiply the probabilities of all combinations that `Intent` accepts."""
    ranking = {}
    for kind, first, second in itertools.product(labels.kinds, labels.step_classes, labels.step_classes):
        if second and not first:
            continue
        try:
            intent = Intent.of_parts(kind, first, second)
        except InputError:
            continue
        ids = labels.intent_ids(intent)
        ranking[intent.label] = float(np.prod([head[number] for head, number in zip(row, ids, strict=True)]))
    return dict(sorted(ranking.items(), key=lambda item: -item[1])[:TOP_INTENTS])


@pytest.mark.parametrize("kinds", [("list", "count", "yes_no", "outside"), ("outside", "list"), ("list",)])
@pytest.mark.parametrize("seed", range(10))
def test_the_ranking_equals_that_of_a_search_over_all(seed: int, kinds: tuple[str, ...]):
    labels = Labels(kinds, STEPS, ("subject",))
    rng = np.random.default_rng(seed)
    sizes = (len(kinds), len(STEPS) + 1, len(STEPS) + 1)
    heads = [rng.dirichlet(np.full(size, 0.4), size=8) for size in sizes]
    for row, ranking in enumerate(rank_intents(*heads, labels)):
        wanted = brute_force([head[row] for head in heads], labels)
        assert list(ranking) == list(wanted)
        assert list(ranking.values()) == pytest.approx(list(wanted.values()))


def test_few_labels_are_all_ranked():
    labels = Labels(("outside", "list"), ("导演/@value",), ())
    (ranking,) = rank_intents(np.array([[0.4, 0.6]]), np.array([[0.3, 0.7]]), np.array([[0.9, 0.1]]), labels)
    assert ranking == pytest.approx({
        "list:导演/@value": 0.378, "outside": 0.108, "list:导演/@value>导演/@value": 0.042,
    })  # fmt: skip
