from collections.abc import Iterator

import pytest

from ..conftest import BASE_IMAGE
from ..server import Server
from .world import World

WORLD = pytest.StashKey[World]()


@pytest.fixture(scope="module")
def world(request, python, tmp_path_factory) -> Iterator[World]:
    """A localaws for all modules of this folder: it ends when pytest leaves the folder."""
    folder = request.node.parent
    if WORLD not in folder.stash:
        server = Server(python, tmp_path_factory.mktemp("localaws"), {"period_divisor": 10})

        def end() -> None:
            server.clean()
            if WORLD in folder.stash:
                del folder.stash[WORLD]

        folder.addfinalizer(end)
        server.start()
        server.client("s3").create_bucket(Bucket="data")
        folder.stash[WORLD] = World(server, server.role("jobs"), server.push(BASE_IMAGE, "base"))
    return folder.stash[WORLD]
