"""`ckgqa run PIPELINE`: run a pipeline from its inputs to its report; each of its parameters is a flag."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from kfp.pipeline_spec.pipeline_spec_pb2 import ParameterType
from rich.table import Table

from ckgqa.cli.assignments import read_assignments, set_option
from ckgqa.cli.options import RUNS, DescribedOption, InputPath, registry_option, runs_dir_option, target_option
from ckgqa.execution.compilation.compiler import PIPELINES
from ckgqa.execution.compilation.parameters import GATE_PREFIX
from ckgqa.execution.compilation.task_settings import list_settings
from ckgqa.execution.console import OutputConsole
from ckgqa.execution.huggingface import folder_of
from ckgqa.execution.inputs import GIVEN_BY_RUN, INPUTS
from ckgqa.execution.local.executor import ExecutorName
from ckgqa.execution.progress_view import watch
from ckgqa.execution.records.graph_lookup import address_elsewhere, find_graph
from ckgqa.execution.records.record import RunRecord
from ckgqa.execution.records.report import REPORT, registered, results, stage_rows
from ckgqa.execution.request import Request
from ckgqa.execution.run import EXIT_GATE, run_pipeline
from ckgqa.graph.connection import embedded_path
from ckgqa.registry.layout import DEFAULT_REGISTRY, refuse_other, registry_words
from ckgqa.registry.model_groups import EXTRACTION_MODEL
from ckgqa.registry.selection import choose_model
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.settings import option_of, refusal

DEFAULTS = {"registry": str(DEFAULT_REGISTRY)}
"""Defaults on this machine of parameters whose own default is empty, since pipelines are compiled for any machine."""
TYPES: dict[str, type] = {"Integer": int, "Float": float, "String": str, "Boolean": bool}
"""KFP's names of parameter types."""
METAVARS_OF_TYPES: dict[int, str] = {
    ParameterType.STRING: "TEXT",
    ParameterType.NUMBER_INTEGER: "INTEGER",
    ParameterType.NUMBER_DOUBLE: "FLOAT",
    ParameterType.BOOLEAN: "BOOLEAN",
}
METAVARS = {"registry": "FOLDER", "graph_url": "URL"}
"""What stands for the value of a parameter in the help, if its type does not tell."""


