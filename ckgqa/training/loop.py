"""The training loop: epochs of steps, the choice of the best epoch, checkpoints, restarts, processes, metrics.

    with join(device) as processes:
        result = fit(task, settings, identity, processes)

Steps are counted, and everything random is derived from (seed, epoch, step, rank). So a checkpoint needs no state of
any generator, and an interrupted run ends with the same weights as an uninterrupted one.
"""

import logging
import math
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter
from torch.utils.tensorboard import SummaryWriter

from ckgqa.runtime.errors import StageError
from ckgqa.runtime.log import log_metrics
from ckgqa.runtime.progress import Progress
from ckgqa.training.averaging import WeightAverage
from ckgqa.training.checkpoint import load_checkpoint, save_checkpoint
from ckgqa.training.distributed import Processes
from ckgqa.training.precision import forward_precision, uses_bf16
from ckgqa.training.task import LoopSettings, TrainingResult, TrainingTask

logger = logging.getLogger(__name__)


def fit(
    task: TrainingTask, settings: LoopSettings, identity: Mapping[str, object], processes: Processes
) -> TrainingResult:
    """Train the task's model, and resume from a checkpoint if there is one.

    Args:
        task: the model with its data, already on `processes.device`.
        settings: length, schedule, precision, checkpoints.
        identity: the settings and the hash of the data; a checkpoint of another identity is rejected.
        processes: this process among those that train.

    Raises:
        InputError: the checkpoint is broken or of another run.
        StageError: the loss became infinite or NaN.
    """
    return _Run(task, settings, identity, processes).finish()


