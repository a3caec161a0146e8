"""Check the settings and inputs of every task before the first one runs, by the tasks' own programs.

The settings of each task are made as its program makes them, and its check reads the inputs from outside of the run to
their ends. What other tasks make does not exist yet: a check passes over it.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineSpec

from ckgqa.bundle import ROOT
from ckgqa.execution.compilation.task_inputs import TaskInputs, find_task_inputs
from ckgqa.execution.compilation.task_settings import stage_command
from ckgqa.execution.inputs import GIVEN_BY_RUN, INPUTS, InputFiles, InputSources
from ckgqa.execution.user_words import UserWords, flags_of_user
from ckgqa.runtime.errors import InputError, StageError, stage_error
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.jsonlines import canonical_json
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.program import NOT_SET, Command
from ckgqa.runtime.progress import LINE_PERIOD_S, Progress, parse_progress
from ckgqa.runtime.settings import flags_of, option_of, refusal

logger = logging.getLogger(__name__)

PENDING = "made-by-another-task"
"""Name of a path that does not exist: it stands for what another task makes."""


@dataclass(frozen=True)
class CheckedInput:
    """One input of the run as a check reads it."""

    path: Path
    """Where it lies for the check."""
    hash: str
    """SHA-256 over its content; empty if the input is absent."""
    words: Mapping[Path, str]
    """Paths in it -> what the user named."""


def link_input(name: str, sources: InputSources, files: InputFiles, folder: Path) -> CheckedInput:
    """Lay out an input as the run's folder will hold it, with links in place of copies.

    Args:
        name: of the input.
        sources: what the user named.
        files: what is copied: file or folder by its name in the folder of the input.
        folder: the folder to make.

    Raises:
        InputError: a file is a link to nothing.
    """
    for source in files.values():
        _refuse_broken_links(name, source)
    folder.mkdir(parents=True)
    for inner, source in files.items():
        (folder / inner).parent.mkdir(parents=True, exist_ok=True)
        (folder / inner).symlink_to(source.absolute())
    words = {folder / inner: str(source) for inner, source in files.items()}
    named = ", ".join(map(str, sources)) or NOT_SET
    hashes = {inner: tree_hash(source) for inner, source in sorted(files.items())}
    digest = hashlib.sha256(canonical_json(hashes).encode()).hexdigest()
    return CheckedInput(INPUTS[name].path_in(folder), digest, {**words, folder: named})


def _refuse_broken_links(name: str, source: Path) -> None:
    for path in [source, *(source.rglob("*") if source.is_dir() else ())]:
        if path.is_symlink() and not path.exists():
            raise InputError(refusal(option_of(name), path, "a file, not a link to a file that does not exist"))


def check_tasks(
    spec: PipelineSpec,
    arguments: Mapping[str, object],
    inputs: Mapping[str, CheckedInput],
    *,
    before: Mapping[str, str],
    say: Callable[[str], None],
    stages: Path = ROOT / "components",
) -> dict[str, str]:
    """Check every task whose program can be imported here.

    Args:
        spec: the compiled pipeline.
        arguments: value by the name of a pipeline parameter, defaults included.
        inputs: the inputs of the run by name.
        before: the checks that an earlier start of the run has passed, as this function returned them; they are not
            repeated.
        say: prints the progress of a long check.
        stages: the folder of the stages.

    Returns:
        Task -> hash of the program, the settings and the inputs that passed.

    Raises:
        StageError: a setting or an input is wrong, or the machine refuses; the message is in the user's words.
    """
    passed: dict[str, str] = {}
    for task in find_task_inputs(spec, arguments):
        command = stage_command(spec, task.task, stages)
        if command is None:
            continue
        given = {name: GIVEN_BY_RUN.get(parameter, "") for name, parameter in task.artefacts.items()}
        read = {name: inputs[own] for name, own in given.items() if own in inputs}
        paths = {path: text for one in read.values() for path, text in one.words.items()}
        words = UserWords(flags_of_user(task), paths)
        with _translated(words):
            settings = _settings(command, task, read)
            if settings is None or not read:
                continue
            key = _key(task, command, settings, {name: one.hash for name, one in read.items()})
            if before.get(task.task.name) != key:
                with _progress(say):
                    _check(command, settings)
            passed[task.task.name] = key
    return passed


def _settings(command: Command, task: TaskInputs, read: Mapping[str, CheckedInput]) -> object | None:
    """Make the settings of a task; None if a required value comes from another task."""
    values: dict[str, object] = {}
    for flag in flags_of(command.settings):
        if flag.name in read:
            values[flag.name] = read[flag.name].path
        elif flag.name in task.artefacts or flag.kind in {"output", "value"}:
            values[flag.name] = Path(PENDING) / flag.name
        elif flag.name in task.values:
            values[flag.name] = task.values[flag.name]
        elif flag.required:
            return None
    return command.settings(**values)


def _check(command: Command, settings: object) -> None:
    try:
        command.check_inputs(settings)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("ckgqa"):
            raise
        logger.warning("the inputs are not checked before the run, since the package %s is missing", error.name)


def _key(task: TaskInputs, command: Command, settings: object, hashes: Mapping[str, str]) -> str:
    """Hash what a check depends on; the image's tag is a hash of the program."""
    is_named = {flag.name for flag in flags_of(command.settings) if flag.is_path and flag.type is str}
    named = [Path(str(getattr(settings, name))) for name in sorted(is_named)]
    files = [tree_hash(path) for path in named if path.is_absolute() and path.exists()]
    content = [task.task.image, command.name, dict(task.values), files, dict(hashes)]
    # The run's record keeps the hash, and no secret may be guessed from it.
    return hashlib.sha256(without_credentials(canonical_json(content)).encode()).hexdigest()


@contextmanager
def _translated(words: UserWords) -> Iterator[None]:
    """Raise the errors of a stage in the user's words."""
    try:
        yield
    except (StageError, OSError) as error:
        named = stage_error(error)
        if named is None:
            raise
        raise type(named)(words.translate(str(named))) from error


class _ProgressLines(logging.Handler):
    """Prints the progress that a stage logs, every few seconds."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._say, self._said = say, time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        line = parse_progress(record.getMessage())
        if line is not None and time.monotonic() - self._said >= LINE_PERIOD_S:
            self._said = time.monotonic()
            total = f" of {line.total:,}" if line.total else ""
            self._say(f"checking the inputs: {line.title} {line.done:,}{total} {line.unit}")


@contextmanager
def _progress(say: Callable[[str], None]) -> Iterator[None]:
    """Print the progress of a check where no bar is drawn; the other lines of its log stay away."""
    progress = logging.getLogger(Progress.__module__)
    handler, level = _ProgressLines(say), progress.level
    progress.addHandler(handler)
    progress.setLevel(logging.INFO)
    propagate, progress.propagate = progress.propagate, False
    try:
        yield
    finally:
        progress.removeHandler(handler)
        progress.setLevel(level)
        progress.propagate = propagate
