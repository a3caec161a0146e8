"""The size of oneDNN's cache of compiled kernels, which causes most growth of a training's memory on a processor."""

import os

VARIABLE = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
# A step uses some 30 kernels and seldom needs those of another step again, since its shapes differ. The library's own
# 1024 take 430 MB, and their scattered allocations leave holes between the tensors: after 480 steps of CasRel the
# process had 2.4 GB, with 64 it has 1.5 GB, at the same speed.
CAPACITY = "64"


def limit_kernel_cache() -> None:
    """Limit oneDNN's cache of kernels, unless the caller's environment sets its size.

    Call it before the first computation: the library reads the variable once.
    """
    os.environ.setdefault(VARIABLE, CAPACITY)
