import pytest
from localaws.registry.catalog import ImageCatalog, TagExists
from localaws.registry.manifest import DOCKER_MANIFEST, OCI_INDEX, Manifest

ONE = Manifest("sha256:1", DOCKER_MANIFEST, "config", 10, ())
TWO = Manifest("sha256:2", DOCKER_MANIFEST, "config", 20, ())
BOTH = Manifest("sha256:3", OCI_INDEX, "", 0, ("sha256:1", "sha256:2"))


@pytest.fixture
def catalog(tmp_path):
    times = iter(range(100, 200))
    catalog = ImageCatalog(tmp_path / "images.sqlite", lambda: next(times))
    yield catalog
    catalog.close()


def tags(catalog, repository="app"):
    return {image.manifest.digest: image.tags for image in catalog.images(repository)}


def test_a_tag_moves(catalog):
    catalog.put("app", ONE, "b")
    catalog.put("app", ONE, "a")
    catalog.put("app", TWO, "b")
    assert tags(catalog) == {"sha256:1": ("a",), "sha256:2": ("b",)}
    assert catalog.digest("app", "b") == "sha256:2"
    assert catalog.digest("other", "b") is None


def test_an_immutable_tag_stays(catalog):
    catalog.put("app", ONE, "a", immutable=True)
    for manifest in (ONE, TWO):
        with pytest.raises(TagExists):
            catalog.put("app", manifest, "a", immutable=True)
    catalog.put("app", TWO, "b", immutable=True)
    assert tags(catalog) == {"sha256:1": ("a",), "sha256:2": ("b",)}


def test_a_list_has_the_size_of_its_largest_image(catalog):
    for manifest in (ONE, TWO, BOTH):
        catalog.put("app", manifest, None)
    assert catalog.image("app", "sha256:3").manifest.size == 20
    assert catalog.image("app", "sha256:3").manifest.children == ("sha256:1", "sha256:2")


def test_a_second_push_keeps_the_time_of_the_first(catalog):
    catalog.put("app", ONE, "a")
    catalog.put("app", ONE, "b")
    assert catalog.image("app", "sha256:1").pushed_at == 100


def test_deletions(catalog):
    catalog.put("app", ONE, "a")
    catalog.put("app", ONE, "b")
    catalog.put("other", ONE, "a")
    catalog.delete_tag("app", "a")
    assert tags(catalog) == {"sha256:1": ("b",)}
    catalog.delete_image("app", "sha256:1")
    assert tags(catalog) == {}
    assert catalog.digest("app", "b") is None
    assert tags(catalog, "other") == {"sha256:1": ("a",)}


def test_what_an_earlier_repository_left_is_deleted(catalog):
    catalog.put("app", ONE, "a")
    catalog.put("app", TWO, "b")
    catalog.delete_before("app", 101)
    assert tags(catalog) == {"sha256:2": ("b",)}
    assert catalog.digest("app", "a") is None


def test_it_survives_a_restart(catalog, tmp_path):
    catalog.put("app", ONE, "a")
    again = ImageCatalog(tmp_path / "images.sqlite")
    assert again.images("app") == catalog.images("app")
    again.close()
