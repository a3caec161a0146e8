"""Several processes take the steps of one."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ckgqa.runtime.errors import InputError
from ckgqa.training.distributed import Processes, choose_device

TOY = Path(__file__).parent / "toy.py"
# The sums are taken in another order, and that is all: single precision keeps seven digits.
TOLERANCE = 1e-5


@pytest.mark.parametrize("count", [2, 3])
def test_gloo_processes_match_one_at_the_same_total_batch(tmp_path: Path, count: int):
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    for command in ([sys.executable], launch):
        subprocess.run([*command, str(TOY), str(tmp_path)], check=True, timeout=600)
    one = torch.load(tmp_path / "0-of-1.pt")
    for rank in range(count):
        several = torch.load(tmp_path / f"{rank}-of-{count}.pt")
        for mine, others in zip(several, one, strict=True):
            torch.testing.assert_close(mine, others, rtol=TOLERANCE, atol=TOLERANCE)


def test_the_shares_of_a_batch_are_the_batch():
    shares = [Processes(rank, 3, torch.device("cpu")).share(range(8)) for rank in range(3)]
    assert sorted(item for share in shares for item in share) == list(range(8))


def test_auto_takes_what_there_is_and_cuda_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto").type == "cpu"
    with pytest.raises(InputError, match="expected cpu or auto, since no GPU is visible here"):
        choose_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [choose_device(name).type for name in ("auto", "cpu", "cuda")] == ["cuda", "cpu", "cuda"]
