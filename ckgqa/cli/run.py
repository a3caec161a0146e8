"""`ckgqa run PIPELINE`: from the inputs to the report, each parameter of the pipeline a flag of its own."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ckgqa.bundle.pipelines.compile import PIPELINES
from ckgqa.bundle.pipelines.graphs import address_elsewhere
from ckgqa.bundle.pipelines.hub import folder_of
from ckgqa.bundle.pipelines.inputs import INPUTS, flag
from ckgqa.bundle.pipelines.live import watch
from ckgqa.bundle.pipelines.prepare import GIVEN_BY_RUN, Request, WayName
from ckgqa.bundle.pipelines.record import RunRecord
from ckgqa.bundle.pipelines.report import REPORT, registered, results, stage_rows
from ckgqa.bundle.pipelines.run import EXIT_GATE, run_pipeline
from ckgqa.cli.places import RUNS
from ckgqa.graph.connection import embedded_path
from ckgqa.registry.keeping import USUAL, refuse_other
from ckgqa.runtime.errors import InputError, require

DEFAULTS = {"registry": str(USUAL)}
"""Of parameters that a pipeline leaves empty, since where it is compiled nothing is known of this machine."""
TYPES: dict[str, type] = {"Integer": int, "Float": float, "String": str, "Boolean": bool}
"""KFP's names of parameter types."""


