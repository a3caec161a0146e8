"""Fits a calibration to answers whose truth is known: a logistic regression, and a monotone curve behind it."""

import math
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from ckgqa_answer.confidence import NAMES, Calibration, Signs

LEAST_EXAMPLES = 50
"""Fewer answers teach nothing; the weights set by hand stay."""
RIDGE = 1.0
"""Pull of the weights towards those set by hand: what the examples do not tell stays as it was."""
STEPS = 50
SURE, SURE_RIGHT = 0.9, 0.96
"""Of the answers at `SURE` and above this share must be right on the fitted questions, a little more than is promised
(0.95), since others are a little harder."""
BELOW_SURE = 0.89


def fit(examples: Sequence[tuple[Signs, bool]], fitted_on: str) -> Calibration:
    """Fit weights and curve.

    Args:
        examples: the signs of each answer, and whether it was right.
        fitted_on: names the questions.

    Returns:
        The calibration; the one set by hand where there are too few examples or all are alike.
    """
    by_hand = Calibration()
    if len(examples) < LEAST_EXAMPLES or len({right for _, right in examples}) < 2:
        return by_hand
    weights = _logistic(
        [[1.0, *(getattr(signs, name) for name in NAMES)] for signs, _ in examples],
        [float(right) for _, right in examples],
        [by_hand.bias, *(by_hand.weights[name] for name in NAMES)],
    )
    fitted = Calibration(dict(zip(NAMES, weights[1:], strict=True)), weights[0], (), fitted_on)
    scored = sorted((fitted.raw(signs), right) for signs, right in examples)
    return Calibration(fitted.weights, fitted.bias, cautious(monotone(scored), scored), fitted_on)


def monotone(scored: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Give the rising curve that is nearest to the truth: points (mean score, share right) of pooled neighbours.

    Args:
        scored: scores and truths, sorted.

    Source: pool adjacent violators, Ayer et al. 1955.
    """
    pools: list[tuple[float, float, int]] = []  # sum of scores, number right, number
    for _, alike in groupby(scored, key=itemgetter(0)):
        truths = list(alike)
        pools.append((sum(score for score, _ in truths), float(sum(right for _, right in truths)), len(truths)))
        while len(pools) > 1 and pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]:
            one, other = pools.pop(), pools.pop()
            pools.append((one[0] + other[0], one[1] + other[1], one[2] + other[2]))
    # One imagined right and one imagined wrong answer keep a small pool from saying 0 or 1.
    points = [(total / count, (right + 1.0) / (count + 2.0)) for total, right, count in pools]
    return [(x, max(y for _, y in points[: at + 1])) for at, (x, y) in enumerate(points)]


def cautious(curve: Sequence[tuple[float, float]], scored: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """Bend a curve so that what it puts at `SURE` and above is right often enough, as far as `scored` tells.

    Args:
        curve: rising.
        scored: scores and truths, sorted.
    """
    before = Calibration(curve=curve)
    sure = [right for score, right in scored if before.corrected(score) >= SURE]
    if sum(sure) >= SURE_RIGHT * len(sure):
        return list(curve)
    least = _least_sure(scored)
    if least is None:
        return [(x, min(y, BELOW_SURE)) for x, y in curve]
    low = [(x, min(y, BELOW_SURE)) for x, y in curve if x < least]
    high = [(x, max(y, SURE)) for x, y in curve if x > least]
    return [*low, (math.nextafter(least, 0.0), BELOW_SURE), (least, max(before.corrected(least), SURE)), *high]


def _least_sure(scored: Sequence[tuple[float, bool]]) -> float | None:
    """Find the least score from which on enough answers are right; None where there is none."""
    found, right = None, 0
    for number, (score, truth) in enumerate(reversed(scored), start=1):
        right += truth
        last_of_its_score = number == len(scored) or scored[-number - 1][0] < score
        if last_of_its_score and right >= SURE_RIGHT * number:
            found = score
    return found


def _logistic(rows: list[list[float]], truths: list[float], prior: list[float]) -> list[float]:
    """Find the weights by Newton's steps, with a ridge round the prior."""
    weights = list(prior)
    size = len(prior)
    for _ in range(STEPS):
        gradient = [RIDGE * (weights[at] - prior[at]) for at in range(size)]
        hessian = [[RIDGE if line == column else 0.0 for column in range(size)] for line in range(size)]
        for row, truth in zip(rows, truths, strict=True):
            total = sum(weight * value for weight, value in zip(weights, row, strict=True))
            share = 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, total))))
            for line, value in enumerate(row):
                gradient[line] += (share - truth) * value
                spread = share * (1.0 - share) * value
                for column in range(line + 1):
                    hessian[line][column] += spread * row[column]
        for line in range(size):
            for column in range(line):
                hessian[column][line] = hessian[line][column]
        step = _solved(hessian, gradient)
        weights = [weight - move for weight, move in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-8:
            break
    return weights


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve a positive definite system by elimination."""
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        for below in range(at + 1, size):
            factor = rows[below][at] / rows[at][at]
            rows[below] = [one - factor * other for one, other in zip(rows[below], rows[at], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        rest = sum(rows[at][column] * found[column] for column in range(at + 1, size))
        found[at] = (rows[at][size] - rest) / rows[at][at]
    return found
