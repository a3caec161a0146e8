"""Fits a calibration to answers of known truth: a logistic regression, and a monotone curve over its result."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from ckgqa_answer.confidence.calibration import Calibration, load_calibration
from ckgqa_answer.confidence.features import FEATURE_NAMES, ConfidenceFeatures

MIN_EXAMPLES = 50
"""With fewer answers the hand-tuned weights stay."""
RIDGE = 1.0
"""Strength of the prior: without evidence, a weight stays at its hand-tuned value."""
MAX_STEPS = 50
TOLERANCE = 1e-8
HIGH_CONFIDENCE, HIGH_CONFIDENCE_ACCURACY = 0.9, 0.96
"""At least this share of the fitted answers at `HIGH_CONFIDENCE` and above must be right; the README promises a little
less (0.95), since other questions are a little harder."""
BELOW_HIGH_CONFIDENCE = 0.89
MAX_UNSURE_LOSS = 0.003
"""Share of the questions whose right reply the status `unsure` may cost."""
MAX_UNSURE_BELOW = 0.3
"""From here on an answer is given, however doubtful: on a graph that a machine read, every third fact may be wrong."""
Point = tuple[float, float]


def fit(examples: Sequence[tuple[ConfidenceFeatures, bool]], fitted_on: str) -> Calibration:
    """Fit weights and curve.

    Args:
        examples: the features of each answer, and whether it was right.
        fitted_on: names the questions.

    Returns:
        The calibration; the hand-tuned one if there are too few examples or all have the same truth.
    """
    prior = Calibration()
    if len(examples) < MIN_EXAMPLES or len({right for _, right in examples}) < 2:
        return prior
    labelled = [(features, right) for features, right in examples if features.least_fact_score >= 1.0]
    fact_curve: Sequence[Point] = load_calibration("").fact_curve
    if len(labelled) < MIN_EXAMPLES or len({right for _, right in labelled}) < 2:
        # Then the weights learn what a fact is worth in the mean.
        labelled, fact_curve = list(examples), ((0.0, 1.0), (1.0, 1.0))
    weights = _logistic(
        [[1.0, *(getattr(features, name) for name in FEATURE_NAMES)] for features, _ in labelled],
        [float(right) for _, right in labelled],
        [prior.bias, *(prior.weights[name] for name in FEATURE_NAMES)],
    )
    fitted = Calibration(dict(zip(FEATURE_NAMES, weights[1:], strict=True)), weights[0])
    scored = sorted((fitted.raw(features), right) for features, right in labelled)
    curve = [(0.0, 0.0), *cap_overconfidence(monotone(scored), scored)]
    return replace(fitted, curve=curve, fact_curve=fact_curve, fitted_on=fitted_on)


def unsure_threshold(answers: Sequence[tuple[float, bool, bool]], questions: int) -> float:
    """Choose the confidence below which a reply is not given as an answer.

    Args:
        answers: of each answer its confidence, whether it is right, and whether silence would be right.
        questions: number of questions asked, those without an answer too.

    Returns:
        The highest threshold, at most `MAX_UNSURE_BELOW`, up to which silence costs at most `MAX_UNSURE_LOSS`.
    """
    threshold, lost = 0.0, 0
    for confidence, group in groupby(sorted(answers), key=itemgetter(0)):
        if lost <= MAX_UNSURE_LOSS * questions:
            threshold = confidence
        lost += sum(right - silence_is_right for _, right, silence_is_right in group)
    if lost <= MAX_UNSURE_LOSS * questions:
        threshold = MAX_UNSURE_BELOW
    return round(min(threshold, MAX_UNSURE_BELOW), 4)


def monotone(scored: Sequence[tuple[float, bool]]) -> list[Point]:
    """Fit a monotone curve by isotonic regression: points (mean score, share right) of pooled neighbours.

    Args:
        scored: scores and truths, sorted.

    Source: pool adjacent violators, Ayer et al. 1955.
    """
    pools: list[tuple[float, float, int]] = []  # sum of scores, number right, number
    for _, group in groupby(scored, key=itemgetter(0)):
        equal = list(group)
        pools.append((sum(score for score, _ in equal), float(sum(right for _, right in equal)), len(equal)))
        while len(pools) > 1 and pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]:
            upper, lower = pools.pop(), pools.pop()
            pools.append((upper[0] + lower[0], upper[1] + lower[1], upper[2] + lower[2]))
    # Laplace smoothing keeps a small pool away from 0 and 1.
    points = [(total / count, (right + 1.0) / (count + 2.0)) for total, right, count in pools]
    return [(x, max(y for _, y in points[: at + 1])) for at, (x, y) in enumerate(points)]


def cap_overconfidence(curve: Sequence[Point], scored: Sequence[tuple[float, bool]]) -> list[Point]:
    """Lower a curve so that enough of the answers at `HIGH_CONFIDENCE` and above are right.

    Args:
        curve: rising.
        scored: scores and truths, sorted.
    """
    uncapped = Calibration(curve=curve)
    confident = [right for score, right in scored if uncapped.corrected(score) >= HIGH_CONFIDENCE]
    if sum(confident) >= HIGH_CONFIDENCE_ACCURACY * len(confident):
        return list(curve)
    threshold = _confident_from(scored)
    if threshold is None:
        return [(x, min(y, BELOW_HIGH_CONFIDENCE)) for x, y in curve]
    low = [(x, min(y, BELOW_HIGH_CONFIDENCE)) for x, y in curve if x < threshold]
    high = [(x, max(y, HIGH_CONFIDENCE)) for x, y in curve if x > threshold]
    step = [
        (math.nextafter(threshold, 0.0), BELOW_HIGH_CONFIDENCE),
        (threshold, max(uncapped.corrected(threshold), HIGH_CONFIDENCE)),
    ]
    return [*low, *step, *high]


def _confident_from(scored: Sequence[tuple[float, bool]]) -> float | None:
    """Find the least score from which on enough answers are right; None if there is none."""
    threshold, right = None, 0
    for number, (score, truth) in enumerate(reversed(scored), start=1):
        right += truth
        last_of_its_score = number == len(scored) or scored[-number - 1][0] < score
        if last_of_its_score and right >= HIGH_CONFIDENCE_ACCURACY * number:
            threshold = score
    return threshold


def _logistic(rows: list[list[float]], truths: list[float], prior: list[float]) -> list[float]:
    """Fit a logistic regression by Newton's method, with a ridge around the prior."""
    weights = list(prior)
    size = len(prior)
    for _ in range(MAX_STEPS):
        gradient = [RIDGE * (weights[at] - prior[at]) for at in range(size)]
        hessian = [[RIDGE if line == column else 0.0 for column in range(size)] for line in range(size)]
        for row, truth in zip(rows, truths, strict=True):
            total = sum(weight * value for weight, value in zip(weights, row, strict=True))
            predicted = 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, total))))
            for line, value in enumerate(row):
                gradient[line] += (predicted - truth) * value
                variance = predicted * (1.0 - predicted) * value
                for column in range(line + 1):
                    hessian[line][column] += variance * row[column]
        for line in range(size):
            for column in range(line):
                hessian[column][line] = hessian[line][column]
        step = _solve(hessian, gradient)
        weights = [weight - change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < TOLERANCE:
            break
    return weights


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve a positive definite system by Gaussian elimination."""
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for pivot in range(size):
        for below in range(pivot + 1, size):
            factor = rows[below][pivot] / rows[pivot][pivot]
            rows[below] = [value - factor * other for value, other in zip(rows[below], rows[pivot], strict=True)]
    solution = [0.0] * size
    for at in reversed(range(size)):
        rest = sum(rows[at][column] * solution[column] for column in range(at + 1, size))
        solution[at] = (rows[at][size] - rest) / rows[at][at]
    return solution
