"""The entrance of localaws' image: `python -m localaws.container` makes the configuration and becomes the server.

Every flag is also an environment variable: `--period-divisor 60` and `LOCALAWS_PERIOD_DIVISOR=60` are the same. The
root user's key is that of `LOCALAWS_ACCESS_KEY` and `LOCALAWS_SECRET_KEY`, or that of the state folder, or a new one.
Standard output gets the lines that let the AWS tools of a shell use the server.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from localaws.configuration import Configuration, write_configuration
from localaws.errors import LocalawsError
from localaws.root_key import root_key

EXIT_INPUT = 2
STATE = "/state"
MODELS = "/opt/localaws/models"
PREFIX = "LOCALAWS_"
KEY_VARIABLES = (f"{PREFIX}ACCESS_KEY", f"{PREFIX}SECRET_KEY")


def main(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    """Write the configuration, print the `export` lines, and replace this process by the server.

    Raises:
        SystemExit: a setting is wrong; the exit code is 2.
    """
    try:
        configuration = configuration_of(argv, environment)
    except LocalawsError as error:
        sys.stderr.write(f"error: {error}\n")
        raise SystemExit(EXIT_INPUT) from error
    file = Path(configuration.state) / "configuration.json"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_configuration(configuration, file)
    sys.stdout.write(export_lines(configuration))
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "localaws", str(file)])  # noqa: S606 -- the server takes our place


def configuration_of(argv: Sequence[str], environment: Mapping[str, str]) -> Configuration:
    """Return the configuration that the flags, or else the environment variables, describe.

    Raises:
        LocalawsError: the values are wrong together.
        SystemExit: a flag is unknown, or its value is wrong; the exit code is 2.
    """
    settings = vars(_parser(environment).parse_args(argv))
    keys = [environment.get(name, "") for name in KEY_VARIABLES]
    if any(keys) and not all(keys):
        raise LocalawsError(f"{' and '.join(KEY_VARIABLES)}: expected both or neither")
    access_key, secret_key = keys if all(keys) else root_key(Path(settings["state"]) / "configuration.json")
    return Configuration(models=MODELS, access_key=access_key, secret_key=secret_key, **settings)


def export_lines(configuration: Configuration) -> str:
    """Return the lines of a shell that let the AWS tools use the server."""
    return "".join(f"export {name}={value}\n" for name, value in configuration.variables.items())


def image_table(text: str) -> dict[str, str]:
    """Parse `FROM=TO,FROM=TO`.

    Raises:
        ValueError: the text has another form.
    """
    pairs = [word.split("=") for word in text.split(",") if word]
    if not all(len(pair) == 2 and all(pair) for pair in pairs):
        raise ValueError(text)
    return dict(pairs)


def truth(text: str) -> bool:
    """Parse `true` or `false`.

    Raises:
        ValueError: the text is neither.
    """
    return ("false", "true").index(text) == 1


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("localaws", description="Run a local AWS that really runs SageMaker jobs.")

    def flag(name: str, kind: Callable[[str], Any], default: object, text: str) -> None:
        value = environment.get(f"{PREFIX}{name.upper()}") or str(default)
        words = f"{text} (default: %(default)s)"
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=value, metavar="VALUE", help=words)

    settings = Configuration
    flag("state", str, STATE, "folder of everything that it stores")
    flag("port", int, settings.port, "port on 127.0.0.1 and on the gateway of the jobs' network")
    flag("region", str, settings.region, "region of requests that name none")
    flag("account", str, settings.account, "account number, 12 digits")
    flag("auth", truth, "true", "true or false: check signatures and policies")
    flag("period_divisor", float, settings.period_divisor, "number that every time limit and schedule is divided by")
    flag("images", image_table, "", "FROM=TO,...: run image TO if a request names FROM; * matches any characters")
    flag("spot_interruptions", int, settings.spot_interruptions, "interruptions of each spot training")
    flag("spot_interruption_after_s", float, settings.spot_interruption_after_s, "seconds before each interruption")
    flag("proxy_image", str, settings.proxy_image, "image with a `python`, in which the jobs' credentials are served")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
