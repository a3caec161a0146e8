"""Select a model: a folder, a version of the registry, or the newest approved version."""

from pathlib import Path

from ckgqa.registry.layout import registry_words
from ckgqa.registry.local_registry import LocalRegistry
from ckgqa.registry.model_groups import GROUPS
from ckgqa.runtime.errors import InputError, require
from ckgqa.runtime.settings import refusal


def choose_model(registry: Path, group: str, name: str) -> Path:
    """Return the folder of a model; models of the registry must be approved.

    Args:
        registry: its folder.
        group: `question-model` or `extraction-model`.
        name: a model's folder or model.tar.gz, an id such as `question-model/3`, or empty for the newest approved one.

    Raises:
        InputError: there is no such model, it is of another group, none is approved, or its files have changed.
    """
    models = LocalRegistry(registry)
    if not name:
        return models.approved(group).model_folder
    if name.partition("/")[0] not in GROUPS or Path(name).exists():
        require(Path(name).exists(), refusal("--model", name, f"a model's folder, or an ID such as {group}/latest"))
        return Path(name)
    package = models.package(name)
    require(package.group == group, refusal("--model", name, f"a model of the group {group}"))
    if package.status != "approved":
        approve = f"`ckgqa models approve {package.id}{registry_words(registry)}` approves it"
        raise InputError(refusal("--model", name, f"an approved model, but it is {package.status}; {approve}"))
    package.refuse_changed()
    return package.model_folder
