"""How many compiled kernels oneDNN keeps: on a processor they are most of what a training's memory grows by."""

import os

VARIABLE = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
# A step uses some 30 and seldom meets those of another step again, since its shapes differ. The library's own 1024 take
# 430 MB, and what lies scattered among the tensors leaves holes between them: after 480 steps of CasRel the process had
# 2.4 GB, with 64 it has 1.5 GB, at the same speed.
KEPT = "64"


def keep_few_kernels() -> None:
    """Have oneDNN keep fewer kernels, unless the caller's environment says how many.

    Call it before anything is computed: the library looks once.
    """
    os.environ.setdefault(VARIABLE, KEPT)
