"""What a task works on outside of the run: a graph, and the registry of models, which its parameters name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ckgqa.graph.connection import embedded_path
from ckgqa.runtime.errors import InputError

PARAMETERS = {"url", "registry"}
"""The parameters that name it, empty for none."""


@dataclass(frozen=True)
class Outside:
    """What one task is given of it; its result is then never taken from an earlier run."""

    url: str
    """Address of a graph; empty for none."""
    registry: str
    """Folder of the registry; empty for none."""

    @classmethod
    def of(cls, parameters: Mapping[str, object]) -> "Outside":
        """Take it from a task's parameters."""
        return cls(**{name: str(parameters.get(name, "")) for name in PARAMETERS})

    def __bool__(self) -> bool:
        return bool(self.url or self.registry)

    @property
    def network(self) -> bool:
        """Whether the graph is behind one."""
        return bool(self.url) and embedded_path(self.url) is None

    def folders(self) -> tuple[Path, ...]:
        """Return the folders that the task writes to; that of the registry is made where it is not there.

        The folder of an embedded graph is not, nor is one that is missing told of: an engine would make it, and the
        stage is to say that there is no such graph.

        Raises:
            InputError: the registry's path is relative, and tasks run in folders of their own.
        """
        graph = embedded_path(self.url) if self.url else None
        found = [] if graph is None or not graph.parent.is_dir() else [graph.parent]
        if self.registry:
            registry = Path(self.registry)
            if not registry.is_absolute():
                raise InputError(
                    f"the registry {self.registry} is no absolute path, and tasks run in their own folders"
                )
            if not registry.exists():
                registry.mkdir(parents=True)
            found.append(registry)
        return tuple(found)
