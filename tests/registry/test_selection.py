"""Which model is meant: by a folder, an id, or nothing."""

from pathlib import Path

import pytest

from ckgqa.registry.local_registry import LocalRegistry
from ckgqa.registry.selection import choose_model
from ckgqa.runtime.errors import InputError
from tests.registry.builders import make

GROUP = "question-model"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A registry with an approved question model and one that waits."""
    models = LocalRegistry(tmp_path / "models")
    for weights in ("1", "2"):
        models.register(GROUP, *make(tmp_path / weights, weights=weights))
    models.decide("question-model/1", "approved", by="li")
    return models.folder


def test_nothing_said_means_the_newest_approved(registry: Path):
    assert choose_model(registry, GROUP, "") == registry / GROUP / "1" / "model"


def test_an_id_and_a_folder_are_taken_at_their_word(registry: Path, tmp_path: Path):
    assert choose_model(registry, GROUP, "question-model/1") == registry / GROUP / "1" / "model"
    assert choose_model(registry, GROUP, str(tmp_path / "2" / "model")) == tmp_path / "2" / "model"


@pytest.mark.parametrize(
    ("group", "name", "message"),
    [
        (
            GROUP,
            "question-model/2",
            "it is pending; `ckgqa models approve question-model/2 --registry .+` approves it",
        ),
        (GROUP, "question-model/latest", "it is pending"),
        ("extraction-model", "question-model/1", "expected a model of the group extraction-model"),
        ("extraction-model", "", "no extraction-model"),
        (GROUP, "no-such-folder", "expected a model's folder, or an ID such as question-model/latest"),
    ],
)
def test_what_is_not_approved_or_not_there_is_refused(registry: Path, group: str, name: str, message: str):
    with pytest.raises(InputError, match=message):
        choose_model(registry, group, name)
