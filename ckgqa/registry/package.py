"""One registered model: its folder, and what was decided about it.

A package's folder:
    package.json      what it is; never changed
    model/ report/    copies of the model's folder and of the evaluation report
    decisions.jsonl   approvals and rejections, the newest last; absent while nobody has decided
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from ckgqa.registry.candidate import Candidate, Content, numbers
from ckgqa.runtime.artefacts import MODEL_PACKAGE
from ckgqa.runtime.clock import utc_now
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import atomic_file, tree_hash
from ckgqa.runtime.jsonlines import JsonObject, JsonValue, read_json, read_jsonl, write_json, write_jsonl

RECORD, DECISIONS = "package.json", "decisions.jsonl"

Verdict = Literal["approved", "rejected"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Status = Literal["pending", "approved", "rejected"]


@dataclass(frozen=True)
class Decision:
    """What a person has decided about a package."""

    status: Verdict
    by: str
    """Who: a user's name."""
    at: str
    """When: UTC, ISO 8601, to the second."""
    comment: str = ""


@dataclass(frozen=True)
class ModelPackage:
    """One version of a group's model."""

    folder: Path
    group: str
    version: int
    registered: str
    """When: UTC, ISO 8601, to the second."""
    run: str
    """Name of the pipeline's run that it came from; empty where it came from none."""
    model: Content
    report: Content
    metrics: Mapping[str, float]
    """Every number at the top of report.json."""
    decisions: tuple[Decision, ...] = ()

    @property
    def id(self) -> str:
        """`group/version`, such as `question-model/3`."""
        return f"{self.group}/{self.version}"

    @property
    def status(self) -> Status:
        """What was decided last; pending while nothing was."""
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
        """See that model and report are still what was registered.

        Raises:
            InputError: a byte of them is not, or a file is gone.
        """
        for path, content in ((self.model_folder, self.model), (self.report_folder, self.report)):
            if not path.is_dir() or tree_hash(path) != content.hash:
                raise InputError(
                    f"{path}: not what was registered as {self.id} any more; bring it back from a copy, or reject "
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


def new_package(folder: Path, version: int, candidate: Candidate, run: str) -> ModelPackage:
    """Describe a candidate as the version that it becomes; nothing is written."""
    return ModelPackage(
        folder, candidate.group.name, version, utc_now(), run, candidate.model, candidate.report, candidate.metrics
    )


def write_record(folder: Path, package: ModelPackage) -> None:
    """Write package.json into a folder."""
    write_json(folder / RECORD, package.as_record())


def read_package(folder: Path) -> ModelPackage:
    """Read a package from its folder, `.../GROUP/VERSION`.

    Raises:
        InputError: package.json or decisions.jsonl is damaged, of another version, or of another package.
    """
    path = folder / RECORD
    found = read_json(path)
    if (found.get("format"), found.get("format_version")) != MODEL_PACKAGE:
        raise InputError(f"{path}: not a model package that this version reads ({MODEL_PACKAGE})")
    try:
        package = ModelPackage(
            folder=folder,
            group=_text(found["group"]),
            version=int(_text(str(found["version"]))),
            registered=_text(found["registered"]),
            run=_text(found["run"]),
            model=_content(found["model"]),
            report=_content(found["report"]),
            metrics=numbers(_object(found["metrics"])),
            decisions=_decisions(folder / DECISIONS),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"{path}: damaged ({error!r}); bring it back from a copy, or remove the folder {folder}"
        raise InputError(f"{message}, whose version is not given again") from error
    if (package.group, str(package.version)) != (folder.parent.name, folder.name):
        raise InputError(f"{path}: this is {package.id}, and stands where {folder.parent.name}/{folder.name} belongs")
    return package


def append_decision(package: ModelPackage, decision: Decision) -> None:
    """Write a decision behind those there are, whole or not at all."""
    with atomic_file(package.folder / DECISIONS) as work:
        write_jsonl(work, [asdict(one) for one in (*package.decisions, decision)])


def _decisions(path: Path) -> tuple[Decision, ...]:
    if not path.exists():
        return ()
    return tuple(_decision(line, f"{path} line {number}") for number, line in read_jsonl(path))


def _decision(line: JsonObject, where: str) -> Decision:
    for verdict in VERDICTS:
        if line.get("status") == verdict:
            return Decision(verdict, str(line.get("by")), str(line.get("at")), str(line.get("comment", "")))
    raise InputError(f"{where}: the status is {line.get('status')!r}; one of {', '.join(VERDICTS)} is expected")


def _content(value: JsonValue) -> Content:
    found = _object(value)
    version = found["version"]
    if not isinstance(version, int):
        raise TypeError(version)
    return Content(_text(found["format"]), version, _text(found["hash"]))


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
