"""Which numbers to multiply in: bf16 where the machine is really faster with it, else fp32.

CPUs differ by a factor of a thousand here (with AVX512-BF16 or AMX bf16 is several times faster than fp32, without
them a hundred times slower), and nothing reports it reliably, so it is measured once per process. Parameters,
gradients and optimizer state are fp32 in any case.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Literal

import torch

Precision = Literal["auto", "fp32", "bf16"]

_CLEARLY_FASTER = 1.5
_PROBE_SIZE = 512


def compute_dtype(precision: Precision, device: torch.device) -> torch.dtype:
    """The type that matrix products run in on this device."""
    if precision == "auto":
        fast = torch.cuda.is_bf16_supported() if device.type == "cuda" else bf16_speedup() > _CLEARLY_FASTER
        return torch.bfloat16 if fast else torch.float32
    return torch.bfloat16 if precision == "bf16" else torch.float32


@cache
def bf16_speedup() -> float:
    """How many times faster than fp32 this CPU multiplies matrices in bf16, measured once, in milliseconds."""
    return _seconds(torch.float32) / _seconds(torch.bfloat16)


def _seconds(dtype: torch.dtype) -> float:
    """Best of three products, after one that warms up; the slow case takes about half a second in all."""
    a = torch.ones(_PROBE_SIZE, _PROBE_SIZE, dtype=dtype)
    best = float("inf")
    for _ in range(4):
        start = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - start)
    return best
