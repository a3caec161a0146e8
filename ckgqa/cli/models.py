"""`ckgqa models list|show|approve|reject`: what is registered, what is served, and a person's decision."""

import getpass
import os
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ckgqa.registry.folder import FolderRegistry
from ckgqa.registry.groups import GROUPS
from ckgqa.registry.keeping import USUAL
from ckgqa.registry.package import Decision, ModelPackage
from ckgqa.runtime.errors import InputError

REPORT_PAGE = "report.html"

models_dir_option = click.option(
    "--models-dir",
    type=click.Path(path_type=Path),
    default=USUAL,
    show_default=True,
    help="The folder of the registry.",
)
id_argument = click.argument("id_", metavar="ID")


@click.group()
def models() -> None:
    """See the registered models, and let one go live.

    An ID is GROUP/VERSION, such as question-model/3, or question-model/latest.
    """


@models.command("list")
@models_dir_option
def list_models(models_dir: Path) -> None:
    """List the models of each group, the newest last."""
    registry = FolderRegistry(models_dir)
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("model", "status", "registered (UTC)", "figures", "run", "served"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"model", "figures"})
    for group in GROUPS.values():
        served = _served(registry, group.name)
        for package in _readable(registry, group.name):
            figures = "\n".join(f"{name} {_figure(package.metrics.get(name))}" for name in group.figures)
            told = (package.id, package.status, _time(package.registered), figures, package.run)
            table.add_row(*told, "yes" if package == served else "")
    if table.row_count:
        Console().print(table)
    elif not registry.ids():
        commands = ", ".join(f"`{group.command}`" for group in GROUPS.values())
        click.echo(f"no models in {models_dir}; a run whose model passes its gate registers one: {commands}")


@models.command("show")
@id_argument
@models_dir_option
def show_model(id_: str, models_dir: Path) -> None:
    """Show a model, what was decided, and its figures beside those of the one that is served."""
    registry = FolderRegistry(models_dir)
    package = registry.package(id_)
    served = _served(registry, package.group)
    for name, value in _facts(package, served):
        click.echo(f"{name:<12}{value}")
    click.echo()
    Console().print(_figures(package, None if served is None or served.id == package.id else served))


@models.command("approve")
@id_argument
@click.option("--comment", default="", help="Why.")
@models_dir_option
def approve_model(id_: str, comment: str, models_dir: Path) -> None:
    """Let a model go live; the newest approved one of its group is served."""
    registry = FolderRegistry(models_dir)
    package = registry.decide(id_, "approved", _user(), comment)
    click.echo(f"{package.id}: approved by {package.decisions[-1].by}")
    served = registry.newest_approved(package.group)
    if served is None or served.id == package.id:
        click.echo(f"{package.id} is served now")
    else:
        click.echo(f"{served.id} stays served, a newer version that is approved; reject it to serve {package.id}")


@models.command("reject")
@id_argument
@click.option("--comment", required=True, help="Why.")
@models_dir_option
def reject_model(id_: str, comment: str, models_dir: Path) -> None:
    """Keep a model back, or take it back; what is served then is said."""
    if not comment.strip():
        raise InputError("--comment is empty: say why the model is rejected")
    registry = FolderRegistry(models_dir)
    package = registry.decide(id_, "rejected", _user(), comment)
    click.echo(f"{package.id}: rejected by {package.decisions[-1].by}")
    served = registry.newest_approved(package.group)
    if served is None:
        click.echo(f"no {package.group} is approved: none is served until you approve one")
    else:
        click.echo(f"{served.id} is served")


def _readable(registry: FolderRegistry, group: str) -> list[ModelPackage]:
    """Read the packages of a group; one that cannot be read is named."""
    found: list[ModelPackage] = []
    for id_ in registry.ids(group):
        try:
            found.append(registry.package(id_))
        except InputError as error:
            click.echo(f"passed over: {error}", err=True)
    return found


def _served(registry: FolderRegistry, group: str) -> ModelPackage | None:
    """Return what is served of a group; nothing is where a package above it cannot be read."""
    try:
        return registry.newest_approved(group)
    except InputError:
        return None


def _facts(package: ModelPackage, served: ModelPackage | None) -> list[tuple[str, str]]:
    """Return what there is to say of a package but its figures."""
    return [
        ("model", package.id),
        ("status", package.status),
        ("served", served.id if served else f"no {package.group} yet"),
        ("registered", f"{_time(package.registered)} UTC"),
        ("run", package.run or "none"),
        ("format", f"{package.model.format} version {package.model.version}, sha256 {package.model.hash[:16]}"),
        ("content", _content(package)),
        ("folder", str(package.model_folder)),
        ("report", str(package.report_folder / REPORT_PAGE)),
        *(("decision", _decision(one)) for one in package.decisions),
    ]


def _content(package: ModelPackage) -> str:
    """Say whether the files are what was registered."""
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
    """Return who decides: the user's name, or the id of one without a name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError since Python 3.13
        return f"uid {os.getuid()}"
