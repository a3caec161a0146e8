"""What a run is asked for, and what is seen to before its first task: first every check, then every change."""

import logging
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineSpec

from ckgqa.bundle.checkout import commit
from ckgqa.bundle.pipelines import inputs, ir, lint
from ckgqa.bundle.pipelines.compile import compile_pipeline
from ckgqa.bundle.pipelines.record import RunRecord, find_run, has_credentials, read_record
from ckgqa.images.plan import pinned
from ckgqa.runtime.artefacts import MANIFEST_JSON
from ckgqa.runtime.clock import utc_now
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.files import atomic_file

logger = logging.getLogger(__name__)

PIPELINE = "pipeline.yaml"
GIVEN_BY_RUN = {f"{name}_uri": name for name in inputs.INPUTS}
"""Parameters that are where the run's own copies of the inputs are, with the input's name."""

WayName = Literal["process", "docker"]


@dataclass(frozen=True)
class Request:
    """What is asked for on the command line; what is not given stays as it was in a run that is gone on with."""

    pipeline: str
    runs: Path
    """The folder that holds the runs."""
    inputs: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """Files and folders by the name of the input."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the pipeline."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What stands in for the pipeline's own defaults, where it has these parameters."""
    way: WayName | None = None
    """None: in containers where a Docker engine answers, else as processes."""
    resume: str | None = None
    """Name or folder of an earlier run, or `last`."""
    edited_pipeline: Path | None = None
    """A compiled pipeline to execute in place of a fresh one."""


def begin(request: Request, way: WayName) -> RunRecord:
    """Read the run to go on with, or make the record of a new one.

    Raises:
        InputError: there is no such run, it is another pipeline's, or something that it needs is not given.
    """
    for name in GIVEN_BY_RUN.keys() & request.settings.keys():
        raise InputError(f"{name} is where the run's own copy is: give {inputs.flag(GIVEN_BY_RUN[name])}")
    if request.resume is None:
        return RunRecord(_new_folder(request.runs), request.pipeline, way, dict(request.settings))
    record = read_record(find_run(request.runs, request.resume, request.pipeline))
    if record.pipeline != request.pipeline:
        raise InputError(f"{record.folder}: this is a run of {record.pipeline}, not of {request.pipeline}")
    for name in sorted(set(record.withheld) - set(request.settings)):
        flag = f"--{name.replace('_', '-')}"
        raise InputError(f"{record.folder}: the user and password of {flag} are not kept; give {flag} again")
    record.given = {**record.given, **request.settings}
    record.target = way
    return record


def prepare(record: RunRecord, request: Request) -> None:
    """Check all that is asked for, then copy the inputs and the pipeline into the run's folder.

    Raises:
        InputError: something is wrong with it; a run that was to be gone on with is as it was.
    """
    folder = record.folder / "inputs"
    with tempfile.TemporaryDirectory(prefix="ckgqa-pipeline-") as work:
        pipeline = _pipeline(record, request.edited_pipeline, Path(work))
        spec = _checked(pipeline, [*record.given, *(f"{name}_uri" for name in request.inputs)])
        has = spec.root.input_definitions.parameters
        ours = {name: value for name, value in request.defaults.items() if name in has}
        given_here = {**ours, **ir.typed(spec, record.given)}
        taken = [name for parameter, name in GIVEN_BY_RUN.items() if parameter in has]
        given = {**_made_before(record, request, taken), **request.inputs}
        found = {name: _find(record, name, given.get(name)) for name in taken}
        if not any(copied is None or copied[0] for copied in found.values()):
            raise InputError(f"nothing is given to work on: one of {', '.join(map(inputs.flag, taken))} is expected")
        inputs.refuse_other_schemas({name: copied[1] for name, copied in found.items() if copied is not None})
        for name, copied in found.items():
            if copied is not None:
                record.inputs[name] = inputs.stage(*copied, folder / name)
        with atomic_file(record.folder / PIPELINE) as copy:
            shutil.copyfile(pipeline, copy)
    if request.edited_pipeline is not None:
        record.edited_pipeline = str(request.edited_pipeline.absolute())
    own = {f"{name}_uri": str(inputs.INPUTS[name].place(folder / name)) for name in taken}
    record.given = given_here
    record.settings = {**ir.defaults(spec), **record.given, **own}
    record.withheld = [name for name, value in record.given.items() if has_credentials(value)]
    record.commit, record.version = commit(), version("ckgqa")
    record.state, record.started, record.finished, record.reason = "running", utc_now(), "", ""
    shutil.rmtree(record.folder / "notification", ignore_errors=True)
    record.save()


def _new_folder(runs: Path) -> Path:
    """Make a folder named by the time, which sorts by age."""
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    for suffix in ("", *(f"-{number}" for number in range(2, 100))):
        folder = runs.absolute() / f"{name}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise ServiceError(f"{runs}: a hundred runs have begun in this second")


def _made_before(record: RunRecord, request: Request, taken: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """Find the artefacts of the newest run that has all those which are not given; none where there is no such run."""
    kinds = {name: inputs.INPUTS[name] for name in taken if name not in {*request.inputs, *record.inputs}}
    wanted = {name: kind.made_by for name, kind in kinds.items() if kind.made_by is not None}
    for manifest in sorted(request.runs.glob(f"*/{MANIFEST_JSON}"), reverse=True) if wanted else ():
        try:
            earlier = read_record(manifest.parent.absolute())
        except InputError:  # no record that this version reads; `ckgqa runs list` names it
            continue
        made = {name: earlier.output(*output) for name, output in wanted.items()}
        if all(made.values()):
            logger.info("%s: taken from the run %s", ", ".join(map(inputs.flag, made)), earlier.name)
            return {name: (folder,) for name, folder in made.items() if folder is not None}
    return {}


def _find(record: RunRecord, name: str, given: tuple[Path, ...] | None) -> tuple[inputs.Sources, inputs.Found] | None:
    """Find what is to be copied for an input; None where what was given before is gone, so that the copy stays.

    Raises:
        InputError: it cannot be used, or nothing is given where something must be.
    """
    if given is None:
        before = record.inputs.get(name)
        given = tuple(Path(source) for source in before.sources) if before else ()
        gone = [source for source in given if not source.exists()]
        if gone and len(gone) < len(given):
            raise InputError(f"{gone[0]} is gone, and not all that was given with it: give {inputs.flag(name)} again")
        if gone:
            logger.warning("%s is gone; the run's own copy is used", gone[0])
            return None
    if name in inputs.REQUIRED.get(record.pipeline, ()) and not given:
        raise InputError(f"{inputs.flag(name)} is missing: give it, or --resume with the name of a run")
    return given, inputs.INPUTS[name].find(given)


def _pipeline(record: RunRecord, edited: Path | None, work: Path) -> Path:
    """Return the compiled pipeline to execute: the one that is given now or was before, else a fresh one in `work`."""
    if edited is not None:
        return edited
    if record.edited_pipeline:
        return record.folder / PIPELINE
    compile_pipeline(record.pipeline, work / PIPELINE, pinned)
    return work / PIPELINE


def _checked(pipeline: Path, given: Iterable[str]) -> PipelineSpec:
    """Read a compiled pipeline; refuse one with faults, with a secret, or without a parameter that is given."""
    spec = lint.check(pipeline)
    if has_credentials(pipeline.read_text(encoding="utf-8")):
        raise InputError(f"{pipeline}: an address in it has a user and password, which are not kept; give it as a flag")
    ir.refuse_unknown(spec, given)
    return spec
