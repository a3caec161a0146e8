"""A model and the report on it, checked before they are registered."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ckgqa.registry.model_groups import ModelGroup, find_group
from ckgqa.runtime.artefacts import REPORT_JSON
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import tree_hash, unpacked
from ckgqa.runtime.jsonlines import JsonObject, read_json
from ckgqa.runtime.manifest import read_manifest


@dataclass(frozen=True)
class FolderContent:
    """Format and hash of one folder of a package."""

    format: str
    version: int
    hash: str
    """SHA-256 over the names and bytes of its files."""


@dataclass(frozen=True)
class ModelCandidate:
    """A valid model with the report on it."""

    group: ModelGroup
    model_folder: Path
    report_folder: Path
    model: FolderContent
    report: FolderContent
    schema_hash: str
    """Of the schema that the model was trained on."""
    metrics: Mapping[str, float]
    """Every number at the top of report.json."""


@contextmanager
def examined(group: str, model: Path, report: Path) -> Iterator[ModelCandidate]:
    """Check a model and its report, and yield them for the block.

    Args:
        group: name of the group that the model belongs to.
        model: its folder, or a model.tar.gz.
        report: the folder that the evaluation of this model has written.

    Raises:
        InputError: no such group, a folder of another format, a report on another model or without its figures.
    """
    kind = find_group(group)
    with unpacked(model) as folder:
        schema_hash = read_manifest(folder, kind.model).schema_hash
        content = FolderContent(*kind.model, tree_hash(folder))
        evaluated = read_manifest(report, kind.report).inputs.get("model", "")
        if evaluated != content.hash:
            raise InputError(
                f"{report}: expected a report on {model} (hash {content.hash[:16]}), not on another model "
                f"(hash {evaluated[:16] or 'none'}); evaluate this model first"
            )
        evaluation = FolderContent(*kind.report, tree_hash(report))
        yield ModelCandidate(
            kind, folder, report, content, evaluation, schema_hash, _metrics(report / REPORT_JSON, kind)
        )


def numbers(content: JsonObject) -> dict[str, float]:
    """Return the numbers at the top of a JSON object."""
    return {
        name: value for name, value in content.items() if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _metrics(path: Path, group: ModelGroup) -> dict[str, float]:
    metrics = numbers(read_json(path))
    missing = [name for name in group.figures if name not in metrics]
    if missing:
        raise InputError(f"{path}: expected the numbers {', '.join(group.figures)}; missing: {', '.join(missing)}")
    return metrics
