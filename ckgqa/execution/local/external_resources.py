"""The resources outside of the run that a task changes: a graph, and the registry of models."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ckgqa.graph.connection import embedded_path
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.settings import refusal

EXTERNAL_PARAMETERS = {"url", "registry"}
"""The parameters that name them, empty for none."""


@dataclass(frozen=True)
class ExternalResources:
    """The external resources of one task; the result of a task that has any is never taken from an earlier run."""

    url: str
    """Address of a graph; empty for none."""
    registry: str
    """Folder of the registry; empty for none."""

    @classmethod
    def of(cls, parameters: Mapping[str, object]) -> "ExternalResources":
        """Read them from the parameters of a task."""
        return cls(**{name: str(parameters.get(name, "")) for name in EXTERNAL_PARAMETERS})

    def __bool__(self) -> bool:
        return bool(self.url or self.registry)

    @property
    def network(self) -> bool:
        """Whether the graph is reached over a network."""
        return bool(self.url) and embedded_path(self.url) is None

    def folders(self) -> tuple[Path, ...]:
        """Return the folders that the task writes to; create the folder of a registry.

        Missing graph folders are skipped: Docker would create an empty one, hiding the error that the stage should
        report.

        Raises:
            InputError: the path of the registry is relative, and tasks run in folders of their own.
        """
        graph = embedded_path(self.url) if self.url else None
        folders = [] if graph is None or not graph.parent.is_dir() else [graph.parent]
        if self.registry:
            registry = Path(self.registry)
            if not registry.is_absolute():
                raise InputError(refusal("--registry", self.registry, "an absolute path, since tasks have own folders"))
            if not registry.exists():
                registry.mkdir(parents=True)
            folders.append(registry)
        return tuple(folders)
