"""The run request, and its preparation: validate everything first, then write."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineSpec

from ckgqa.bundle.checkout import commit
from ckgqa.execution import inputs
from ckgqa.execution.compilation import ir, lint
from ckgqa.execution.compilation.compiler import compile_pipeline
from ckgqa.execution.compilation.parameters import check_parameters
from ckgqa.execution.compilation.task_settings import apply_settings, list_settings, read_settings
from ckgqa.execution.early_checks import CheckedInput, check_tasks, link_input
from ckgqa.execution.inputs import GIVEN_BY_RUN
from ckgqa.execution.local.executor import ExecutorName
from ckgqa.execution.records.record import RunRecord, find_run, has_credentials, read_record
from ckgqa.images.plan import pinned
from ckgqa.runtime.artefacts import MANIFEST_JSON
from ckgqa.runtime.clock import time_stamp, utc_now
from ckgqa.runtime.errors import InputError, ServiceError, require
from ckgqa.runtime.files import atomic_file
from ckgqa.runtime.settings import option_of, refusal

logger = logging.getLogger(__name__)

PIPELINE = "pipeline.yaml"


@dataclass(frozen=True)
class Request:
    """What the command line asks for; in a resumed run, what is absent stays as it was."""

    pipeline: str
    runs: Path
    """The folder that holds the runs."""
    inputs: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """Files and folders by the name of the input."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the pipeline."""
    task_settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of single tasks: text by `TASK.NAME`."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Defaults of this machine, which replace those of the pipeline for the parameters that it has."""
    target: ExecutorName | None = None
    """None: `docker` if an engine answers, otherwise `process`."""
    resume: str | None = None
    """Name or folder of an earlier run, or `last`."""
    edited_pipeline: Path | None = None
    """A compiled pipeline to execute in place of a fresh one."""


def begin(request: Request, target: ExecutorName) -> RunRecord:
    """Read the run to resume, or make the record of a new run.

    Raises:
        InputError: there is no such run, it is of another pipeline, or a required argument is absent.
    """
    for name in GIVEN_BY_RUN.keys() & request.settings.keys():
        allowed = f"another parameter; {option_of(GIVEN_BY_RUN[name])} sets this input"
        raise InputError(refusal("--set", name, allowed))
    if request.resume is None:
        return RunRecord(_new_folder(request.runs), request.pipeline, target, dict(request.settings))
    record = read_record(find_run(request.runs, request.resume, request.pipeline, "--resume"))
    if record.pipeline != request.pipeline:
        raise InputError(f"{record.folder}: this is a run of {record.pipeline}, not of {request.pipeline}")
    for name in sorted(set(record.withheld) - set(request.settings)):
        raise InputError(f"{record.folder}: runs store no passwords, so --resume needs {option_of(name)} again")
    record.given = {**record.given, **request.settings}
    record.target = target
    return record


def prepare(record: RunRecord, request: Request, say: Callable[[str], None]) -> None:
    """Check the whole request, then copy the inputs and the pipeline into the run's folder.

    Args:
        record: of the run.
        request: what the command line asks for.
        say: prints the progress of a long check.

    Raises:
        InputError: the request is wrong; a run that was to be resumed is unchanged.
    """
    folder = record.folder / "inputs"
    with tempfile.TemporaryDirectory(prefix="ckgqa-pipeline-") as work:
        pipeline = _pipeline(record, request.edited_pipeline, Path(work))
        task_settings = {**record.task_settings, **read_settings(ir.load_ir(pipeline), request.task_settings)}
        pipeline = _with_task_settings(pipeline, task_settings, Path(work) / f"set-{PIPELINE}")
        spec = _checked(pipeline, [*record.given, *(f"{name}_uri" for name in request.inputs)])
        has = spec.root.input_definitions.parameters
        ours = {name: value for name, value in request.defaults.items() if name in has}
        arguments = {**ours, **ir.typed(spec, record.given)}
        values = {**ir.defaults(spec), **arguments}
        check_parameters(spec, values)
        taken = [name for parameter, name in GIVEN_BY_RUN.items() if parameter in has]
        sources = {**_made_before(record, request, taken), **request.inputs}
        copies = {name: _find(record, name, sources.get(name)) for name in taken}
        if not any(copied is None or copied[0] for copied in copies.values()):
            raise InputError(f"no input: expected one of {', '.join(map(option_of, taken))}")
        inputs.refuse_other_schemas({name: copied[1] for name, copied in copies.items() if copied is not None})
        linked = {name: _to_check(record, name, copied, Path(work) / "inputs") for name, copied in copies.items()}
        record.checks = check_tasks(spec, values, linked, before=record.checks, say=say)
        for name, copied in copies.items():
            if copied is not None:
                record.inputs[name] = inputs.stage(*copied, folder / name)
        with atomic_file(record.folder / PIPELINE) as copy:
            shutil.copyfile(pipeline, copy)
    if request.edited_pipeline is not None:
        record.edited_pipeline = str(request.edited_pipeline.absolute())
    own = {f"{name}_uri": str(inputs.INPUTS[name].path_in(folder / name)) for name in taken}
    record.given, record.task_settings = arguments, task_settings
    record.settings = {**ir.defaults(spec), **record.given, **own}
    record.withheld = [name for name, value in record.given.items() if has_credentials(value)]
    record.commit, record.version = commit(), version("ckgqa")
    record.state, record.started, record.finished, record.reason = "running", utc_now(), "", ""
    shutil.rmtree(record.folder / "notification", ignore_errors=True)
    record.save()


