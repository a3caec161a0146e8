"""The registry of models in a folder of this machine."""

import shutil
from pathlib import Path

from ckgqa.registry.candidate import ModelCandidate, examined
from ckgqa.registry.layout import (
    LOCK_TIMEOUT_S,
    last_version,
    locked,
    note_last_version,
    refuse_other,
    registry_words,
    versions_in,
)
from ckgqa.registry.model_groups import GROUPS, find_group
from ckgqa.registry.package import (
    Decision,
    ModelPackage,
    ModelVerdict,
    append_decision,
    new_package,
    read_package,
    write_record,
)
from ckgqa.runtime.clock import utc_now
from ckgqa.runtime.errors import InputError, ServiceError, require
from ckgqa.runtime.files import atomic_folder, tree_hash
from ckgqa.runtime.settings import refusal
from ckgqa.runtime.white_space import is_blank

LATEST = "latest"


class LocalRegistry:
    """Registers models and records decisions about them; several programs may use it at once.

    Args:
        folder: of the registry; the first `register` creates it.
        lock_timeout_s: longest wait, in seconds, for another program that registers or decides.
    """

    def __init__(self, folder: Path, lock_timeout_s: float = LOCK_TIMEOUT_S) -> None:
        self.folder = folder
        self._lock_timeout_s = lock_timeout_s

    def register(self, group: str, model: Path, report: Path, run: str = "") -> ModelPackage:
        """Copy a model and the report on it into the registry as the group's next version, pending.

        The same model with the same report is registered once: the second call returns the existing version.

        Args:
            group: `question-model` or `extraction-model`.
            model: the model's folder, or its model.tar.gz.
            report: the folder that the evaluation of this model has written.
            run: name of the pipeline run that made it.

        Raises:
            InputError: model or report are not of the group's formats, or the folder is not a registry.
            ServiceError: another program keeps the registry busy, or the model changes while it is copied.
        """
        with examined(group, model, report) as candidate:
            return self.add(candidate, run)

    def add(self, candidate: ModelCandidate, run: str = "") -> ModelPackage:
        """Register an examined candidate; see `register`."""
        with locked(self.folder, self._lock_timeout_s, make=True):
            for package in reversed(self.packages(candidate.group.name)):
                if (package.model, package.report) == (candidate.model, candidate.report) and _is_whole(package):
                    return package
            return self._copy(candidate, run)

    def packages(self, group: str | None = None) -> list[ModelPackage]:
        """Return the packages of a group or of all, the newest version of a group last.

        Raises:
            InputError: there is no such group, the folder is no registry, or a package in it is damaged.
        """
        return [self.package(id_) for id_ in self.ids(group)]

    def ids(self, group: str | None = None) -> list[str]:
        """Return the ids of the packages of a group or of all, without reading them.

        Raises:
            InputError: there is no such group, or the folder is no registry.
        """
        names = list(GROUPS) if group is None else [find_group(group).name]
        refuse_other(self.folder)
        return [f"{name}/{version}" for name in names for version in versions_in(self.folder / name)]

    def package(self, id_: str) -> ModelPackage:
        """Return the package `question-model/3`, or the newest of its group, `question-model/latest`.

        Raises:
            InputError: there is none, or it is damaged.
        """
        name, slash, wanted = id_.partition("/")
        if name not in GROUPS:
            raise InputError(refusal("ID", id_, f"GROUP/VERSION, the group one of {', '.join(GROUPS)}"))
        versions = [id_.partition("/")[2] for id_ in self.ids(name)]
        version = versions[-1] if wanted == LATEST and versions else wanted
        if not slash or version not in versions:
            there = ", ".join(versions) or f"none; {_how_to_register(name)}"
            raise InputError(refusal("ID", id_, f"GROUP/VERSION; {self.folder} has these versions of {name}: {there}"))
        return read_package(self.folder / name / version)

    def decide(self, id_: str, status: ModelVerdict, by: str, comment: str = "") -> ModelPackage:
        """Record that a person approves or rejects a package; the last decision counts.

        Args:
            id_: as `package` takes it.
            status: the decision.
            by: name of the user who decides.
            comment: the reason.

        Raises:
            InputError: no such package, no user, or a package whose files have changed.
            ServiceError: another program keeps the registry busy.
        """
        require(not is_blank(by), f"by {by!r}: expected the name of the user who decides")
        self.package(id_)  # a registry that is not there is not made
        with locked(self.folder, self._lock_timeout_s):
            package = self.package(id_)
            if status == "approved":
                package.refuse_changed()
            append_decision(package, Decision(status, by, utc_now(), comment))
            return self.package(package.id)

    def newest_approved(self, group: str) -> ModelPackage | None:
        """Return the highest version of a group whose last decision is an approval; None if there is none.

        Raises:
            InputError: no such group, or a package at or above that version is damaged.
        """
        packages = (self.package(id_) for id_ in reversed(self.ids(group)))
        return next((package for package in packages if package.status == "approved"), None)

    def approved(self, group: str) -> ModelPackage:
        """Return the served package of a group: the newest approved version, its files checked.

        Raises:
            InputError: none is approved, with the command that approves one; or its files have changed.
        """
        package = self.newest_approved(group)
        if package is None:
            raise InputError(f"{self.folder}: no {group} is approved; {self._how_to_approve(group)}")
        package.refuse_changed()
        return package

    def _copy(self, candidate: ModelCandidate, run: str) -> ModelPackage:
        """Copy a candidate into the folder as the next version, whole or not at all."""
        group = self.folder / candidate.group.name
        version = last_version(group) + 1
        package = new_package(group / str(version), version, candidate, run)
        with atomic_folder(package.folder) as work:
            for name, source, content in (
                ("model", candidate.model_folder, candidate.model),
                ("report", candidate.report_folder, candidate.report),
            ):
                shutil.copytree(source, work / name)
                if tree_hash(work / name) != content.hash:
                    raise ServiceError(f"{source}: changed while it was copied; register it again later")
            write_record(work, package)
        note_last_version(group, version)
        return package

    def _how_to_approve(self, group: str) -> str:
        """Return the command that approves a model of the group."""
        pending = [package.id for package in self.packages(group) if package.status == "pending"]
        if pending:
            what = f"{pending[-1]}{registry_words(self.folder)}"
            return f"look at it with `ckgqa models show {what}`, then `ckgqa models approve {what}`"
        return _how_to_register(group)


def _is_whole(package: ModelPackage) -> bool:
    try:
        package.refuse_changed()
    except InputError:
        return False
    return True


def _how_to_register(group: str) -> str:
    return f"`{find_group(group).command}` registers one"
