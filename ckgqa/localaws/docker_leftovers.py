"""What a server that was killed leaves in the Docker engine: containers and networks with its label."""

from contextlib import suppress

import docker.errors

from ckgqa.images.engine import connect
from ckgqa.runtime.errors import ServiceError

LABEL = "localaws.instance"
"""The label of everything that a server makes in the engine; its value is the name of the server's instance."""


def remove_leftovers(instance: str, *, needed: bool) -> list[str]:
    """Remove the containers and the networks of a server that does not run, and name them.

    Args:
        instance: the server's name.
        needed: whether a server ran, so that something may be left. If not, an absent engine is no error.

    Raises:
        ServiceError: the engine does not answer, or refuses.
    """
    removed: list[str] = []
    try:
        with connect() as client:
            ours = f"{LABEL}={instance}"
            for container in client.containers.list(all=True, filters={"label": ours}, ignore_removed=True):
                with suppress(docker.errors.NotFound):  # removed meanwhile, by the engine itself
                    container.remove(force=True, v=True)
                removed.append(f"container {container.name}")
            for network in client.networks.list(filters={"label": ours}):
                network.remove()
                removed.append(f"network {network.name}")
    except ServiceError as error:
        if not needed:
            return removed
        message = f"Docker does not answer, so that containers of {instance} may be left; run this again when it does"
        raise ServiceError(message) from error
    return removed
