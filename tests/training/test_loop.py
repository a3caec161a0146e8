"""The loop's promises, on a line through points: restarts, the best epoch, early stop, clipping, metrics."""

import logging
import math
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from toy import LineTask, loop_settings, weights

from ckgqa.runtime.errors import InputError, StageError
from ckgqa.training.checkpoint import NAME
from ckgqa.training.distributed import Processes
from ckgqa.training.loop import fit, rate_factor, step_seed
from ckgqa.training.task import LoopSettings, TrainingResult

ALONE = Processes(0, 1, torch.device("cpu"))
STEPS_AN_EPOCH = 7  # 40 points in batches of 6


def run(task: LineTask, settings: LoopSettings) -> TrainingResult:
    return fit(task, settings, {"name": "line"}, ALONE)


# In the first epoch, at its end, in the middle of a later one, and in the last step of all.
@pytest.mark.parametrize("die_at", [1, 3, STEPS_AN_EPOCH, STEPS_AN_EPOCH + 1, 18, 4 * STEPS_AN_EPOCH])
def test_a_restart_ends_with_the_weights_of_an_unbroken_run(tmp_path: Path, die_at: int):
    unbroken = LineTask()
    wanted = run(unbroken, loop_settings())
    settings = loop_settings(checkpoint_folder=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run(LineTask(die_at=die_at), settings)
    resumed = LineTask()
    assert run(resumed, settings) == wanted
    assert resumed.losses < 4 * STEPS_AN_EPOCH or die_at == 1
    for mine, others in zip(weights(resumed), weights(unbroken), strict=True):
        assert torch.equal(mine, others)


def test_a_finished_run_started_again_takes_no_step_more_than_the_checkpoint_lacks(tmp_path: Path):
    settings = loop_settings(checkpoint_folder=tmp_path)
    first, second = LineTask(), LineTask()
    assert run(first, settings) == run(second, settings)
    assert second.losses == 0


def test_checkpoints_are_written_no_more_often_than_asked(tmp_path: Path):
    run(LineTask(), loop_settings(checkpoint_folder=tmp_path, checkpoint_minutes=10.0))
    assert not (tmp_path / NAME).exists()


def test_a_checkpoint_of_other_settings_is_refused_with_both_values(tmp_path: Path):
    settings = loop_settings(checkpoint_folder=tmp_path)
    run(LineTask(), settings)
    with pytest.raises(InputError, match=r"name=line, and this one has name=curve.*to start afresh, remove"):
        fit(LineTask(), settings, {"name": "curve"}, ALONE)


def test_the_best_epoch_is_kept_and_training_stops_when_none_is_better():
    task = LineTask(scores=[0.2, 0.6, 0.5, 0.6, 0.4])
    result = run(task, loop_settings(epochs=9, patience=3))
    assert result.best_epoch == 2
    assert [entry["score"] for entry in result.history] == [0.2, 0.6, 0.5, 0.6, 0.4]
    for kept, validated in zip(weights(task), task.validated[1], strict=True):
        assert torch.equal(kept, validated)


def test_patience_is_counted_from_the_first_figure_above_0():
    task = LineTask(scores=[0.0, 0.0, 0.0, 0.0, 0.1, 0.1, 0.1, 0.9])
    result = run(task, loop_settings(epochs=8, patience=2))
    assert [entry["score"] for entry in result.history] == [0.0, 0.0, 0.0, 0.0, 0.1, 0.1, 0.1]
    assert result.best_epoch == 5


def test_without_averaging_the_last_weights_are_kept():
    task = LineTask(scores=[0.1, 0.2, 0.3, 0.4])
    averaged = LineTask(scores=[0.1, 0.2, 0.3, 0.4])
    run(task, loop_settings(ema_decay=0.0))
    run(averaged, loop_settings(ema_decay=0.9))
    assert not torch.equal(weights(task)[0], weights(averaged)[0])


def test_no_step_is_longer_than_the_clipped_gradient(monkeypatch: pytest.MonkeyPatch):
    longest: list[float] = []
    step = torch.optim.AdamW.step

    def watched(self: torch.optim.AdamW) -> None:
        gradients = [p.grad for group in self.param_groups for p in group["params"]]
        longest.append(float(torch.cat([g.flatten() for g in gradients]).norm()))
        step(self)

    monkeypatch.setattr(torch.optim.AdamW, "step", watched)
    run(LineTask(), loop_settings(clip_norm=0.05))
    assert max(longest) == pytest.approx(0.05, rel=1e-3)


def test_a_loss_that_runs_away_stops_the_run_and_says_what_to_try():
    task = LineTask(noise=math.inf)
    with pytest.raises(StageError, match=r"epoch 1, step 2.*lower --learning-rate"):
        run(task, loop_settings())


def test_metrics_are_log_lines_and_tensorboard_curves(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    result = run(LineTask(scores=[0.5, 0.25]), loop_settings(epochs=2, tensorboard_folder=tmp_path))
    lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith("epoch=")]
    assert [line.split()[0] for line in lines] == ["epoch=1", "epoch=2"]
    assert "score=0.25" in lines[1]
    events = EventAccumulator(str(tmp_path)).Reload()
    assert [(e.step, e.value) for e in events.Scalars("score")] == [(1, 0.5), (2, 0.25)]
    assert [e.value for e in events.Scalars("loss")] == pytest.approx([entry["loss"] for entry in result.history])


def test_progress_counts_all_items_of_every_epoch(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    run(LineTask(), loop_settings(epochs=2))
    for epoch in (1, 2):
        assert f"progress title=epoch-{epoch} done=40 total=40 unit=points" in caplog.text


def test_bf16_computes_in_another_precision():
    plain, short = LineTask(), LineTask()
    run(plain, loop_settings(bf16="off"))
    run(short, loop_settings(bf16="on"))
    assert not torch.equal(weights(plain)[0], weights(short)[0])


def test_the_learning_rate_rises_in_a_line_and_falls_as_a_cosine():
    shares = (0.0, 0.05, 0.1, 0.55, 1.0)
    assert [rate_factor(share, 0.1) for share in shares] == pytest.approx([0.0, 0.5, 1.0, 0.5, 0.0])


def test_no_two_steps_and_no_two_processes_share_a_seed():
    seeds = {step_seed(s, e, n, r) for s in range(2) for e in range(5) for n in range(20) for r in range(4)}
    assert len(seeds) == 2 * 5 * 20 * 4