class _Run:
    """One run of the loop, and all of its state."""

    def __init__(
        self, task: TrainingTask, settings: LoopSettings, identity: Mapping[str, object], processes: Processes
    ) -> None:
        self.task, self.settings, self.identity, self.processes = task, settings, identity, processes
        groups = task.parameter_groups()
        self.parameters: list[Parameter] = [p for group in groups for p in group.parameters]
        self.rates = [group.learning_rate for group in groups]
        self.optimizer = torch.optim.AdamW(
            [{"params": list(g.parameters), "lr": g.learning_rate, "weight_decay": g.weight_decay} for g in groups],
            fused=True,
        )
        self.average = WeightAverage(task.model, settings.ema_decay)
        self.bf16 = uses_bf16(settings.bf16, processes.device)
        self.epoch = self.step = 0
        self.loss_sum = self.weight_sum = 0.0
        self.history: list[dict[str, float]] = []
        self.best: list[Tensor] = []
        self.best_epoch = 0
        self.saved_at = time.monotonic()

    def finish(self) -> TrainingResult:
        """Run the remaining epochs, and load the best weights into the model."""
        self._resume()
        with ExitStack() as stack:
            board = self.settings.tensorboard_folder if self.processes.is_main_process else None
            writer = stack.enter_context(SummaryWriter(str(board), purge_step=self.epoch + 1)) if board else None
            while self.epoch < self.settings.epochs and not self._stalled():
                self._run_epoch(writer)
        self.average.load(self.best)
        return TrainingResult(self.best_epoch, tuple(self.history))

    def _run_epoch(self, writer: SummaryWriter | None) -> None:
        batches = self.task.batches(self.epoch)
        started, done = time.monotonic(), 0
        with Progress(sum(map(len, batches)), self.task.unit, f"epoch-{self.epoch + 1}") as progress:
            progress.advance(sum(map(len, batches[: self.step])))
            for batch in batches[self.step :]:
                self._take_step(batch, (self.epoch + self.step / len(batches)) / self.settings.epochs)
                self.step += 1
                done += len(batch)
                progress.advance(len(batch))
                self._save_when_due()
        rate = done / max(time.monotonic() - started, 1e-9)
        self._close_epoch(writer, rate)

    def _take_step(self, batch: Sequence[int], share_done: float) -> None:
        """Take one optimizer step: on this process's share of a batch, with the gradients of all processes summed."""
        torch.manual_seed(step_seed(self.settings.seed, self.epoch, self.step, self.processes.rank))
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * rate_factor(share_done, self.settings.warmup_fraction)
        self.task.model.train()
        weight = self.task.weight(batch)
        share = self.processes.share(batch)
        loss = torch.zeros((), device=self.processes.device)
        if share:
            with forward_precision(self.bf16, self.processes.device):
                loss = self.task.loss(share)
            torch.autograd.backward(loss / weight)
        self.processes.sum_gradients(self.parameters)
        torch.nn.utils.clip_grad_norm_(self.parameters, self.settings.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.average.update()
        self._count_loss(float(self.processes.sum(loss.detach().float())), weight)

    def _count_loss(self, loss: float, weight: float) -> None:
        if not math.isfinite(loss):
            raise StageError(
                f"the loss is {loss} in epoch {self.epoch + 1}, step {self.step + 1}: training has diverged; "
                "try a lower --learning-rate, or --bf16 off"
            )
        self.loss_sum += loss
        self.weight_sum += weight

    def _close_epoch(self, writer: SummaryWriter | None, rate: float) -> None:
        """Validate the averaged weights, copy them if they are the best, and log the figures."""
        metrics: dict[str, float] = {}
        with self.average.applied():
            if self.processes.is_main_process:
                self.task.model.eval()
                with torch.inference_mode(), forward_precision(self.bf16, self.processes.device):
                    metrics = dict(self.task.validate())
        metrics = self.processes.broadcast_from_main(metrics)
        loss = self.loss_sum / max(self.weight_sum, 1e-9)
        self.history.append({"epoch": self.epoch + 1, "loss": loss, **metrics})
        monitor = self.task.monitor
        if not self.best or metrics[monitor] > self.history[self.best_epoch - 1][monitor]:
            self.best, self.best_epoch = [w.clone() for w in self.average.average], self.epoch + 1
        if self.processes.is_main_process:
            log_metrics(logger, **self.history[-1], items_per_second=rate)
        if writer:
            for name, value in [*self.history[-1].items(), ("items_per_second", rate)]:
                writer.add_scalar(name, value, self.epoch + 1)
        self.epoch, self.step = self.epoch + 1, 0
        self.loss_sum = self.weight_sum = 0.0

    def _stalled(self) -> bool:
        """Return whether patience is exhausted; it is not counted while the monitored figure is 0."""
        learned = bool(self.best) and self.history[self.best_epoch - 1][self.task.monitor] > 0
        return learned and self.epoch - self.best_epoch >= self.settings.patience

    def _save_when_due(self) -> None:
        folder = self.settings.checkpoint_folder
        due = time.monotonic() - self.saved_at >= self.settings.checkpoint_minutes * 60
        if folder is None or not due or not self.processes.is_main_process:
            return
        save_checkpoint(folder, self.identity, self._state())
        self.saved_at = time.monotonic()

    def _state(self) -> dict[str, object]:
        return {
            "model": self.task.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": self.average.average,
            "average_steps": self.average.steps,
            "epoch": self.epoch,
            "step": self.step,
            "loss_sum": self.loss_sum,
            "weight_sum": self.weight_sum,
            "history": self.history,
            "best": self.best,
            "best_epoch": self.best_epoch,
        }

    def _resume(self) -> None:
        folder = self.settings.checkpoint_folder
        state = load_checkpoint(folder, self.identity) if folder else None
        if state is None:
            return
        self.task.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average.restore(state["average"], state["average_steps"])
        self.best = [weights.to(self.processes.device) for weights in state["best"]]
        self.epoch, self.step, self.best_epoch = state["epoch"], state["step"], state["best_epoch"]
        self.loss_sum, self.weight_sum, self.history = state["loss_sum"], state["weight_sum"], state["history"]
        logger.info("resuming from %s: epoch %d, step %d", folder, self.epoch + 1, self.step + 1)


def rate_factor(share_done: float, warmup_fraction: float) -> float:
    """Return the learning rate's factor: a linear warm-up from 0 to 1, then half a cosine down to 0.

    Args:
        share_done: share of all steps that is done, 0 to 1.
        warmup_fraction: share of all steps in which the rate grows.
    """
    if share_done < warmup_fraction:
        return share_done / warmup_fraction
    return 0.5 * (1 + math.cos(math.pi * (share_done - warmup_fraction) / (1 - warmup_fraction)))


def step_seed(seed: int, epoch: int, step: int, rank: int) -> int:
    """Derive the seed of one process's step, so that no two steps share a seed."""
    return int(np.random.SeedSequence((seed, epoch, step, rank)).generate_state(1, np.uint64)[0] >> np.uint64(1))
