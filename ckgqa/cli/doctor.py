"""`ckgqa doctor`: check this machine, and show what each missing part costs. It opens no connection unasked."""

import configparser
import json
import os
import platform
import re
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

import click
import docker.errors
from rich.table import Table

from ckgqa.bundle import ROOT, STAGES
from ckgqa.cli.memory import read_memory
from ckgqa.cli.options import json_option, runs_dir_option
from ckgqa.execution.console import OutputConsole
from ckgqa.images.engine import connect, is_there
from ckgqa.images.plan import BASE, plan_images
from ckgqa.runtime.errors import EXIT_SERVICE, InputError, ServiceError
from ckgqa.runtime.log import without_credentials
from ckgqa.runtime.settings import refusal

GIBIBYTE = 2**30
ENOUGH_MEMORY_GIB = 4  # training with the default settings stays below it
ENOUGH_DISK_GIB = 10  # the images, a run on the whole of DuIE, and its graph
TORCH = "torch"
REQUIREMENT = re.compile(r"^[A-Za-z0-9][\w.-]*", re.MULTILINE)
GREMLIN_TIMEOUT_S = 3
GREMLIN_ADDRESS = "an address such as ws://HOST:PORT/gremlin or wss://HOST:PORT/gremlin"
KEY_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ROLE_VARIABLES = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for."""

    name: str
    there: bool
    what: str
    """What was found, with versions and sizes."""
    cost: str = ""
    """What does not work without it; empty when it is there."""
    essential: bool = False
    """Nothing works without it."""


@click.command()
@runs_dir_option
@click.option("--gremlin", metavar="URL", help="Address of a Gremlin Server to check, ws:// or wss://.")
@json_option
def doctor(runs_dir: Path, gremlin: str | None, as_json: bool) -> None:
    """Check this machine, and show what each missing part costs."""
    findings = examine(runs_dir, gremlin, os.environ)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        OutputConsole(markup=True).print(_table(findings))
    if any(finding.essential and not finding.there for finding in findings):
        click.get_current_context().exit(EXIT_SERVICE)


def examine(runs: Path, gremlin: str | None, environment: Mapping[str, str]) -> list[Finding]:
    """Look for everything that a pipeline may want.

    Args:
        runs: the folder of the runs; it need not exist.
        gremlin: URL of a Gremlin Server to look for, or None.
        environment: variables that may hold AWS credentials.
    """
    engine, packages = find_docker(), find_packages()
    runnable = engine[0].there or all(package.there for package in packages)
    executor = Finding(
        "a way to run stages",
        runnable,
        "in containers or as processes" if runnable else "neither Docker nor all packages",
        "" if runnable else "no pipeline can run: start Docker, or pip install 'ckgqa[stages]' -c constraints.txt",
        essential=True,
    )
    found = [find_python(), executor, *engine, *packages, find_processors(), find_memory(), find_disk(runs)]
    found += [find_gpu(), find_aws(environment)]
    return found + ([find_gremlin(gremlin)] if gremlin else [])


def find_python() -> Finding:
    """Look at the Python that runs this."""
    fits = sys.version_info >= (3, 11)
    return Finding("Python", fits, platform.python_version(), "" if fits else "3.11 or newer is needed", essential=True)


def find_docker() -> list[Finding]:
    """Look for an engine and, in it, for the public image that ours build FROM."""
    public = plan_images()[BASE].parent
    try:
        with connect() as client:
            version, there = client.version()["Version"], is_there(client, public)
    except (ServiceError, docker.errors.DockerException):
        cost = "pipelines run as plain processes; images cannot be built"
        return [Finding("Docker engine", there=False, what="none answers", cost=cost)]
    cost = "" if there else "the first `ckgqa images build` pulls it, which needs a registry"
    return [Finding("Docker engine", there=True, what=version), Finding("base image", there, public, cost)]


def find_packages() -> list[Finding]:
    """Look for what the stages import when they run as plain processes; torch alone is imported."""
    missing = [name for name in stage_packages() if name != TORCH and not _is_installed(name)]
    what = f"missing: {', '.join(missing)}" if missing else "all there"
    cost = "stages run in containers alone; pip install 'ckgqa[stages]' -c constraints.txt" if missing else ""
    packages = Finding("the stages' packages", not missing, what, cost)
    if not _is_installed(TORCH):
        cost = "models train and extract in containers alone; pip install $(python -m ckgqa.images.torch_source)"
        return [packages, Finding("torch", there=False, what="not installed", cost=cost)]
    import torch  # noqa: PLC0415 - it takes seconds and may be absent

    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU build"
    return [packages, Finding("torch", there=True, what=f"{torch.__version__} ({build})")]


def stage_packages() -> list[str]:
    """Name the packages in the stages' requirements.txt, sorted."""
    files = [ROOT / "components" / stage / "requirements.txt" for stage in STAGES]
    return sorted({name for file in files for name in REQUIREMENT.findall(file.read_text(encoding="utf-8"))})


