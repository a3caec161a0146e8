"""The configuration of one localaws: a JSON file that `ckgqa localaws up` writes and `python -m localaws` reads."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

from localaws.errors import LocalawsError

GATEWAY = "169.254.170.1"
"""Address of the host in the network of the jobs, where they reach localaws."""
CREDENTIALS_HOST = "169.254.170.2"
"""Address at which every AWS SDK asks for `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`."""
SUBNET = "169.254.170.0/24"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Configuration:
    """The settings of one localaws."""

    state: str
    """Folder of everything that it stores."""
    models: str
    """Folder of botocore's service models (`botocore/data`) that requests are validated against."""
    access_key: str
    """Access key id of the account's root user."""
    secret_key: str
    """Secret access key of the account's root user."""
    port: int = 4566
    """Port on 127.0.0.1 and on the gateway of the jobs' network."""
    account: str = "000000000000"
    """Account number, 12 digits."""
    region: str = "us-east-1"
    """Region of requests that name none."""
    auth: bool = True
    """Check signatures and policies."""
    period_divisor: float = 1.0
    """Every period (time limits, grace periods, schedules, cooldowns) is divided by this number."""
    images: dict[str, str] = field(default_factory=dict)
    """Image of a request -> image of the engine that runs instead. `*` matches any characters."""
    spot_interruptions: int = 0
    """How often a spot training is interrupted, unless its tag `localaws:spot-interruptions` says otherwise."""
    spot_interruption_after_s: float = 30.0
    """Seconds of training before each interruption (divided by `period_divisor`)."""
    docker_host: str = ""
    """Address of the Docker engine; empty: `DOCKER_HOST`, or the engine's usual socket."""
    proxy_image: str = "python:3.11-slim-bookworm"
    """Image with a `python` in it, in which the proxy for credentials runs."""
    registry_image: str = "registry:2"
    """Image of the registry where the program `docker-registry` is not installed."""

    def __post_init__(self) -> None:
        if not self.period_divisor >= 1:
            raise LocalawsError(f"period_divisor {self.period_divisor}: expected a number of at least 1")
        if not (len(self.account) == 12 and self.account.isdecimal()):
            raise LocalawsError(f"account {self.account!r}: expected 12 digits")

    @property
    def address(self) -> str:
        """Its address for programs on this machine."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def job_address(self) -> str:
        """Its address for the containers of jobs."""
        return f"http://{GATEWAY}:{self.port}"

    @property
    def registry(self) -> str:
        """The registry's name in image references, as `docker push` and the engine use it."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def instance(self) -> str:
        """Name of this localaws, which its network and containers carry."""
        return f"localaws-{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """The variables by which AWS's tools use it: its address, its root user's key and its region."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def period_s(self, seconds: float) -> float:
        """Return how long a period lasts here."""
        return seconds / self.period_divisor


def read_configuration(file: Path) -> Configuration:
    """Read the JSON file.

    Raises:
        LocalawsError: it cannot be read, or a setting is unknown or wrong.
    """
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        return Configuration(**values)
    except (OSError, ValueError, TypeError) as error:
        raise LocalawsError(f"{file}: not a configuration ({error})") from error


def write_configuration(configuration: Configuration, file: Path) -> None:
    """Write the JSON file, readable by its owner alone: it holds the root user's key."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(dataclasses.asdict(configuration), indent=2) + "\n", encoding="utf-8")