class PipelineGroup(click.Group):
    """One command a pipeline, its flags made from the pipeline's parameters."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names of the pipelines."""
        return list(PIPELINES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's
        """Make the command of a pipeline; None where there is none of this name."""
        return _command(cmd_name) if cmd_name in PIPELINES else None


@click.command(cls=PipelineGroup)
def run() -> None:
    """Run a pipeline on this machine, or go on with an earlier run."""


def _command(pipeline: str) -> click.Command:
    """Make the command that runs one pipeline."""
    command = click.Command(
        pipeline,
        callback=_callback(pipeline),
        params=[*_input_options(pipeline), *_common_options(), *_parameter_options(pipeline)],
        help=f"""Run the pipeline {pipeline}.

        Exit codes: 0 well; 3 the model did not pass the gate, so that nothing was loaded; 2 what was given is wrong;
        75 a service or the machine refused, a retry may help; 1 a bug; 130 or 143 stopped. Whatever happened, --resume
        goes on and repeats only what a changed flag, input or program touches.""",
        short_help=str(PIPELINES[pipeline].description),
    )
    command.context_settings = {"help_option_names": ["-h", "--help"], "show_default": True}
    return command


def _common_options() -> list[click.Parameter]:
    existing = click.Path(path_type=Path)
    return [
        click.Option(
            ["--target"],
            type=click.Choice(["process", "docker"]),
            help="As plain processes or in containers.  [default: docker where an engine answers, else process]",
        ),
        click.Option(["--runs-dir"], type=existing, default=RUNS, help="The folder that holds the runs."),
        click.Option(
            ["--resume"],
            metavar="RUN",
            help="Go on with this run, or with the `last` one; what is not given stays as it was.",
        ),
        click.Option(
            ["--pipeline", "edited"],
            type=existing,
            metavar="FILE.yaml",
            help="Execute this compiled pipeline instead of a fresh one.",
        ),
        click.Option(
            ["--set", "assignments"],
            multiple=True,
            metavar="NAME=VALUE",
            help="Set a parameter that an edited pipeline has; may be repeated.",
        ),
    ]


def _input_options(pipeline: str) -> list[click.Parameter]:
    """Make a flag of each input that the pipeline has."""
    has = PIPELINES[pipeline].component_spec.inputs
    existing = click.Path(path_type=Path)
    return [
        click.Option([flag(name), name], type=existing, multiple=kind.many, help=kind.help)
        for name, kind in INPUTS.items()
        if f"{name}_uri" in has and kind.offered
    ]


def _given_inputs(pipeline: str, parameters: dict[str, Any]) -> dict[str, tuple[Path, ...]]:
    """Take the inputs that are given out of the command's parameters."""
    has = PIPELINES[pipeline].component_spec.inputs
    given = {name: parameters.pop(name) for name, kind in INPUTS.items() if f"{name}_uri" in has and kind.offered}
    return {name: value if isinstance(value, tuple) else (value,) for name, value in given.items() if value}


def _parameter_options(pipeline: str) -> list[click.Parameter]:
    """Make a flag of each parameter of the pipeline; a flag that is not given stays None, so that --resume knows."""
    options: list[click.Parameter] = []
    for name, parameter in PIPELINES[pipeline].component_spec.inputs.items():
        if name in GIVEN_BY_RUN:
            continue
        kind = TYPES[parameter.type]
        words = (parameter.description or "").strip().rstrip(".")
        default = DEFAULTS.get(name, parameter.default)
        shown = f"  [default: {default}]" if default not in {None, ""} else ""
        options.append(
            click.Option(
                [f"--{name.replace('_', '-')}", name], type=kind, help=f"{words[:1].upper()}{words[1:]}.{shown}"
            )
        )
    return options


def _callback(pipeline: str) -> Callable[..., None]:
    def callback(
        target: WayName | None,
        runs_dir: Path,
        resume: str | None,
        edited: Path | None,
        assignments: tuple[str, ...],
        **parameters: Any,  # noqa: ANN401
    ) -> None:
        given = _given_inputs(pipeline, parameters)
        if "encoder" in given:
            given["encoder"] = (folder_of(*given["encoder"]),)
        settings = {name: value for name, value in parameters.items() if value is not None}
        settings |= dict(_assignment(text) for text in assignments)
        request = Request(
            pipeline=pipeline,
            runs=runs_dir,
            inputs=given,
            settings=with_known_graph(_with_registry(settings), given.get("graph", ())),
            defaults=_with_registry(_defaults(pipeline, settings) if resume is None else {}),
            way=target,
            resume=resume,
            edited_pipeline=edited,
        )
        record, code = run_pipeline(request, watch, lambda text: click.echo(text, err=True))
        _conclude(record, code, runs_dir)
        click.get_current_context().exit(code)

    return callback


def _assignment(text: str) -> tuple[str, str]:
    """Read NAME=VALUE; what the value is depends on the pipeline, which may be an edited one."""
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--set {text}: NAME=VALUE is expected")
    return name.replace("-", "_"), value


def with_known_graph(settings: dict[str, Any], graph: Sequence[Path] = ()) -> dict[str, Any]:
    """Say where the graph is, if it is outside of the run: a container has to be let there.

    The path of an embedded one becomes absolute, since stages run in folders of their own.

    Args:
        settings: the pipeline's arguments as given.
        graph: the folder of the graph that is added to, if there is one.

    Raises:
        InputError: there is no such graph; the stage would refuse it too, but only after hours of work.
    """
    url = settings.get("graph_url")
    for folder in graph:
        elsewhere = address_elsewhere(folder)
        require(bool(elsewhere) or not url, f"--graph-url: {folder} holds its graph itself; leave the flag out")
        url = url or elsewhere
    path = embedded_path(url) if url else None
    if path is None:
        return {**settings, "graph_url": url} if url else settings
    if not path.is_file():
        raise InputError(f"--graph-url {url}: there is no such graph file; without it the run makes one of its own")
    return {**settings, "graph_url": f"embedded:{path.absolute()}"}


def _defaults(pipeline: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what this machine has for parameters of the pipeline that are not given."""
    has = PIPELINES[pipeline].component_spec.inputs
    return {name: value for name, value in DEFAULTS.items() if name in has and name not in settings}


def _with_registry(settings: dict[str, Any]) -> dict[str, Any]:
    """Make the path of a registry absolute, since stages run in folders of their own.

    Raises:
        InputError: something else is there; the stage `register` would refuse it too, but only after the training.
    """
    if not settings.get("registry"):
        return settings
    folder = Path(settings["registry"])
    try:
        refuse_other(folder)
    except InputError as error:
        raise InputError(f"--registry {error}") from error
    return {**settings, "registry": str(folder.absolute())}


def _conclude(record: RunRecord, code: int, runs: Path) -> None:
    """Print the table of results, and in one line how it ended and how to go on."""
    console = Console()
    found = Table("result", "", show_edge=False, pad_edge=False)
    for name, value in results(record):
        found.add_row(name, value)
    stages = Table("stage", "state", "seconds", show_edge=False, pad_edge=False)
    stages.columns[2].justify = "right"
    for name, state, seconds in stage_rows(record):
        stages.add_row(name, state, seconds)
    for table in (found, stages):
        if table.row_count:
            console.print(table)
            console.print()
    place = runs / record.name
    if code == 0:
        console.print(f"done: {place / REPORT}", soft_wrap=True, highlight=False, markup=False)
        _tell_what_waits(record)
        return
    again = f"ckgqa run {record.pipeline} --resume {record.name}"
    again += "" if str(runs) == str(RUNS) else f" --runs-dir {runs}"
    again += "".join(f" --{name.replace('_', '-')} ..." for name in record.withheld)
    if record.state == "interrupted":
        click.echo(f"interrupted: {record.reason}; what has ended is kept in {place}. Go on with: {again}", err=True)
    elif code == EXIT_GATE:
        gates = " ".join(f"[{flag(name)} ...]" for name in record.settings if name.startswith("min_"))
        click.echo(f"gate not passed: {record.reason}. See {place / REPORT}; try again with: {again} {gates}", err=True)
    else:
        click.echo(f"error: {record.reason}\nThe logs are in {place / 'logs'}. Once it is put right: {again}", err=True)


def _tell_what_waits(record: RunRecord) -> None:
    """Say how the model that the run has registered goes live, where nobody has decided yet."""
    id_, status = registered(record) or ("", "")
    if status == "pending":
        folder = Path(record.settings["registry"])
        where = "" if folder == USUAL.absolute() else f" --models-dir {folder}"
        click.echo(f"{id_} waits for approval: `ckgqa models show {id_}{where}`, `ckgqa models approve {id_}{where}`")
