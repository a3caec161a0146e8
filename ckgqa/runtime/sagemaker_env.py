"""Map SageMaker's folders and variables to flags, so that a program runs the same on SageMaker and elsewhere.

Source: "Amazon SageMaker AI: how SageMaker provides training information" and "custom inference code with hosting
services".
"""

import json
import os
from collections.abc import Sequence
from dataclasses import Field
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import option_of

SAGEMAKER_ROOT = Path("/opt/ml")
CHECKPOINT_VARIABLE = "CKGQA_CHECKPOINT_DIR"
RUN_VARIABLE = "CKGQA_RUN"


def implied_arguments(fields: Sequence[Field[object]], kinds: dict[str, str], root: Path = SAGEMAKER_ROOT) -> list[str]:
    """Return the flags that the environment of a task implies; an unknown environment implies none.

    A setting `checkpoint_dir` gets a folder that outlives the process: the one in `CKGQA_CHECKPOINT_DIR`, which a
    pipeline's runner sets, or SageMaker's. A setting `run` gets the name of the run from `CKGQA_RUN`, which the runner
    sets too. The other flags come from a SageMaker training job.

    Args:
        fields: the fields of the command's settings.
        kinds: field name -> `input`, `output`, `value` or `setting`.
        root: SageMaker's folder.
    """
    arguments = _training_job_arguments(fields, kinds, root)
    if any(field.name == "checkpoint_dir" for field in fields):
        if named := os.environ.get(CHECKPOINT_VARIABLE):
            arguments += ["--checkpoint-dir", named]
        elif (root / "checkpoints").is_dir():
            arguments += ["--checkpoint-dir", str(root / "checkpoints")]
    if any(field.name == "run" for field in fields) and (named := os.environ.get(RUN_VARIABLE)):
        arguments += ["--run", named]
    return arguments


def service_arguments(
    command: str, fields: Sequence[Field[object]], kinds: dict[str, str], root: Path = SAGEMAKER_ROOT
) -> list[str]:
    """Return the flags that the environment implies for a service: SageMaker starts `serve` without any.

    If `/opt/ml/model` exists, it holds the model. The variable `CKGQA_SERVE_MAX_BATCH` sets the setting `max_batch` of
    the command `serve`: a SageMaker model can carry settings only in variables.

    Args:
        command: the command's name.
        fields: the fields of its settings.
        kinds: field name -> `input`, `output`, `value` or `setting`.
        root: SageMaker's folder.

    Raises:
        InputError: a variable names no setting of the command.
    """
    names = {field.name for field in fields}
    arguments: list[str] = []
    if kinds.get("model") == "input" and (root / "model").is_dir():
        arguments += ["--model", str(root / "model")]
    prefix = f"CKGQA_{command.upper()}_"
    for variable, value in sorted(os.environ.items()):
        if variable.startswith(prefix):
            name = variable.removeprefix(prefix).lower()
            if name not in names:
                raise InputError(f"{variable}: `{command}` has no setting {name!r}; it has {', '.join(sorted(names))}")
            arguments += [option_of(name), value]
    return arguments


def _training_job_arguments(fields: Sequence[Field[object]], kinds: dict[str, str], root: Path) -> list[str]:
    """Return the flags that a SageMaker training job implies; without its folder, none.

    Channels become the input flags of the same name, `/opt/ml/model` the output flag `--model`, every other output a
    folder below `/opt/ml/output/data`, and hyperparameters (all strings) the settings of the same name.
    """
    config = root / "input" / "config"
    if not config.is_dir():
        return []
    written = config / "hyperparameters.json"
    values: dict[str, str] = json.loads(written.read_text(encoding="utf-8")) if written.is_file() else {}
    names = {field.name for field in fields}
    # Skip SageMaker's own hyperparameters. Any other unknown one stops the program, as an unknown flag does in a shell.
    ours = {name: value for name, value in sorted(values.items()) if not name.startswith("sagemaker_")}
    arguments = [text for name, value in ours.items() for text in (option_of(name), str(value))]
    for name in sorted(names):
        if kinds[name] == "input" and (root / "input" / "data" / name).is_dir():
            arguments += [option_of(name), str(root / "input" / "data" / name)]
        elif kinds[name] in {"output", "value"}:
            target = root / "model" if name == "model" else root / "output" / "data" / name
            arguments += [option_of(name), str(target)]
    return arguments


def write_failure(reason: str, root: Path = SAGEMAKER_ROOT) -> None:
    """Write the reason of a failure to the file that SageMaker reads, if its folder exists."""
    folder = root / "output"
    if folder.is_dir():
        (folder / "failure").write_text(reason, encoding="utf-8")