def find_processors() -> Finding:
    """Count the processors that this process may use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cost = "" if count > 1 else "training takes about twice as long as on two"
    return Finding("processors", count > 1, f"{count}", cost)


def find_memory() -> Finding:
    """Look at the memory that is free now, and that a container's limit leaves."""
    memory = read_memory()
    enough = memory.free >= ENOUGH_MEMORY_GIB * GIBIBYTE
    what = f"{memory.free / GIBIBYTE:.1f} of {memory.total / GIBIBYTE:.1f} GiB free"
    cost = "" if enough else f"with less than {ENOUGH_MEMORY_GIB} GiB, training on all of DuIE may be killed"
    return Finding("memory", enough, what, cost)


def find_disk(runs: Path) -> Finding:
    """Look at the free space for the folder of the runs."""
    folder = next(path for path in (runs.resolve(), *runs.resolve().parents) if path.exists())
    free = shutil.disk_usage(folder).free / GIBIBYTE
    enough = free >= ENOUGH_DISK_GIB
    cost = "" if enough else f"with less than {ENOUGH_DISK_GIB} GiB, images or a large run may find the disk full"
    return Finding("disk", enough, f"{free:.1f} GiB free at {folder}", cost)


def find_gpu() -> Finding:
    """Look for a GPU by its driver's tool, which is there with the driver; torch's build is another finding."""
    there = shutil.which("nvidia-smi") is not None
    what = "NVIDIA driver installed" if there else "none"
    return Finding("GPU", there, what, "" if there else "training runs on the processors; nothing else is lost")


def find_aws(environment: Mapping[str, str]) -> Finding:
    """Look for AWS credentials in the places of AWS's own tools, without using them."""
    found = _aws_source(environment)
    cost = "" if found else "SageMaker, S3 and Neptune cannot be reached; everything local works"
    return Finding("AWS credentials", found is not None, found or "none", cost)


def find_gremlin(url: str) -> Finding:
    """See whether something listens at the host and port of a Gremlin Server's URL.

    Raises:
        InputError: it is not the address of a server.
    """
    shown, parts = without_credentials(url), urlsplit(url)
    try:
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "wss" else 8182)
    except ValueError as error:
        raise InputError(refusal("--gremlin", shown, GREMLIN_ADDRESS)) from error
    if parts.scheme not in {"ws", "wss"} or not host:
        raise InputError(refusal("--gremlin", shown, GREMLIN_ADDRESS))
    try:
        socket.create_connection((host, port), GREMLIN_TIMEOUT_S).close()
    except OSError as error:
        cost = "graphs load into an embedded file alone"
        return Finding("Gremlin Server", there=False, what=f"{shown}: {error}", cost=cost)
    return Finding("Gremlin Server", there=True, what=f"{shown} listens")


def _is_installed(package: str) -> bool:
    try:
        metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def _aws_source(environment: Mapping[str, str]) -> str | None:
    """Return the first source of credentials, or None."""
    if all(environment.get(name) for name in KEY_VARIABLES):
        return "from the environment"
    for name in ROLE_VARIABLES:
        if environment.get(name):
            return f"a role, by {name}"
    home = Path(environment.get("HOME", "~")).expanduser() / ".aws"
    profile = environment.get("AWS_PROFILE", "default")
    places = {
        Path(environment.get("AWS_SHARED_CREDENTIALS_FILE", home / "credentials")): profile,
        Path(environment.get("AWS_CONFIG_FILE", home / "config")): "default"
        if profile == "default"
        else f"profile {profile}",
    }
    for file, section in places.items():
        if _holds_credentials(file, section):
            return f"profile {profile!r} in {file}"
    return None


def _holds_credentials(file: Path, section: str) -> bool:
    """Return whether a profile in one of AWS's files has a source of credentials."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(file, encoding="utf-8")
    except configparser.Error:  # AWS's tools refuse such a file too
        return False
    ways = ("aws_access_key_id", "sso_session", "sso_start_url", "role_arn", "credential_process")
    return parser.has_section(section) and any(parser.has_option(section, way) for way in ways)


def _table(findings: list[Finding]) -> Table:
    """Tabulate the findings."""
    table = Table("", "looked for")
    table.add_column("found", overflow="fold")
    table.add_column("what its absence costs")
    for finding in findings:
        sign = "[green]yes[/]" if finding.there else "[bold red]NO[/]" if finding.essential else "[yellow]no[/]"
        table.add_row(sign, finding.name, finding.what, finding.cost)
    return table
