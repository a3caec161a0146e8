"""The setting of bf16: on and off are obeyed, auto asks the processor."""

from pathlib import Path

import pytest
import torch

from ckgqa.training import precision
from ckgqa.training.precision import forward_precision, uses_bf16

CPU = torch.device("cpu")


@pytest.mark.parametrize(("flags", "pays"), [("fpu avx2", False), ("avx2 avx512_bf16", True), ("amx_bf16", True)])
def test_auto_takes_bf16_where_the_processor_multiplies_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, pays: bool
):
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : {flags}\n")
    monkeypatch.setattr(precision, "CPU_INFO", tmp_path / "cpuinfo")
    assert uses_bf16("auto", CPU) == pays
    assert uses_bf16("on", CPU)
    assert not uses_bf16("off", CPU)


def test_matrices_are_multiplied_in_bf16_inside_alone():
    ones = torch.ones(2, 2)
    with forward_precision(bf16=True, device=CPU):
        assert (ones @ ones).dtype == torch.bfloat16
    with forward_precision(bf16=False, device=CPU):
        assert (ones @ ones).dtype == torch.float32
