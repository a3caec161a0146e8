"""A model that is to be registered and the report on it, checked before anything is written."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ckgqa.registry.groups import Group, find_group
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import tree_hash, unpacked
from ckgqa.runtime.jsonlines import JsonObject, read_json
from ckgqa.runtime.manifest import read_manifest


@dataclass(frozen=True)
class Content:
    """What one folder of a package is."""

    format: str
    version: int
    hash: str
    """SHA-256 over the names and bytes of its files."""


@dataclass(frozen=True)
class Candidate:
    """A sound model with the report on it."""

    group: Group
    model_folder: Path
    report_folder: Path
    model: Content
    report: Content
    schema_hash: str
    """Of the schema that the model was trained on."""
    metrics: Mapping[str, float]
    """Every number at the top of report.json."""


@contextmanager
def examined(group: str, model: Path, report: Path) -> Iterator[Candidate]:
    """Check a model and its report, and give them for the block.

    Args:
        group: name of the group that the model belongs to.
        model: its folder, or a model.tar.gz.
        report: the folder that the evaluation of this very model has written.

    Raises:
        InputError: no such group, a folder of another format, a report on another model or without its figures.
    """
    kind = find_group(group)
    with unpacked(model) as folder:
        schema_hash = read_manifest(folder, kind.model).schema_hash
        found = Content(*kind.model, tree_hash(folder))
        judged = read_manifest(report, kind.report).inputs.get("model", "")
        if judged != found.hash:
            raise InputError(
                f"{report}: a report on another model (hash {judged[:16] or 'none'}, that of {model} is "
                f"{found.hash[:16]}); evaluate this model and give that report"
            )
        on_it = Content(*kind.report, tree_hash(report))
        yield Candidate(kind, folder, report, found, on_it, schema_hash, _metrics(report / "report.json", kind))


def numbers(found: JsonObject) -> dict[str, float]:
    """Return the numbers at the top of a JSON object."""
    return {
        name: value for name, value in found.items() if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _metrics(path: Path, group: Group) -> dict[str, float]:
    metrics = numbers(read_json(path))
    missing = [name for name in group.figures if name not in metrics]
    if missing:
        raise InputError(
            f"{path}: no number {', '.join(missing)}; a {group.name} is judged by {', '.join(group.figures)}"
        )
    return metrics
