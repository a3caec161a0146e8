"""The temperature of the intent's probabilities, so that 9 of 10 intents predicted with 0.9 are right."""

from collections.abc import Sequence

import numpy as np

from ckgqa_train_jointbert.inference.predictions import softmax

# Never below 1: a validation split of wordings that were learnt would ask for more certainty than new ones deserve.
TEMPERATURES = tuple(round(1.05**step, 4) for step in range(26))  # 1 to 3.4


def choose_temperature(logits: np.ndarray, classes: np.ndarray, heads: Sequence[int]) -> float:
    """Choose the temperature that minimizes the negative log-likelihood of the labels.

    Args:
        logits: of the heads side by side, (questions, sum of `heads`).
        classes: the right class of each head, (questions, number of heads).
        heads: number of classes of each head.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599.
    """
    by_head = np.split(logits.astype(np.float64), np.cumsum(heads)[:-1], axis=1)
    rows = np.arange(len(logits))

    def negative_log_likelihood(temperature: float) -> float:
        likelihoods = [softmax(head / temperature)[rows, classes[:, n]] for n, head in enumerate(by_head)]
        return -float(np.log(np.maximum(likelihoods, np.finfo(np.float64).tiny)).sum())

    return min(TEMPERATURES, key=negative_log_likelihood)
