"""The variables by which AWS's tools and SDKs use a server, in the words of a shell."""

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Literal

Shell = Literal["sh", "fish", "json"]
MISLEADING = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
"""Variables that would make a tool use other credentials, or the real AWS."""
ENDPOINT = "AWS_ENDPOINT_URL"


def misleading_variables(environment: Iterable[str]) -> list[str]:
    """Name the variables to unset: the usual ones, and the endpoints of single services in an environment."""
    return [*MISLEADING, *sorted(name for name in environment if name.startswith(f"{ENDPOINT}_"))]


def in_words_of(shell: Shell, variables: Mapping[str, str], unset: Iterable[str]) -> str:
    """Return the lines that set and unset variables in a shell; for `json`, one object with the variables to set."""
    if shell == "json":
        return json.dumps(variables, indent=2)
    assign, remove = ("export {}={}", "unset {}") if shell == "sh" else ("set -gx {} {}", "set -e {}")
    lines = [assign.format(name, shlex.quote(value)) for name, value in variables.items()]
    return "\n".join(lines + [remove.format(name) for name in unset])
