"""The record of a run, `manifest.json` in its folder: what was run on what, and how far it came.

A run's folder:
    manifest.json  report.md  pipeline.yaml     what was run, what came of it, the pipeline as executed
    inputs/raw/ inputs/texts/ inputs/encoder/   copies of what was given
    tasks/<task>/<key>/                         a task's outputs, for one program, settings and content of its inputs
    logs/<task>.log  logs/pipeline.log          what the stages and KFP's orchestrator said
    checkpoints/<task>/<key>/                   of a training that has not ended
    notification/                               there when the gate failed or the run broke
    lock                                        held by the process that runs it

No file of it has the user and password of an address: `--resume` wants an argument that has them again.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from ckgqa.runtime.artefacts import MANIFEST_JSON, RUN
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file
from ckgqa.runtime.jsonlines import read_json, write_json
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.progress import ProgressLine

TaskState = Literal["waiting", "running", "retrying", "done", "cached", "failed", "interrupted", "skipped"]
RunState = Literal["running", "done", "gate-failed", "failed", "interrupted"]


@dataclass
class InputRecord:
    """One input of the run; the run's folder holds a copy."""

    sources: list[str]
    """Where it was given: absolute paths."""
    hash: str
    """SHA-256 over its names and bytes."""


@dataclass
class TaskRecord:
    """How one task of the run went."""

    state: TaskState = "waiting"
    seconds: float = 0.0
    """Wall time of the attempt that counts; of the earlier run where the result was taken from it."""
    image: str = ""
    program: str = ""
    """Hash of the program that ran."""
    key: str = ""
    """Hash of program, arguments and contents of the inputs: the same key gives the same outputs."""
    attempts: int = 0
    exit_code: int | None = None
    error: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    """The last value of each `name=value` that the stage logged."""
    outputs: dict[str, str] = field(default_factory=dict)
    """Output -> path below the run's folder, or the value of a parameter."""


@dataclass
class RunRecord:
    """One run, and the state of its tasks; every change of a task's state is written at once."""

    folder: Path
    pipeline: str
    target: str
    given: dict[str, Any]
    """The pipeline's arguments as given; for the others its own defaults hold."""
    withheld: list[str] = field(default_factory=list)
    """Which of them have a user and password, which the manifest leaves out."""
    settings: dict[str, Any] = field(default_factory=dict)
    """All arguments, defaults included."""
    inputs: dict[str, InputRecord] = field(default_factory=dict)
    commit: str = ""
    version: str = ""
    """Of ckgqa."""
    edited_pipeline: str = ""
    """The file given by --pipeline; empty where the pipeline was compiled for the run."""
    state: RunState = "running"
    started: str = ""
    finished: str = ""
    seconds: float = 0.0
    reason: str = ""
    """Why it ended as it did, where it did not end well."""
    order: list[str] = field(default_factory=list)
    """The tasks' names, as the pipeline reads."""
    tasks: dict[str, TaskRecord] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.progress: dict[str, ProgressLine] = {}
        self.listeners: list[Callable[[str], None]] = []

    @property
    def name(self) -> str:
        """The run's name: that of its folder."""
        return self.folder.name

    def change(self, task: str, **changes: object) -> None:
        """Change fields of a task's record, write the manifest, and tell the listeners which task it was."""
        for name, value in changes.items():
            setattr(self.tasks[task], name, value)
        self.save()
        for listener in self.listeners:
            listener(task)

    def show_progress(self, task: str, line: ProgressLine) -> None:
        """Keep how far a running task is, for those who show it."""
        self.progress[task] = line
        for listener in self.listeners:
            listener(task)

    def output(self, task: str, name: str) -> Path | None:
        """Return where an output artefact of a task is; None when the task has not ended well."""
        kept = self.tasks.get(task)
        if kept is None or kept.state not in {"done", "cached"} or name not in kept.outputs:
            return None
        return self.folder / kept.outputs[name]

    def save(self) -> None:
        """Write the manifest, whole or not at all, without the user and password of any address."""
        content = asdict(self)
        del content["folder"]
        with atomic_file(self.folder / MANIFEST_JSON) as work:
            write_json(work, _masked({"format": RUN.name, "format_version": RUN.version, **content}))


def read_record(folder: Path) -> RunRecord:
    """Read the record of an earlier run.

    Raises:
        InputError: the folder holds no run, or one of another version.
    """
    if not (folder / MANIFEST_JSON).is_file():
        raise InputError(f"{folder}: no run there (no {MANIFEST_JSON}); `ckgqa runs list` names those there are")
    found: dict[str, Any] = dict(read_json(folder / MANIFEST_JSON))
    if (found.pop("format", None), found.pop("format_version", None)) != RUN:
        raise InputError(f"{folder}: not the record of a run that this version reads ({RUN})")
    try:
        kept = found.pop("tasks")
        tasks = {name: TaskRecord(**kept[name]) for name in found["order"]}
        inputs = {name: InputRecord(**one) for name, one in found.pop("inputs").items()}
        return RunRecord(folder=folder, tasks=tasks, inputs=inputs, **found)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"{folder / MANIFEST_JSON}: not the whole record of a run ({error!r})") from error


def find_run(runs: Path, name: str, pipeline: str = "") -> Path:
    """Return the folder of a run given by its name, its folder, or as `last`, the one begun last.

    Args:
        runs: folder of the runs.
        name: what people call it.
        pipeline: whose last run is meant; empty for any.

    Raises:
        InputError: there is no such run.
    """
    if name == "last":
        for manifest in sorted(runs.glob(f"*/{MANIFEST_JSON}"), reverse=True):
            folder = manifest.parent.absolute()
            if not pipeline or _pipeline_of(folder) == pipeline:
                return folder
        raise InputError(f"{runs}: no run {f'of {pipeline} ' if pipeline else ''}there yet")
    folder = runs / name if (runs / name).is_dir() else Path(name)
    if not folder.is_dir():
        raise InputError(f"there is no run {name!r} in {runs}; `ckgqa runs list` names those there are")
    return folder.absolute()


def _pipeline_of(folder: Path) -> str:
    """Return whose run it is; empty for one that this version does not read."""
    try:
        return read_record(folder).pipeline
    except InputError:
        return ""


def has_credentials(value: object) -> bool:
    """Tell whether an address in a text has a user or password."""
    return isinstance(value, str) and without_credentials(value) != value


def _masked(value: object) -> object:
    """Hide the user and password of every address in the texts of a JSON value."""
    match value:
        case dict():
            return {key: _masked(one) for key, one in value.items()}
        case list():
            return [_masked(one) for one in value]
        case str():
            return without_credentials(value)
    return value
