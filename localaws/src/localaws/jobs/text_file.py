"""Short texts that a container leaves in files."""

import tarfile

from localaws.containers.group import ContainerGroup

LIMIT = 65536


def read_text(group: ContainerGroup, host: int, path: str) -> bytes:
    """Return the start of a file of an ended container, or nothing if it is not there."""
    archive = group.fetch(host, path)
    if archive is None:
        return b""
    with tarfile.open(fileobj=archive, mode="r|") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            return content.read(LIMIT) if content is not None else b""
    return b""
