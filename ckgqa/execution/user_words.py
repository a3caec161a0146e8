"""A stage's messages in the words of the user of a run: the user's own flags and files, and not those of the task."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ckgqa.execution.compilation.task_inputs import TaskInputs
from ckgqa.execution.inputs import GIVEN_BY_RUN, INPUTS
from ckgqa.runtime.settings import option_of

FLAG = re.compile(r"--[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class UserWords:
    """The user's words for the flags of one task and for the paths of a run."""

    flags: Mapping[str, str] = field(default_factory=dict)
    """Flag of the task's program -> flag of `ckgqa run`, such as `--set extract.max_bad_fraction`."""
    paths: Mapping[Path, str] = field(default_factory=dict)
    """Path inside the run -> what the user named."""

    def translate(self, message: str) -> str:
        """Return a message of the task's program in the user's words."""
        text = FLAG.sub(lambda found: self.flags.get(found[0], found[0]), message)
        for path in sorted(map(str, self.paths), key=len, reverse=True):
            text = text.replace(path, self.paths[Path(path)])
        # The option takes one word, TASK.NAME=VALUE.
        return re.sub(r"^--set (\S+\.\w+) ", r"--set \1=", text)


def flags_of_user(inputs: TaskInputs) -> dict[str, str]:
    """Return flag of a task's program -> flag of `ckgqa run` that sets it.

    A flag is left out if no flag of `ckgqa run` sets it, since the pipeline connects it.
    """
    flags = {option_of(name): f"--set {inputs.task.name}.{name}" for name in inputs.values}
    flags |= {option_of(name): option_of(parameter) for name, parameter in inputs.pipeline_parameters.items()}
    given = {name: GIVEN_BY_RUN.get(parameter, "") for name, parameter in inputs.artefacts.items()}
    return flags | {option_of(name): option_of(own) for name, own in given.items() if own and INPUTS[own].offered}