def _new_folder(runs: Path) -> Path:
    """Make a folder named by the time, which sorts by age."""
    name = time_stamp()
    for suffix in ("", *(f"-{number}" for number in range(2, 100))):
        folder = runs.absolute() / f"{name}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise ServiceError(f"{runs}: a hundred runs have started in this second")


def _made_before(record: RunRecord, request: Request, taken: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """Find the absent artefacts in the newest run that has all of them; return nothing if there is no such run."""
    kinds = {name: inputs.INPUTS[name] for name in taken if name not in {*request.inputs, *record.inputs}}
    wanted = {name: kind.made_by for name, kind in kinds.items() if kind.made_by is not None}
    for manifest in sorted(request.runs.glob(f"*/{MANIFEST_JSON}"), reverse=True) if wanted else ():
        try:
            earlier = read_record(manifest.parent.absolute())
        except InputError:  # no record that this version reads; `ckgqa runs list` names it
            continue
        made = {name: earlier.output(*output) for name, output in wanted.items()}
        if all(made.values()):
            logger.info("%s: taken from the run %s", ", ".join(map(option_of, made)), earlier.name)
            return {name: (folder,) for name, folder in made.items() if folder is not None}
    return {}


def _find(
    record: RunRecord, name: str, sources: tuple[Path, ...] | None
) -> tuple[inputs.InputSources, inputs.InputFiles] | None:
    """Find what to copy for an input; return None if the sources of a resumed run are gone, so that its copy stays.

    Raises:
        InputError: the input cannot be used, or a required input is absent.
    """
    if sources is None:
        before = record.inputs.get(name)
        sources = tuple(Path(source) for source in before.sources) if before else ()
        gone = [source for source in sources if not source.exists()]
        if gone and len(gone) < len(sources):
            raise InputError(refusal(option_of(name), gone[0], "all sources of the earlier run; set the flag again"))
        if gone:
            logger.warning("%s is gone; the run's own copy is used", gone[0])
            return None
    if name in inputs.REQUIRED.get(record.pipeline, ()) and not sources:
        raise InputError(f"{option_of(name)}: expected this flag, or --resume with the name of a run")
    return sources, inputs.INPUTS[name].find(sources)


def _to_check(
    record: RunRecord, name: str, copied: tuple[inputs.InputSources, inputs.InputFiles] | None, folder: Path
) -> CheckedInput:
    """Return an input as the checks read it: what will be copied, or the run's own copy if its sources are gone."""
    if copied is not None:
        return link_input(name, *copied, folder / name)
    own = record.folder / "inputs" / name
    sources = [Path(source) for source in record.inputs[name].sources]
    return link_input(name, sources, {file.name: file for file in own.iterdir()}, folder / name)


def _pipeline(record: RunRecord, edited: Path | None, work: Path) -> Path:
    """Return the compiled pipeline to execute: an edited one of now or of before, otherwise a fresh one in `work`."""
    if edited is not None:
        return edited
    if record.edited_pipeline:
        return record.folder / PIPELINE
    compile_pipeline(record.pipeline, work / PIPELINE, pinned)
    return work / PIPELINE


def _with_task_settings(pipeline: Path, settings: Mapping[str, object], output: Path) -> Path:
    """Return the compiled pipeline with these settings of its tasks, written to `output` if there are any.

    Raises:
        InputError: a setting of the earlier run is not in this pipeline.
    """
    if not settings:
        return pipeline
    spec = ir.load_ir(pipeline)
    gone = sorted(set(settings) - {setting.id for setting in list_settings(spec)})
    require(not gone, f"{pipeline}: the run has set {', '.join(gone)}, which this pipeline does not have")
    text = pipeline.read_text(encoding="utf-8")
    output.write_text(ir.edit_text(text, lambda document: apply_settings(document, spec, settings)), encoding="utf-8")
    return output


def _checked(pipeline: Path, arguments: Iterable[str]) -> PipelineSpec:
    """Read a compiled pipeline; reject faults, a secret in it, and arguments that it does not have."""
    spec = lint.check(pipeline)
    if has_credentials(pipeline.read_text(encoding="utf-8")):
        raise InputError(f"{pipeline}: an address in it has a password, which runs do not store; use a flag instead")
    ir.refuse_unknown(spec, arguments)
    return spec
