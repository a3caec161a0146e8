"""The SDK's `Processor` and `ScriptProcessor`, as its documentation shows them."""

import tempfile
from pathlib import Path
from typing import Any

from client import Settings, run_client
from sagemaker.core.processing import Processor, ScriptProcessor
from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"
SCRIPT = f"""
import pathlib, sys
pathlib.Path("{OUTPUT}/shouted").write_text(sys.argv[1] + pathlib.Path("{INPUT}/rows").read_text().upper())
"""


def see(settings: Settings) -> dict[str, Any]:
    """Process with a command, and its output with a script of this machine."""
    base = f"s3://{settings.bucket}/{settings.name}"
    common = {"role": settings.role, "image_uri": settings.image, "instance_type": "ml.m5.large", "instance_count": 1}
    processor = Processor(
        **common, entrypoint=["sh", "-c", f"echo $ROW > {OUTPUT}/rows"], env={"ROW": "row"}, volume_size_in_gb=1
    )
    processor.run(outputs=[_output("rows", f"{base}/rows")], logs=True)
    scripted = ScriptProcessor(**common, command=["python3"], base_job_name=settings.name, volume_size_in_gb=1)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "shout.py")
        script.write_text(SCRIPT)
        source = ProcessingS3Input(
            s3_uri=f"{base}/rows", local_path=INPUT, s3_data_type="S3Prefix", s3_input_mode="File"
        )
        scripted.run(
            code=str(script),
            inputs=[ProcessingInput(input_name="rows", s3_input=source)],
            outputs=[_output("shouted", f"{base}/shouted")],
            arguments=["!"],
            logs=False,
        )
    jobs = [processor.latest_job, scripted.latest_job]
    return {"status": [job.refresh().processing_job_status for job in jobs]}


def _output(name: str, uri: str) -> ProcessingOutput:
    s3_output = ProcessingS3Output(s3_uri=uri, local_path=OUTPUT, s3_upload_mode="EndOfJob")
    return ProcessingOutput(output_name=name, s3_output=s3_output)


if __name__ == "__main__":
    run_client(see)
