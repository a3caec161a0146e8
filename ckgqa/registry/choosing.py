"""Which model is meant: a folder, a version of the registry, or the newest that is approved."""

from pathlib import Path

from ckgqa.registry.folder import FolderRegistry
from ckgqa.registry.groups import GROUPS
from ckgqa.runtime.errors import InputError, require


def choose_model(registry: Path, group: str, name: str) -> Path:
    """Return the folder of the model that is to be used; of the registry, only what a person has approved.

    Args:
        registry: its folder.
        group: `question-model` or `extraction-model`.
        name: a model's folder or model.tar.gz, an id such as `question-model/3`, or empty for the newest approved one.

    Raises:
        InputError: there is no such model, it is of another group, none is approved, or it is not what was registered.
    """
    models = FolderRegistry(registry)
    if not name:
        return models.approved(group).model_folder
    if name.partition("/")[0] not in GROUPS or Path(name).exists():
        require(Path(name).exists(), f"--model {name}: neither a model's folder nor an id such as {group}/latest")
        return Path(name)
    package = models.package(name)
    require(package.group == group, f"--model {name}: a model of {group} is expected")
    if package.status != "approved":
        raise InputError(f"--model {name}: it is {package.status}; `ckgqa models approve {package.id}` approves it")
    package.refuse_changed()
    return package.model_folder
