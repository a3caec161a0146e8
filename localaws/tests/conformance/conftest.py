import pytest

from ..serving_image import offer_model, packed
from .foreign import Foreign, clients_python
from .world import World


@pytest.fixture(scope="session")
def worlds() -> list[World]:
    """The one world of this run, as soon as there is one."""
    return []


@pytest.fixture
def world(server, role, image, serving_image, worlds) -> World:
    """The shared localaws, and what the tests of this folder have made in it."""
    if not worlds:
        server.client("s3").put_object(Bucket="data", Key="model.tar.gz", Body=packed({"weights": b"row"}))
        offer_model(server, serving_image)
        worlds.append(World(server, role, image))
    return worlds[0]


@pytest.fixture
def foreign(world, tmp_path) -> Foreign:
    """Clients of the shared localaws, with a home directory of the test's own."""
    return Foreign(world, clients_python(), tmp_path)
