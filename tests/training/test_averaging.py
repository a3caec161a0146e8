"""The averaged weights, against the sum written out."""

import pytest
import torch
from torch import nn

from ckgqa.training.averaging import WeightAverage


def test_the_average_is_the_recursion_written_out():
    model = nn.Linear(1, 1, bias=False)
    average = WeightAverage(model, decay=0.5)
    wanted = float(model.weight.detach())
    for n, value in enumerate((1.0, 4.0, -2.0), start=1):
        nn.init.constant_(model.weight, value)
        average.update()
        decay = min(0.5, (1 + n) / (10 + n))
        wanted = decay * wanted + (1 - decay) * value
    assert average.average[0].item() == pytest.approx(wanted)


def test_the_average_stands_in_the_model_for_the_block_alone():
    model = nn.Linear(2, 2)
    average = WeightAverage(model, decay=0.9)
    average.load([torch.zeros(2, 2), torch.zeros(2)])
    with average.applied():
        assert model.weight.detach().abs().sum() > 0
    assert model.weight.detach().abs().sum() == 0
