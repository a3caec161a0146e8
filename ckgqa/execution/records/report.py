"""The results of a run: the table at its end, and `report.md` in its folder."""

from pathlib import Path
from typing import Any

from ckgqa.execution.records.graph_lookup import graph_of
from ckgqa.execution.records.record import RunRecord
from ckgqa.runtime.artefacts import PACKAGE_JSON, REPORT_JSON, REPORT_MD
from ckgqa.runtime.files import atomic_file
from ckgqa.runtime.jsonlines import read_json
from ckgqa.runtime.log import without_credentials

REPORT = REPORT_MD
STATE_WORDS = {
    "done": "done",
    "gate-failed": "the model did not pass the gate",
    "failed": "broke",
    "interrupted": "interrupted",
    "running": "running",
}

ResultRow = tuple[str, str]


def results(record: RunRecord) -> list[ResultRow]:
    """Return the results so far as (name, value), from the reports of the tasks that succeeded."""
    splits = _report(record, "preprocess", "sentences").get("splits", {})
    evaluation = _report(record, "evaluate", "report")
    questions = _report(record, "questions", "questions")
    csv = _report(record, "csv", "graph_csv") or _report(record, "new-csv", "graph_csv")
    graph = _report_in(graph_of(record))
    rows: list[tuple[str, Any]] = [
        ("sentences", sum(split["sentences"] for split in splits.values()) if splits else None),
        ("labelled triples", sum(split["triples"] for split in splits.values()) if splits else None),
        ("extracted triples", csv.get("extracted_triples")),
        ("F1 on the test split", evaluation.get("f1")),
        ("precision on the test split", evaluation.get("precision")),
        ("recall on the test split", evaluation.get("recall")),
        ("F1 required by the gate", record.settings.get("min_f1")),
        *((f"questions, {split}", count) for split, count in questions.get("questions", {}).items()),
        *(
            (f"predicates without a question, {split}", ", ".join(predicates) or None)
            for split, predicates in questions.get("predicates_not_asked", {}).items()
        ),
        ("intent accuracy on the test split", evaluation.get("intent_accuracy")),
        ("intent accuracy required by the gate", record.settings.get("min_intent_accuracy")),
        ("F1 of the names on the test split", evaluation.get("slot_f1")),
        ("F1 of the names required by the gate", record.settings.get("min_slot_f1")),
        ("exact match on the test split", evaluation.get("exact_match")),
        ("registered model", _registered_words(record)),
        ("vertices", graph.get("vertices")),
        ("edges", graph.get("edges")),
        # Of a graph that was added to.
        ("edges added", graph.get("added_edges") if "known_edges" in graph else None),
        ("edges known already", graph.get("known_edges")),
        ("precision of the extracted edges (texts of the test split)", csv.get("edge_precision")),
        ("recall of the extracted edges (texts of the test split)", csv.get("edge_recall")),
    ]
    return [(name, _text(value)) for name, value in rows if value is not None]


def stage_rows(record: RunRecord) -> list[tuple[str, str, str]]:
    """Return (task, state, seconds) of each task in order."""
    return [
        (name, entry.state, f"{entry.seconds:.1f}" if entry.seconds else "") for name, entry in record.tasks.items()
    ]


def f1_of(record: RunRecord) -> float | None:
    """Return the F1 on the test split; None if the run has not evaluated a model."""
    f1 = _report(record, "evaluate", "report").get("f1")
    return None if f1 is None else float(f1)


def registered(record: RunRecord) -> tuple[str, str] | None:
    """Return id and status of the model that the run has registered; None if it has not registered one."""
    folder = record.output("register", "package")
    if folder is None:
        return None
    package = read_json(folder / PACKAGE_JSON)
    return str(package["id"]), str(package["status"])


def write_report(record: RunRecord) -> None:
    """Write the report of the run for people."""
    lines = [f"# Run {record.name} of {record.pipeline}", ""]
    lines += [f"{STATE_WORDS[record.state]}{': ' + record.reason if record.reason else ''}", ""]
    lines += ["| result | |", "| --- | ---: |", *(f"| {name} | {value} |" for name, value in results(record)), ""]
    lines += ["| stage | state | seconds |", "| --- | --- | ---: |"]
    lines += [f"| {name} | {state} | {seconds} |" for name, state, seconds in stage_rows(record)]
    lines += ["", "| what | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in _provenance(record)]
    with atomic_file(record.folder / REPORT) as work:
        work.write_text(without_credentials("\n".join(lines)) + "\n", encoding="utf-8")


def _provenance(record: RunRecord) -> list[ResultRow]:
    """Return the rows about what the run was made of."""
    return [
        ("started, finished", f"{record.started}, {record.finished}"),
        ("ckgqa", " ".join(filter(None, [record.version, record.commit]))),
        ("run as", record.target),
        *(
            (f"input {name}", f"{', '.join(entry.sources)} (sha256 {entry.hash[:16]})")
            for name, entry in record.inputs.items()
        ),
        *((f"setting {name}", _text(value)) for name, value in record.settings.items()),
        *((f"setting {name}", _text(value)) for name, value in record.task_settings.items()),
        *((f"program of {name}", entry.image) for name, entry in record.tasks.items() if entry.image),
    ]


def _registered_words(record: RunRecord) -> str | None:
    model = registered(record)
    return None if model is None else f"{model[0]} ({model[1]})" if model[0] else model[1]


def _report(record: RunRecord, task: str, output: str) -> dict[str, Any]:
    """Return the `report.json` of an output of a task; empty if there is none."""
    return _report_in(record.output(task, output))


def _report_in(folder: Path | None) -> dict[str, Any]:
    if folder is None or not (folder / REPORT_JSON).is_file():
        return {}
    return dict(read_json(folder / REPORT_JSON))


def _text(value: Any) -> str:  # noqa: ANN401 -- a value of JSON
    return f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if type(value) is int else str(value)
