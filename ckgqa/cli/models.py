"""`ckgqa models list|show|approve|reject`: the registered models, and a person's decisions about them."""

import getpass
import os
from pathlib import Path

import click
from rich.table import Table

from ckgqa.cli.options import registry_option
from ckgqa.execution.console import OutputConsole
from ckgqa.registry.local_registry import LocalRegistry
from ckgqa.registry.model_groups import GROUPS
from ckgqa.registry.package import Decision, ModelPackage
from ckgqa.runtime.artefacts import REPORT_HTML
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import refusal
from ckgqa.runtime.white_space import is_blank

id_argument = click.argument("id_", metavar="ID")


@click.group()
def models() -> None:
    """List, show, approve and reject registered models.

    An ID is GROUP/VERSION, such as question-model/3, or question-model/latest.
    """


@models.command("list")
@registry_option
def list_models(registry: Path) -> None:
    """List the models of each group, the newest last."""
    models_registry = LocalRegistry(registry)
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("model", "status", "registered (UTC)", "figures", "run", "served"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"model", "figures"})
    for group in GROUPS.values():
        served = _served(models_registry, group.name)
        for package in _readable(models_registry, group.name):
            figures = "\n".join(f"{name} {_figure(package.metrics.get(name))}" for name in group.figures)
            cells = (package.id, package.status, _time(package.registered), figures, package.run)
            table.add_row(*cells, "yes" if package == served else "")
    if table.row_count:
        OutputConsole().print(table)
    elif not models_registry.ids():
        commands = ", ".join(f"`{group.command}`" for group in GROUPS.values())
        click.echo(f"no models in {registry}; a run whose model passes its gate registers one: {commands}")


@models.command("show")
@id_argument
@registry_option
def show_model(id_: str, registry: Path) -> None:
    """Show one model.

    The output holds its status, every decision about it, and its figures beside those of the served model.
    """
    models_registry = LocalRegistry(registry)
    package = models_registry.package(id_)
    served = _served(models_registry, package.group)
    for name, value in _facts(package, served):
        click.echo(f"{name:<12}{value}")
    click.echo()
    OutputConsole().print(_figures(package, None if served is None or served.id == package.id else served))


@models.command("approve")
@id_argument
@click.option("--comment", metavar="TEXT", default="", help="Reason of the decision.")
@registry_option
def approve_model(id_: str, comment: str, registry: Path) -> None:
    """Approve a model, so that it may be served.

    The newest approved model of a group is served.
    """
    models_registry = LocalRegistry(registry)
    package = models_registry.decide(id_, "approved", _user(), comment)
    click.echo(f"{package.id}: approved by {package.decisions[-1].by}")
    served = models_registry.newest_approved(package.group)
    if served is None or served.id == package.id:
        click.echo(f"{package.id} is served now")
    else:
        click.echo(f"{served.id} stays served, a newer version that is approved; reject it to serve {package.id}")


@models.command("reject")
@id_argument
@click.option("--comment", metavar="TEXT", required=True, help="Reason of the decision.")
@registry_option
def reject_model(id_: str, comment: str, registry: Path) -> None:
    """Reject a model and print which one is served instead."""
    if is_blank(comment):
        raise InputError(refusal("--comment", repr(comment), "the reason why the model is rejected"))
    models_registry = LocalRegistry(registry)
    package = models_registry.decide(id_, "rejected", _user(), comment)
    click.echo(f"{package.id}: rejected by {package.decisions[-1].by}")
    served = models_registry.newest_approved(package.group)
    if served is None:
        click.echo(f"no {package.group} is approved: none is served until you approve one")
    else:
        click.echo(f"{served.id} is served")


def _readable(registry: LocalRegistry, group: str) -> list[ModelPackage]:
    """Read the packages of a group and name those that cannot be read."""
    packages: list[ModelPackage] = []
    for id_ in registry.ids(group):
        try:
            packages.append(registry.package(id_))
        except InputError as error:
            click.echo(f"skipped: {error}", err=True)
    return packages


def _served(models_registry: LocalRegistry, group: str) -> ModelPackage | None:
    """Return the served package of a group; warn and return None if a damaged package stops the group."""
    try:
        return models_registry.newest_approved(group)
    except InputError as error:
        click.echo(f"warning: no {group} is served, because a package is damaged: {error}", err=True)
        return None


def _facts(package: ModelPackage, served: ModelPackage | None) -> list[tuple[str, str]]:
    """Return (name, value) of everything about a package but its figures."""
    return [
        ("model", package.id),
        ("status", package.status),
        ("served", served.id if served else f"no {package.group}"),
        ("registered", f"{_time(package.registered)} UTC"),
        ("run", package.run or "none"),
        ("format", f"{package.model.format} version {package.model.version}, sha256 {package.model.hash[:16]}"),
        ("content", _content(package)),
        ("folder", str(package.model_folder)),
        ("report", str(package.report_folder / REPORT_HTML)),
        *(("decision", _decision(decision)) for decision in package.decisions),
    ]


def _content(package: ModelPackage) -> str:
    """Describe whether the files are what was registered."""
    try:
        package.refuse_changed()
    except InputError as error:
        return str(error)
    return "as it was registered"


def _decision(decision: Decision) -> str:
    comment = f": {decision.comment}" if decision.comment else ""
    return f"{decision.status} by {decision.by} at {_time(decision.at)} UTC{comment}"


def _figures(package: ModelPackage, other: ModelPackage | None) -> Table:
    """Tabulate the report's figures, those that the group is judged by first, beside those of another package."""
    first = GROUPS[package.group].figures
    names = [*first, *sorted(package.metrics.keys() - set(first))]
    table = Table("figure", package.id, show_edge=False, pad_edge=False)
    for heading in (f"{other.id} (served)", "difference") if other else ():
        table.add_column(heading)
    for column in table.columns[1:]:
        column.justify = "right"
    for name in names:
        mine, theirs = package.metrics.get(name), other.metrics.get(name) if other else None
        difference = "" if mine is None or theirs is None else f"{mine - theirs:+.4g}"
        table.add_row(name, _figure(mine), *((_figure(theirs), difference) if other else ()))
    return table


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _time(text: str) -> str:
    return text.replace("+00:00", "").replace("T", " ")


def _user() -> str:
    """Return the name of the user, or the numeric id of a user without a name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError since Python 3.13
        return f"uid {os.getuid()}"
