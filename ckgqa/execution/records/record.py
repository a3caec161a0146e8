"""The record of a run, `manifest.json` in its folder: the inputs, the settings, and the state of each task.

A run's folder:
    manifest.json  report.md  pipeline.yaml     the record, the results, the pipeline as executed
    inputs/raw/ inputs/texts/ inputs/encoder/   copies of the inputs
    tasks/<task>/<key>/                         a task's outputs, for one program, settings and content of its inputs
    logs/<task>.log  logs/pipeline.log          the logs of the stages and of KFP's orchestrator
    checkpoints/<task>/<key>/                   of a training that has not ended
    notification/                               if the gate failed or the run failed
    lock                                        held by the process that runs it

No file of a run has the user and password of an address: `--resume` needs such an argument again.
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
from ckgqa.runtime.settings import refusal

TaskState = Literal["waiting", "running", "retrying", "done", "cached", "failed", "interrupted", "skipped"]
LAST = "last"
"""The name that means the run that started last, or the graph of the newest run that has one."""
RunState = Literal["running", "done", "gate-failed", "failed", "interrupted"]


@dataclass
class InputRecord:
    """One input of the run; the run's folder holds a copy."""

    sources: list[str]
    """Absolute paths of what was copied."""
    hash: str
    """SHA-256 over names and bytes."""


@dataclass
class TaskRecord:
    """The state of one task of the run."""

    state: TaskState = "waiting"
    seconds: float = 0.0
    """Wall time of the last attempt; for a cached result, that of the attempt that made it."""
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
    """One run, and the state of its tasks; every change of a state is written at once."""

    folder: Path
    pipeline: str
    target: str
    given: dict[str, Any]
    """Arguments of the pipeline that were set; the others have the pipeline's own defaults."""
    task_settings: dict[str, Any] = field(default_factory=dict)
    """Settings of single tasks that were set: value by `TASK.NAME`."""
    withheld: list[str] = field(default_factory=list)
    """Arguments with a user and password, which the manifest leaves out."""
    settings: dict[str, Any] = field(default_factory=dict)
    """All arguments, defaults included."""
    inputs: dict[str, InputRecord] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    """Task -> hash of the program, settings and inputs that were checked before the first task."""
    commit: str = ""
    version: str = ""
    """Of ckgqa."""
    edited_pipeline: str = ""
    """The file of --pipeline; empty if the pipeline was compiled for the run."""
    state: RunState = "running"
    started: str = ""
    finished: str = ""
    seconds: float = 0.0
    reason: str = ""
    """Why the run failed or stopped; empty if it succeeded."""
    order: list[str] = field(default_factory=list)
    """Names of the tasks, in the order of the pipeline."""
    tasks: dict[str, TaskRecord] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.progress: dict[str, ProgressLine] = {}
        self.listeners: list[Callable[[str], None]] = []

    @property
    def name(self) -> str:
        """The run's name: that of its folder."""
        return self.folder.name

    def change(self, task: str, **changes: object) -> None:
        """Change fields of a task's record, write the manifest, and notify the listeners."""
        for name, value in changes.items():
            setattr(self.tasks[task], name, value)
        self.save()
        for listener in self.listeners:
            listener(task)

    def show_progress(self, task: str, line: ProgressLine) -> None:
        """Store the progress of a running task and notify the listeners."""
        self.progress[task] = line
        for listener in self.listeners:
            listener(task)

    def output(self, task: str, name: str) -> Path | None:
        """Return the path of an output artefact of a task; None unless the task has succeeded."""
        entry = self.tasks.get(task)
        if entry is None or entry.state not in {"done", "cached"} or name not in entry.outputs:
            return None
        return self.folder / entry.outputs[name]

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
        raise InputError(f"{folder}: expected a run's folder, but it has no {MANIFEST_JSON}; see `ckgqa runs list`")
    content: dict[str, Any] = dict(read_json(folder / MANIFEST_JSON))
    if (content.pop("format", None), content.pop("format_version", None)) != RUN:
        raise InputError(f"{folder}: not the record of a run that this version reads ({RUN})")
    try:
        entries = content.pop("tasks")
        tasks = {name: TaskRecord(**entries[name]) for name in content["order"]}
        inputs = {name: InputRecord(**entry) for name, entry in content.pop("inputs").items()}
        return RunRecord(folder=folder, tasks=tasks, inputs=inputs, **content)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"{folder / MANIFEST_JSON}: expected the complete record of a run ({error!r})") from error


def find_run(runs: Path, name: str, pipeline: str = "", option: str = "RUN") -> Path:
    """Return the folder of a run.

    Args:
        runs: folder of the runs.
        name: name or folder of the run, or `last`, the run that started last.
        pipeline: the pipeline whose last run is meant; empty for any.
        option: the flag or the argument that names the run, for the refusal.

    Raises:
        InputError: there is no such run.
    """
    if name == LAST:
        for manifest in sorted(runs.glob(f"*/{MANIFEST_JSON}"), reverse=True):
            folder = manifest.parent.absolute()
            if not pipeline or _pipeline_of(folder) == pipeline:
                return folder
        raise InputError(f"{runs}: no run {f'of {pipeline} ' if pipeline else ''}there yet")
    folder = runs / name if (runs / name).is_dir() else Path(name)
    if not folder.is_dir():
        raise InputError(refusal(option, name, f"a run in {runs}, or a folder; `ckgqa runs list` lists the runs"))
    return folder.absolute()


def _pipeline_of(folder: Path) -> str:
    """Return the pipeline of a run; empty for a record that this version does not read."""
    try:
        return read_record(folder).pipeline
    except InputError:
        return ""


def has_credentials(value: object) -> bool:
    """Return whether a text holds an address with a user or password."""
    return isinstance(value, str) and without_credentials(value) != value


def _masked(value: object) -> object:
    """Hide the user and password of every address in the texts of a JSON value."""
    match value:
        case dict():
            return {key: _masked(item) for key, item in value.items()}
        case list():
            return [_masked(item) for item in value]
        case str():
            return without_credentials(value)
    return value
