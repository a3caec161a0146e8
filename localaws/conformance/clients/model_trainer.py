"""The SDK's `ModelTrainer`, as its documentation shows it: code from a folder of this machine, data of both kinds."""

import tempfile
from pathlib import Path
from typing import Any

from client import Settings, run_client
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, SourceCode, StoppingCondition

SCRIPT = """
import os, pathlib
text = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "rows").read_text()
pathlib.Path(os.environ["SM_MODEL_DIR"], "weights").write_text(text * int(os.environ["SM_HP_EPOCHS"]))
print("trained", flush=True)
"""


def see(settings: Settings) -> dict[str, Any]:
    """Train with a script of our own."""
    with tempfile.TemporaryDirectory() as folder:
        source, data = Path(folder, "source"), Path(folder, "data")
        source.mkdir()
        data.mkdir()
        (source / "train.py").write_text(SCRIPT)
        (data / "rows").write_text("row\n")
        trainer = ModelTrainer(
            training_image=settings.image,
            role=settings.role,
            base_job_name=settings.name,
            source_code=SourceCode(source_dir=str(source), entry_script="train.py"),
            compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=1),
            stopping_condition=StoppingCondition(max_runtime_in_seconds=86400),
            hyperparameters={"epochs": 2},
        )
        trainer.train(input_data_config=[InputData(channel_name="train", data_source=str(data))], logs=True)
    job = trainer._latest_training_job  # noqa: SLF001 -- the documentation's own way to the job
    job.refresh()
    return {
        "status": job.training_job_status,
        "reason": str(job.failure_reason or ""),
        "model": job.model_artifacts.s3_model_artifacts,
    }


if __name__ == "__main__":
    run_client(see)
