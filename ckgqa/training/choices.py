"""Choices of a training's settings; apart from torch, so that contracts and `--help` need none."""

from typing import Literal

Bf16 = Literal["auto", "on", "off"]
Device = Literal["auto", "cpu", "cuda"]
