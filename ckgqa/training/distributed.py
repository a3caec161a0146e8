"""Several processes that train one model: `torchrun` starts them, this module joins them.

Each process takes its share of every batch, and the gradients are summed over all: with the losses divided by the
whole batch's weight, any number of processes takes the same step as one (up to the order of floating-point sums).
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn import Parameter

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import refusal

Item = TypeVar("Item")


@dataclass(frozen=True)
class Processes:
    """This process among all that train together; a single process if torchrun did not start it."""

    rank: int
    count: int
    device: torch.device

    @property
    def is_main_process(self) -> bool:
        """Whether this process validates, logs and writes for all."""
        return self.rank == 0

    def share(self, batch: Sequence[Item]) -> Sequence[Item]:
        """Return this process's part of a whole batch."""
        return batch[self.rank :: self.count]

    def sum_gradients(self, parameters: Sequence[Parameter]) -> None:
        """Replace every gradient by its sum over all processes; a missing gradient counts as zeros."""
        if self.count == 1:
            return
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
        dist.all_reduce(flat)
        for parameter, part in zip(parameters, torch.split(flat, [g.numel() for g in gradients]), strict=True):
            parameter.grad = part.view_as(parameter)

    def sum(self, value: Tensor) -> Tensor:
        """Return the sum of a number over all processes."""
        if self.count > 1:
            dist.all_reduce(value)
        return value

    def broadcast_from_main(self, value: Item) -> Item:
        """Return the main process's value in every process; the others' own values are ignored."""
        if self.count == 1:
            return value
        values = [value]
        dist.broadcast_object_list(values, src=0)
        return values[0]


@contextmanager
def join(device: str) -> Iterator[Processes]:
    """Join the processes that torchrun started, or train alone.

    Args:
        device: `cpu`, `cuda`, or `auto` for a GPU if there is one.

    Raises:
        InputError: the device is `cuda` and there is no GPU.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    torch_device = choose_device(device)
    if count == 1:
        yield Processes(0, 1, torch_device)
        return
    if torch_device.type == "cuda":
        torch_device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(torch_device)
    dist.init_process_group("nccl" if torch_device.type == "cuda" else "gloo")
    try:
        yield Processes(dist.get_rank(), count, torch_device)
    finally:
        dist.destroy_process_group()


def choose_device(device: str) -> torch.device:
    """Turn `auto`, `cpu` or `cuda` into a device.

    Raises:
        InputError: the device is `cuda` and there is no GPU.
    """
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise InputError(refusal("--device", device, "cpu or auto, since no GPU is visible here"))
    return torch.device("cuda" if device != "cpu" and available else "cpu")
