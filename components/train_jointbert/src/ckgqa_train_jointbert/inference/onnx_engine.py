"""Runs model.onnx by ONNX Runtime, without any training library."""

import os
from pathlib import Path

import numpy as np
import onnxruntime

from ckgqa.runtime.errors import InputError
from ckgqa_train_jointbert.inference.predictions import JointBertLogits

# Linux writes a container's limit of processors here: "max 100000" or "150000 100000", in microseconds.
CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")
ERRORS_ONLY = 3  # of ONNX Runtime's own log


class OnnxEngine:
    """Implements `predictor.InferenceEngine`.

    Args:
        path: model.onnx.
        threads: number of threads that compute; 0 takes as many as there are usable processors.

    Raises:
        InputError: the file is missing, or ONNX Runtime cannot run it.
    """

    # Small, so that a batch groups questions of similar length with little padding: for 6 layers of 768 a question
    # took 7.2, 6.6, 6.3, 6.5, 6.7 ms at 64, 128, 192, 256, 512.
    batch_characters = 192

    def __init__(self, path: Path, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or usable_processors()
        options.inter_op_num_threads = 1
        options.log_severity_level = ERRORS_ONLY
        # Between two batches the threads leave the processors to the HTTP server instead of a busy wait.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        if not path.is_file():
            raise InputError(f"{path} is missing, so there is nothing to run; copy the whole folder of `train`")
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's exceptions have no common base but this one
            raise InputError(f"{path}: not a model that ONNX Runtime can run ({error!r:.200})") from error

    @property
    def classes(self) -> tuple[int, int]:
        """The number of the intent's classes, over all heads, and of tags."""
        intents, tags = (output.shape[-1] for output in self._session.get_outputs())
        return intents, tags

    def run(self, ids: np.ndarray) -> JointBertLogits:
        """Compute the logits of questions; ids (B, T + 2) int32."""
        intents, tags = self._session.run(["intents", "tags"], {"ids": ids})
        return JointBertLogits(intents, tags[:, 1:-1])


def usable_processors() -> int:
    """Count the processors that this process may use, within a container's limit and OMP_NUM_THREADS."""
    count = len(os.sched_getaffinity(0))
    if CGROUP_LIMIT.is_file():
        quota, _, period = CGROUP_LIMIT.read_text(encoding="ascii").partition(" ")
        if quota.isdigit():
            count = min(count, max(1, round(int(quota) / int(period))))
    omp_threads = os.environ.get("OMP_NUM_THREADS", "")
    return min(count, max(1, int(omp_threads))) if omp_threads.isdigit() else count
