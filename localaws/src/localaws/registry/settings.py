"""The configuration file of the program `docker-registry`, and of the image `registry:2`, which is the same program."""

import json


def registry_settings(root: str, network: str, address: str, secret: str) -> str:
    """Return the text of the configuration file.

    Args:
        root: folder of the layers and manifests.
        network: `unix` or `tcp`.
        address: path of the socket, or the port such as `:5000`.
        secret: signs the state of an upload. It is the same after a restart, so that an upload can go on.
    """
    settings = {
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": root},
            "delete": {"enabled": True},
            "cache": {"blobdescriptor": "inmemory"},
        },
        # The front rewrites relative addresses; absolute ones would name the socket.
        "http": {"net": network, "addr": address, "secret": secret, "relativeurls": True},
    }
    # JSON is YAML, and it quotes every path correctly.
    return json.dumps(settings, indent=2) + "\n"
