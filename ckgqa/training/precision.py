"""bf16 if the device multiplies it natively: the setting becomes a context for the forward pass."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch

from ckgqa.training.choices import Bf16

# Instructions that multiply bf16 on the processor; without them it is emulated, and slower than fp32.
CPU_INFO = Path("/proc/cpuinfo")
CPU_FLAGS = {"avx512_bf16", "amx_bf16"}


def uses_bf16(setting: Bf16, device: torch.device) -> bool:
    """Decide whether to compute in bf16: `auto` does if the device multiplies bf16 natively."""
    if setting != "auto":
        return setting == "on"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return CPU_INFO.is_file() and bool(CPU_FLAGS & set(CPU_INFO.read_text(encoding="utf-8").split()))


def forward_precision(bf16: bool, device: torch.device) -> AbstractContextManager[object]:
    """Return the context in which the forward pass runs; weights and sums stay fp32."""
    return torch.autocast(device.type, torch.bfloat16) if bf16 else nullcontext()
