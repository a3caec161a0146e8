"""`register`: add a model and its report to the registry, and write the model package as an artefact of the run."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ckgqa.registry.candidate import ModelCandidate, examined
from ckgqa.registry.local_registry import LocalRegistry
from ckgqa.registry.package import ModelPackage, ModelStatus
from ckgqa.runtime.artefacts import MODEL_PACKAGE, PACKAGE_JSON
from ckgqa.runtime.files import atomic_folder
from ckgqa.runtime.jsonlines import write_json
from ckgqa.runtime.manifest import Manifest, write_manifest
from ckgqa_register_model.settings import RegisterSettings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Registered:
    """The result of a registration: a version of the model's group, or, without a registry, none."""

    id: str
    version: int
    status: ModelStatus | Literal["unregistered"]
    registered: str
    run: str


def register(settings: RegisterSettings) -> None:
    """Register a model and the report on it as the next version of its group, pending a person's approval."""
    with examined(settings.group, settings.model, settings.report) as candidate:
        if settings.registry:
            became = _registered(LocalRegistry(Path(settings.registry)).add(candidate, settings.run))
            logger.info("%s is %s in %s", became.id, became.status, settings.registry)
        else:
            became = Registered("", 0, "unregistered", "", settings.run)
            logger.warning("no --registry: the %s passed its checks, but is not registered", settings.group)
        write_package(settings.package, candidate, became)


def write_package(folder: Path, candidate: ModelCandidate, became: Registered) -> None:
    """Write the artefact that describes the registered model."""
    contents = {"model": candidate.model, "report": candidate.report}
    described = {name: asdict(content) for name, content in contents.items()}
    group = candidate.group.name
    with atomic_folder(folder) as work:
        write_json(
            work / PACKAGE_JSON, {**asdict(became), **described, "group": group, "metrics": dict(candidate.metrics)}
        )
        hashes = {name: content.hash for name, content in contents.items()}
        made_by = "register_model register"
        write_manifest(work, Manifest(*MODEL_PACKAGE, candidate.schema_hash, made_by, {"group": group}, hashes))


def _registered(package: ModelPackage) -> Registered:
    return Registered(package.id, package.version, package.status, package.registered, package.run)
