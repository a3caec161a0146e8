"""`ckgqa localaws up|down|status|env`: a local AWS that really runs SageMaker jobs, on this machine."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import click
import psutil

from ckgqa.cli.options import Decorated, DescribedOption, InputPath, json_option
from ckgqa.execution.signals import signals_as_interrupt
from ckgqa.localaws.environment import installed_program
from ckgqa.localaws.instances import LOOPBACK, Instance, known_ports, one_at_a_time, read_instance
from ckgqa.localaws.server_settings import read_settings
from ckgqa.localaws.server_status import ask_status
from ckgqa.localaws.shell_variables import Shell, in_words_of, misleading_variables
from ckgqa.localaws.start import start, wait_for_end
from ckgqa.localaws.stop import Removed, state_port, stop
from ckgqa.runtime.errors import EXIT_SERVICE, InputError
from ckgqa.runtime.settings import refusal

DEFAULT_PORT = 4566

port_option = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port of localaws at 127.0.0.1.",
)


def state_option(use: str) -> Callable[[Decorated], Decorated]:
    """Return the option that names the state folder.

    Args:
        use: what the command does with it, for the help.
    """
    return click.option(
        "--state",
        cls=DescribedOption,
        metavar="FOLDER",
        type=InputPath(),
        absent="a folder of the port in the user's cache",
        help=f"State folder of localaws{use}.",
    )


@click.group()
def localaws() -> None:
    """Run a local AWS that really runs SageMaker jobs.

    `up` starts it in the background, and `eval "$(ckgqa localaws env)"` lets the AWS tools and SDKs of a shell use it.
    Processing, training and transform jobs run as containers on this machine's Docker engine. `down` stops it and
    leaves nothing behind.
    """


def image_table(words: Sequence[str]) -> dict[str, str]:
    """Parse the values of `--image`, FROM=TO.

    Raises:
        InputError: one has another form, or two have the same FROM.
    """
    table: dict[str, str] = {}
    for word in words:
        requested, _, instead = word.partition("=")
        if not requested or not instead or table.get(requested, instead) != instead:
            raise InputError(refusal("--image", word, "FROM=TO, with each FROM once"))
        table[requested] = instead
    return table


@localaws.command()
@port_option
@state_option(", for everything that it stores")
@click.option("--region", default="us-east-1", show_default=True, help="Region of requests that name none.")
@click.option("--account", metavar="DIGITS", default="000000000000", show_default=True, help="Account number.")
@click.option("--no-auth", is_flag=True, help="Check neither signatures nor policies.")
@click.option(
    "--period-divisor",
    type=click.FloatRange(min=1),
    default=1.0,
    show_default=True,
    help="Number that every time limit, schedule and cooldown is divided by, for rehearsals.",
)
@click.option(
    "--image",
    "images",
    metavar="FROM=TO",
    multiple=True,
    help="Run image TO if a request names FROM, in which * matches any characters; may be repeated.",
)
@click.option(
    "--spot-interruptions",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Number of interruptions of each spot training, unless a tag of the job names another.",
)
@click.option(
    "--spot-interruption-after",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    help="Seconds of training before each interruption.",
)
@click.option(
    "--proxy-image",
    metavar="IMAGE",
    default="python:3.11-slim-bookworm",
    show_default=True,
    help="Image with a `python`, in which the jobs' credentials are served.",
)
@click.option("--foreground", is_flag=True, help="Stay in the foreground until Ctrl-C, and show the log.")
def up(  # noqa: PLR0917 -- the flags of a command
    port: int,
    state: Path | None,
    region: str,
    account: str,
    no_auth: bool,
    period_divisor: float,
    images: Sequence[str],
    spot_interruptions: int,
    spot_interruption_after: float,
    proxy_image: str,
    foreground: bool,
) -> None:
    """Start it, and wait until it is ready.

    The first start installs its environment in the user's cache, which takes about a minute. If it already runs with
    the same settings, nothing happens. The state folder keeps what it stores, so that a restart continues with it.
    """
    choices = {
        "port": port,
        "region": region,
        "account": account,
        "auth": not no_auth,
        "period_divisor": period_divisor,
        "images": image_table(images),
        "spot_interruptions": spot_interruptions,
        "spot_interruption_after_s": spot_interruption_after,
        "proxy_image": proxy_image,
    }
    with signals_as_interrupt():
        with one_at_a_time():
            started = start(state, choices, installed_program, foreground=foreground)
        instance = started.instance
        click.echo(f"localaws {'runs' if started.process else 'already runs'} at {instance.address}")
        if foreground and started.process:
            wait_for_end(started.process, port)
            return
    click.echo(f"Its log: {instance.log}\n")
    suffix = "" if port == DEFAULT_PORT else f" --port {port}"
    use = f'eval "$(ckgqa localaws env{suffix})"'
    for command, purpose in (
        (use, "let this shell's AWS tools use it"),
        (f"ckgqa localaws status{suffix}", "show what runs"),
        (f"ckgqa localaws down{suffix}", "stop it and delete all that it stores"),
    ):
        click.echo(f"{command:<{len(use)}}  {purpose}")


@localaws.command()
@port_option
@state_option("; its port is in it")
@click.option("--all", "every", is_flag=True, help="Stop every localaws that this user started.")
@click.option("--keep-state", is_flag=True, help="Keep the state folder for the next `up`.")
def down(port: int, state: Path | None, every: bool, keep_state: bool) -> None:
    """Stop it, and delete everything that it stores.

    It also removes what a killed one left: processes, containers, networks and the state folder. It deletes no folder
    that is not a state folder of localaws.
    """
    if every and state:
        raise InputError(refusal("--all", "--state", "one of the two"))
    with signals_as_interrupt(), one_at_a_time():
        ports = known_ports() if every else [state_port(state) if state else port]
        found = [(each, stop(each, state, keep_state=keep_state)) for each in ports]
    for each, removed in found:
        _report(each, removed)
    if not found:
        click.echo("localaws does not run")


def _report(port: int, removed: Removed) -> None:
    if removed.server:
        click.echo(f"Stopped localaws on port {port}.")
    else:
        click.echo(f"localaws does not run on port {port}.")
    if removed.left:
        click.echo(f"Removed what a killed one left: {', '.join(removed.left)}.")
    if removed.state:
        click.echo(f"Deleted its state: {removed.state}")
    if removed.kept_state:
        click.echo(f"Kept its state: {removed.kept_state}")


@localaws.command()
@port_option
@json_option
def status(port: int, as_json: bool) -> None:
    """Show whether it runs, and its jobs; exit with 75 if not.

    The exit code is 0 if it runs and answers, and 75 if it does not.
    """
    instance, answer = read_instance(port), ask_status(port)
    process = instance.process() if instance else None
    if as_json:
        click.echo(json.dumps(_as_json(port, instance, process, answer), indent=2))
    elif answer:
        _show(instance if process else None, port, answer)
    elif instance and process:
        click.echo(f"localaws on port {port} is process {process.pid}, but does not answer; its log: {instance.log}")
    elif instance:
        click.echo(f"localaws on port {port} ended without cleaning up; `up` continues it, `down` removes what it left")
    else:
        click.echo(f"localaws does not run on port {port}")
    if not answer:
        click.get_current_context().exit(EXIT_SERVICE)


def _as_json(
    port: int, instance: Instance | None, process: psutil.Process | None, answer: dict[str, Any] | None
) -> dict[str, Any]:
    running = instance if process else None
    return {
        "port": port,
        "running": answer is not None,
        "pid": running.pid if running else None,
        "since": datetime.fromtimestamp(running.created, UTC).isoformat(timespec="seconds") if running else None,
        "log": str(running.log) if running else None,
        "status": answer,
    }


def _show(instance: Instance | None, port: int, answer: dict[str, Any]) -> None:
    since = f"since {_utc(instance.created)}" if instance else "(it was not started from here)"
    click.echo(f"localaws runs at http://{LOOPBACK}:{port} {since}")
    counts = [f"{number} {status}" for status, number in answer.get("jobs", {}).items()]
    running = [arn.rpartition(":")[2] for arn in answer.get("running_jobs", [])]
    rows = {
        "state": answer.get("state"),
        "log": instance and instance.log,
        "docker": answer.get("docker") or "does not answer",
        "registry": answer.get("registry"),
        "jobs": ", ".join(counts) or None,
        "running": ", ".join(running) or "no job",
    }
    for name, value in rows.items():
        if value is not None:
            click.echo(f"{name:<9} {value}")


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@localaws.command("env")
@port_option
@click.option(
    "--shell",
    type=click.Choice(get_args(Shell)),
    default="sh",
    show_default=True,
    help="Language of the output; sh also serves bash and zsh.",
)
def print_variables(port: int, shell: Shell) -> None:
    """Print the variables that let AWS's tools use it.

    Use it as `eval "$(ckgqa localaws env)"`, or in fish as `ckgqa localaws env --shell fish | source`. The key is that
    of the account's root user. Variables that would lead to another AWS are unset.
    """
    instance = read_instance(port)
    configuration = read_settings(Path(instance.state)) if instance and instance.process() else None
    if configuration is None:
        raise InputError(f"localaws does not run on port {port}; start it first: ckgqa localaws up --port {port}")
    click.echo(in_words_of(shell, configuration.variables, misleading_variables(os.environ)))
