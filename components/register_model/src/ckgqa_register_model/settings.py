"""The settings of `register`; every field is a flag, and the text under it is its help."""

from dataclasses import dataclass

from ckgqa.registry.model_groups import GroupName
from ckgqa.runtime.errors import require
from ckgqa.runtime.settings import CheckedSettings, InputModel, InputPath, OutputPath, refusal


@dataclass(frozen=True)
class RegisterSettings(CheckedSettings):
    """Settings of `register`."""

    model: InputModel
    """Model folder, as the training wrote it, or its model.tar.gz."""
    report: InputPath
    """Folder of the report that the evaluation of this very model has written."""
    package: OutputPath
    """Folder that receives package.json: id, version, status and figures of what was registered."""
    group: GroupName
    """The models that this one may stand in for."""
    registry: str = ""
    """Folder of the registry, made if it does not exist; if empty, model and report are checked but not registered."""
    run: str = ""
    """Name of the pipeline's run that the model comes from; the runner of a pipeline names its own."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(len(self.run.splitlines()) <= 1, refusal("--run", repr(self.run), "the name of a run, in one line"))
