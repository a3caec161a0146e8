"""One registered model: its folder, and the decisions about it.

A package's folder:
    package.json      the record; never changed
    model/ report/    copies of the model's folder and of the evaluation report
    decisions.jsonl   approvals and rejections, the newest last; absent before the first decision
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from ckgqa.registry.candidate import FolderContent, ModelCandidate, numbers
from ckgqa.runtime.artefacts import DECISIONS_JSONL, MODEL_PACKAGE, PACKAGE_JSON
from ckgqa.runtime.clock import utc_now
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file, tree_hash
from ckgqa.runtime.jsonlines import JsonObject, JsonValue, read_json, read_jsonl, write_json, write_jsonl

ModelVerdict = Literal["approved", "rejected"]
VERDICTS: tuple[ModelVerdict, ...] = get_args(ModelVerdict)
ModelStatus = Literal["pending", "approved", "rejected"]


@dataclass(frozen=True)
class Decision:
    """A person's decision about a package."""

    status: ModelVerdict
    by: str
    """Name of the user."""
    at: str
    """Time in UTC, ISO 8601, to the second."""
    comment: str = ""


@dataclass(frozen=True)
class ModelPackage:
    """One version of a group's model."""

    folder: Path
    group: str
    version: int
    registered: str
    """Time in UTC, ISO 8601, to the second."""
    run: str
    """Name of the pipeline run that made it; empty if it came from none."""
    model: FolderContent
    report: FolderContent
    metrics: Mapping[str, float]
    """Every number at the top of report.json."""
    decisions: tuple[Decision, ...] = ()

    @property
    def id(self) -> str:
        """`group/version`, such as `question-model/3`."""
        return f"{self.group}/{self.version}"

    @property
    def status(self) -> ModelStatus:
        """The last decision, or pending before the first one."""
        return self.decisions[-1].status if self.decisions else "pending"

    @property
    def model_folder(self) -> Path:
        """The model, as a stage reads it."""
        return self.folder / "model"

    @property
    def report_folder(self) -> Path:
        """The report, with `report.html` for people."""
        return self.folder / "report"

    def refuse_changed(self) -> None:
        """Check that model and report are still what was registered.

        Raises:
            InputError: a file has changed or is gone.
        """
        for path, content in ((self.model_folder, self.model), (self.report_folder, self.report)):
            if not path.is_dir() or tree_hash(path) != content.hash:
                raise InputError(
                    f"{path}: not what was registered as {self.id} any more; restore it from a copy, or reject "
                    f"{self.id} and approve another"
                )

    def as_record(self) -> JsonObject:
        """Return what package.json holds."""
        return {
            "format": MODEL_PACKAGE.name,
            "format_version": MODEL_PACKAGE.version,
            "group": self.group,
            "version": self.version,
            "registered": self.registered,
            "run": self.run,
            "model": asdict(self.model),
            "report": asdict(self.report),
            "metrics": dict(self.metrics),
        }


def new_package(folder: Path, version: int, candidate: ModelCandidate, run: str) -> ModelPackage:
    """Return the package that a candidate becomes, without writing it."""
    return ModelPackage(
        folder, candidate.group.name, version, utc_now(), run, candidate.model, candidate.report, candidate.metrics
    )


def write_record(folder: Path, package: ModelPackage) -> None:
    """Write package.json into a folder."""
    write_json(folder / PACKAGE_JSON, package.as_record())


def read_package(folder: Path) -> ModelPackage:
    """Read a package from its folder, `.../GROUP/VERSION`.

    Raises:
        InputError: package.json or decisions.jsonl is damaged, of another version, or of another package.
    """
    path = folder / PACKAGE_JSON
    content = read_json(path)
    if (content.get("format"), content.get("format_version")) != MODEL_PACKAGE:
        raise InputError(f"{path}: not a model package that this version reads ({MODEL_PACKAGE})")
    try:
        package = ModelPackage(
            folder=folder,
            group=_text(content["group"]),
            version=int(_text(str(content["version"]))),
            registered=_text(content["registered"]),
            run=_text(content["run"]),
            model=_content(content["model"]),
            report=_content(content["report"]),
            metrics=numbers(_object(content["metrics"])),
            decisions=_decisions(folder / DECISIONS_JSONL),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"{path}: damaged ({error!r}); restore it from a copy, or remove the folder {folder}"
        raise InputError(f"{message}, whose version is not assigned again") from error
    if (package.group, str(package.version)) != (folder.parent.name, folder.name):
        raise InputError(f"{path}: this is {package.id}, but its folder is {folder.parent.name}/{folder.name}")
    return package


def append_decision(package: ModelPackage, decision: Decision) -> None:
    """Append a decision, whole or not at all."""
    with atomic_file(package.folder / DECISIONS_JSONL) as work:
        write_jsonl(work, [asdict(each) for each in (*package.decisions, decision)])


def _decisions(path: Path) -> tuple[Decision, ...]:
    if not path.exists():
        return ()
    return tuple(_decision(line, f"{path} line {number}") for number, line in read_jsonl(path))


def _decision(line: JsonObject, where: str) -> Decision:
    for verdict in VERDICTS:
        if line.get("status") == verdict:
            return Decision(verdict, str(line.get("by")), str(line.get("at")), str(line.get("comment", "")))
    raise InputError(f"{where}: status {line.get('status')!r}: expected one of {', '.join(VERDICTS)}")


def _content(value: JsonValue) -> FolderContent:
    content = _object(value)
    version = content["version"]
    if not isinstance(version, int):
        raise TypeError(version)
    return FolderContent(_text(content["format"]), version, _text(content["hash"]))


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