class PipelineGroup(click.Group):
    """One command per pipeline, its flags made from the pipeline's parameters."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names of the pipelines."""
        return list(PIPELINES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's
        """Make the command of a pipeline; None if there is no such pipeline."""
        return _command(cmd_name) if cmd_name in PIPELINES else None


@click.command(cls=PipelineGroup)
def run() -> None:
    """Run a pipeline on this machine, or resume an earlier run."""


def _command(pipeline: str) -> click.Command:
    """Make the command that runs one pipeline."""
    command = click.command(
        pipeline,
        params=[*_input_options(pipeline), *_parameter_options(pipeline), _help_all_option(pipeline)],
        help=f"""Run the pipeline {pipeline}.

        Exit codes: 0 success; 3 the model did not pass the gate, so that nothing was loaded; 2 wrong input; 75 a
        service or the machine failed, and a retry may help; 1 a bug; 130 or 143 stopped. In every case --resume
        continues the run and repeats only what a changed flag, input or program affects.""",
        short_help=str(PIPELINES[pipeline].description),
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    return command(_callback(pipeline))


def _input_options(pipeline: str) -> list[click.Parameter]:
    """Make a flag of each input that the pipeline has."""
    has = PIPELINES[pipeline].component_spec.inputs
    return [
        DescribedOption(
            [option_of(name), name],
            type=InputPath(),
            metavar=kind.metavar,
            multiple=kind.many,
            absent=kind.absent,
            help=kind.help,
        )
        for name, kind in INPUTS.items()
        if f"{name}_uri" in has and kind.offered
    ]


def _parameter_options(pipeline: str) -> list[click.Parameter]:
    """Make a flag of each parameter of the pipeline; an absent flag is None, so that --resume can tell."""
    options: list[click.Parameter] = []
    for name, parameter in PIPELINES[pipeline].component_spec.inputs.items():
        if name in GIVEN_BY_RUN:
            continue
        default = DEFAULTS.get(name, parameter.default)
        options.append(
            DescribedOption(
                [option_of(name), name],
                type=TYPES[parameter.type],
                metavar=METAVARS.get(name),
                absent="" if default is None else str(default),
                help=_sentence(parameter.description or ""),
            )
        )
    return options


def _sentence(text: str) -> str:
    """Return a description on one line, with a capital and a full stop."""
    line = " ".join(text.split()).rstrip(".")
    return f"{line[:1].upper()}{line[1:]}."


def _help_all_option(pipeline: str) -> click.Option:
    def show(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted and not context.resilient_parsing:
            _print_settings(pipeline, context)
            context.exit()

    return click.Option(
        ["--help-all"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="List every setting of every task, for --set, and exit.",
    )


def _print_settings(pipeline: str, context: click.Context) -> None:
    """Print TASK.NAME, type, help and default of every setting that --set may change."""
    rows = []
    for setting in list_settings(PIPELINES[pipeline].pipeline_spec):
        # A text with a placeholder takes in what a task before it found.
        value = "set by the pipeline" if "{{$" in setting.value else setting.value
        default = f"  [default: {value}]" if value else ""
        rows.append((f"{setting.id} {METAVARS_OF_TYPES[setting.kind]}", f"{_sentence(setting.help)}{default}"))
    formatter = context.make_formatter()
    with formatter.section(f"Settings of the tasks, for `ckgqa run {pipeline} --set TASK.NAME=VALUE`"):
        formatter.write_dl(rows)
    formatter.write_paragraph()
    formatter.write_text("A default that is a flag is the value of that flag.")
    click.echo(formatter.getvalue().rstrip("\n"))


def _callback(pipeline: str) -> Callable[..., None]:
    has = PIPELINES[pipeline].component_spec.inputs
    # A pipeline that registers has the parameter; one that only reads a model needs the flag.
    reads_registry = "model_uri" in has and "registry" not in has

    @set_option
    @click.option(
        "--pipeline",
        "edited",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Compiled pipeline to execute instead of a fresh one.",
    )
    @click.option(
        "--resume", metavar="RUN", help="Run to continue, or `last`; what is not set again stays as it was in that run."
    )
    @target_option
    @runs_dir_option
    def callback(
        target: ExecutorName | None,
        runs_dir: Path,
        resume: str | None,
        edited: Path | None,
        assignments: tuple[str, ...],
        **parameters: Any,  # noqa: ANN401
    ) -> None:
        registry = parameters.pop("registry") if reads_registry else DEFAULT_REGISTRY
        inputs = _inputs(pipeline, parameters, runs_dir, registry)
        assigned = read_assignments(assignments)
        settings = {name: value for name, value in parameters.items() if value is not None}
        settings |= {name: value for name, value in assigned.items() if "." not in name}
        request = Request(
            pipeline=pipeline,
            runs=runs_dir,
            inputs=inputs,
            settings=with_known_graph(_with_registry(settings), inputs.get("graph", ())),
            task_settings={name: value for name, value in assigned.items() if "." in name},
            defaults=_with_registry(_defaults(pipeline, settings) if resume is None else {}),
            target=target,
            resume=resume,
            edited_pipeline=edited,
        )
        record, code = run_pipeline(request, watch, lambda text: click.echo(text, err=True))
        with suppress(BrokenPipeError):  # the exit code is the run's, whoever reads the results
            _conclude(record, code, runs_dir)
        click.get_current_context().exit(code)

    return registry_option(callback) if reads_registry else callback


def _inputs(pipeline: str, parameters: dict[str, Any], runs: Path, registry: Path) -> dict[str, tuple[Path, ...]]:
    """Take the inputs out of the command's parameters, and find the folders of those that have another name."""
    has = PIPELINES[pipeline].component_spec.inputs
    values = {name: parameters.pop(name) for name, kind in INPUTS.items() if f"{name}_uri" in has and kind.offered}
    sources = {name: value if isinstance(value, tuple) else (value,) for name, value in values.items() if value}
    if "encoder" in sources:
        sources["encoder"] = (folder_of(*sources["encoder"]),)
    if "graph" in sources:
        sources["graph"] = (find_graph(runs, str(*sources["graph"])),)
    if "model" in sources:
        sources["model"] = (choose_model(registry, EXTRACTION_MODEL, str(*sources["model"])),)
    return sources


def with_known_graph(settings: dict[str, Any], graph: Sequence[Path] = ()) -> dict[str, Any]:
    """Add the address of a graph outside of the run to the settings, so that a container may reach it.

    The path of an embedded graph becomes absolute, since stages run in folders of their own.

    Args:
        settings: the arguments of the pipeline.
        graph: the folder of the graph that facts are added to, if any.

    Raises:
        InputError: there is no such graph; the stage would reject it too, but only after hours of work.
    """
    url = settings.get("graph_url")
    for folder in graph:
        elsewhere = address_elsewhere(folder)
        require(bool(elsewhere) or not url, refusal("--graph-url", url, f"no address, since {folder} holds its graph"))
        url = url or elsewhere
    path = embedded_path(url) if url else None
    if path is None:
        return {**settings, "graph_url": url} if url else settings
    if not path.is_file():
        raise InputError(
            refusal("--graph-url", url, "an existing graph file; without the flag the run creates its own")
        )
    return {**settings, "graph_url": f"embedded:{path.absolute()}"}


def _defaults(pipeline: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of this machine for parameters of the pipeline that are not set."""
    has = PIPELINES[pipeline].component_spec.inputs
    return {name: value for name, value in DEFAULTS.items() if name in has and name not in settings}


def _with_registry(settings: dict[str, Any]) -> dict[str, Any]:
    """Make the path of a registry absolute, since stages run in folders of their own.

    Raises:
        InputError: the folder holds something else; `register` would reject it too, but only after the training.
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
    """Print the results, how the run ended, and how to continue."""
    console = OutputConsole()
    figures = Table("result", "", show_edge=False, pad_edge=False)
    for name, value in results(record):
        figures.add_row(name, value)
    stages = Table("stage", "state", "seconds", show_edge=False, pad_edge=False)
    stages.columns[2].justify = "right"
    for name, state, seconds in stage_rows(record):
        stages.add_row(name, state, seconds)
    for table in (figures, stages):
        if table.row_count:
            console.print(table)
            console.print()
    folder = runs / record.name
    if code == 0:
        console.print(f"done: {folder / REPORT}", soft_wrap=True, highlight=False, markup=False)
        _print_approval(record)
        return
    again = f"ckgqa run {record.pipeline} --resume {_quoted_name(record, runs)}"
    again += "" if str(runs) == str(RUNS) else f" --runs-dir {shlex.quote(str(runs))}"
    again += "".join(f" {option_of(name)} ..." for name in record.withheld)
    if record.state == "interrupted":
        click.echo(
            f"interrupted: {record.reason}; finished tasks are kept in {folder}. Continue with: {again}", err=True
        )
    elif code == EXIT_GATE:
        gates = " ".join(f"[{option_of(name)} ...]" for name in record.settings if name.startswith(GATE_PREFIX))
        click.echo(
            f"gate not passed: {record.reason}. See {folder / REPORT}; try again with: {again} {gates}", err=True
        )
    else:
        click.echo(f"error: {record.reason}\nThe logs are in {folder / 'logs'}. Once that is fixed: {again}", err=True)


def _quoted_name(record: RunRecord, runs: Path) -> str:
    """Return the run as `--resume` takes it: by its name, or by its folder if that is not in the folder of the runs."""
    return shlex.quote(record.name if record.folder.parent == runs.absolute() else str(record.folder))


def _print_approval(record: RunRecord) -> None:
    """Print the commands that approve the model that the run has registered, if nobody has decided yet."""
    id_, status = registered(record) or ("", "")
    if status == "pending":
        folder = Path(record.settings["registry"])
        where = registry_words(folder)
        click.echo(f"{id_} waits for approval: `ckgqa models show {id_}{where}`, `ckgqa models approve {id_}{where}`")
