"""A toy stage is built, changed and broken in a copy of the checkout, on a real engine."""

from collections.abc import Iterator
from pathlib import Path

import docker
import docker.errors
import pytest

from ckgqa.images.build import BuildOptions, BuiltImage, build_images, select_images
from ckgqa.images.engine import connect, is_there, remove_outdated
from ckgqa.images.plan import Image, plan_images
from ckgqa.runtime.errors import ServiceError, StageError

pytestmark = pytest.mark.docker

PROGRAM = "src/ckgqa_toy/__main__.py"


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    with connect() as client:
        yield client
        for image in client.images.list(filters={"label": "org.opencontainers.image.title=ckgqa toy"}):
            client.images.remove(image.id, force=True)


@pytest.fixture
def toy(root: Path) -> Path:
    """Add a stage that prints 1, with notify's outline, to the copy of the checkout."""
    folder = root / "components/toy"
    (folder / "src/ckgqa_toy").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "component.py").touch()
    dockerfile = (root / "components/notify/Dockerfile").read_text(encoding="utf-8")
    (folder / "Dockerfile").write_text(dockerfile.replace("notify", "toy"))
    (folder / "requirements.txt").write_text("# the standard library\n")
    (folder / "tests/requirements.txt").write_text("pytest\n")
    (folder / "src/ckgqa_toy/__init__.py").touch()
    (folder / PROGRAM).write_text("print(1)\n")
    (folder / "tests/test_toy.py").write_text("def test_toy():\n    import ckgqa_toy.__main__\n")
    return folder


def build(client: docker.DockerClient, root: Path, options: BuildOptions = BuildOptions()) -> dict[str, BuiltImage]:  # noqa: B008
    planned = plan_images(root)
    return {one.image.name: one for one in build_images(client, chosen(planned), planned, options, lambda *_: None)}


def chosen(planned: dict[str, Image]) -> list[Image]:
    return select_images(["toy"], planned)


def states(built: dict[str, BuiltImage]) -> dict[str, str]:
    return {name: one.state for name, one in built.items()}


def test_only_what_changed_is_built(client: docker.DockerClient, root: Path, toy: Path) -> None:
    first = build(client, root)
    assert states(first)["toy"] == "built"
    assert states(build(client, root)) == {"base": "up to date", "toy": "up to date"}

    (toy / "README.md").write_text("new words")
    assert states(build(client, root)) == {"base": "up to date", "toy": "up to date"}

    (toy / "tests/test_toy.py").write_text("def test_another():\n    assert True\n")
    assert states(build(client, root)) == {"base": "up to date", "toy": "tested"}

    (toy / PROGRAM).write_text("print(2)\n")
    second = build(client, root)
    assert states(second) == {"base": "up to date", "toy": "built"}
    said = {tag: client.containers.run(tag, remove=True) for tag in (one["toy"].image.tag for one in (first, second))}
    assert list(said.values()) == [b"1\n", b"2\n"]
    assert client.containers.run("ckgqa/toy", remove=True) == b"2\n"


def test_a_failing_test_leaves_no_image_and_shows_its_last_lines(
    client: docker.DockerClient, root: Path, toy: Path
) -> None:
    (toy / "tests/test_toy.py").write_text("def test_toy():\n    assert 41 == 42\n")
    with pytest.raises(
        StageError, match=r"ckgqa/toy:\w{16} was not built; this step failed: RUN python -m pytest"
    ) as e:
        build(client, root)
    assert "assert 41 == 42" in str(e.value)
    assert e.value.exit_code == 1
    assert not is_there(client, plan_images(root)["toy"].tag)
    assert not is_there(client, plan_images(root)["toy"].tests_tag)

    assert states(build(client, root, BuildOptions(tests=False)))["toy"] == "built"


def test_a_package_that_pip_does_not_find_is_named(client: docker.DockerClient, root: Path, toy: Path) -> None:
    (toy / "requirements.txt").write_text("ckgqa-no-such-package\n")
    with pytest.raises(StageError, match="No matching distribution found for ckgqa-no-such-package"):
        build(client, root)


def test_a_public_image_that_cannot_be_pulled_is_the_machines_fault(
    client: docker.DockerClient, root: Path, toy: Path
) -> None:
    dockerfile = toy / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8").replace("PARENT=ckgqa/base", "PARENT=127.0.0.1:1/nothing:1")
    dockerfile.write_text(text)
    with pytest.raises(ServiceError, match="was not built"):
        build(client, root)


def test_rebuilding_runs_every_step_again(client: docker.DockerClient, root: Path, toy: Path) -> None:
    tag = build(client, root)["toy"].image.tag
    before = client.images.get(tag).id
    base = plan_images(root)["base"]
    planned = plan_images(root)
    again = build_images(client, [planned["toy"]], planned, BuildOptions(rebuild=True), lambda *_: None)
    assert [one.state for one in again] == ["built"]
    assert client.images.get(tag).id != before
    assert is_there(client, base.tag)


def test_cleaning_removes_outdated_builds_alone(client: docker.DockerClient, root: Path, toy: Path) -> None:
    old = build(client, root)["toy"].image
    (toy / PROGRAM).write_text("print(2)\n")
    new = build(client, root)["toy"].image
    removed = remove_outdated(client, {"toy": new})
    assert {old.tag, old.tests_tag} <= set(removed)
    assert [is_there(client, tag) for tag in (old.tag, old.tests_tag, new.tag, new.tests_tag, "ckgqa/toy:latest")] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert is_there(client, plan_images(root)["base"].tag)
