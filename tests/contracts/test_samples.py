"""The sample records in the data contracts are what the stages write."""

import json
import re
from pathlib import Path

import pytest
from ckgqa_answer.confidence.calibration import DEFAULT_CALIBRATION, read_calibration
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import CsvSettings
from ckgqa_notify.notify import NotifySettings, notify
from ckgqa_register_model.register import RegisterSettings, register

from ckgqa.bundle import ROOT
from ckgqa.registry.layout import MARK
from ckgqa.runtime import artefacts
from ckgqa.runtime.artefacts import CALIBRATION_JSON, ArtefactFormat
from ckgqa.runtime.jsonlines import JsonObject, read_json, read_jsonl, write_jsonl
from ckgqa.runtime.manifest import Manifest, write_manifest
from tests.registry.builders import make

README = (ROOT / "components/README.md").read_text(encoding="utf-8")


ROW = re.compile(r"^\| \[`(ckgqa/[\w-]+)`\]\(\S+\) (\d+) \|", re.MULTILINE)


def samples(artefact: str, language: str) -> list[str]:
    """Return the fenced samples below an artefact's heading."""
    section = README.partition(f"## `{artefact}`\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


def record(artefact: str, place: int) -> JsonObject:
    return json.loads(samples(artefact, "json")[place])


def test_the_table_has_a_row_for_every_format_with_its_version() -> None:
    formats = [known for known in vars(artefacts).values() if isinstance(known, ArtefactFormat)]
    rows = [ArtefactFormat(name, int(version)) for name, version in ROW.findall(README)]
    assert sorted(rows) == sorted(formats)


@pytest.fixture
def graph_csv(tmp_path: Path) -> Path:
    """What `csv` makes of the contracts' own sentence and fact, and of a sentence that gives a name an alias."""
    short = {"subject": "清华大学", "subject_type": "学校", "predicate": "简称"}
    short |= {"object": {"@value": "清华"}, "object_type": {"@value": "文本"}}
    alias = {"id": "train:1", "text": "清华大学简称清华。", "triples": [short]}
    files = {
        "sentences": {"train": [record("ckgqa/sentences", 1)], "validation": [alias], "test": []},
        "facts": {"facts": [record("ckgqa/facts", 0)]},
    }
    for folder, splits in files.items():
        (tmp_path / folder).mkdir()
        write_manifest(tmp_path / folder, Manifest(f"ckgqa/{folder}", 1, "s1", "a test"))
        for name, records in splits.items():
            write_jsonl(tmp_path / folder / f"{name}.jsonl", records)
    make_csv(CsvSettings(tmp_path / "csv", tmp_path / "sentences", tmp_path / "facts"))
    return tmp_path / "csv"


@pytest.mark.parametrize(("place", "name"), [(0, "vertices.csv"), (1, "edges.csv"), (2, "edge_sentences.csv")])
def test_the_rows_shown_are_those_of_the_records_shown(graph_csv: Path, place: int, name: str) -> None:
    header, *rows = samples("ckgqa/graph-csv", "csv")[place].splitlines()
    written = (graph_csv / name).read_text(encoding="utf-8").splitlines()
    assert written[0] == header
    assert [row for row in written if row in rows] == rows
    assert len(rows) == 2


def test_the_name_shown_is_one_that_csv_writes(graph_csv: Path) -> None:
    assert record("ckgqa/graph-csv", 0) in [line for _, line in read_jsonl(graph_csv / "names.jsonl")]


def test_the_text_shown_is_one_that_csv_writes(graph_csv: Path) -> None:
    assert record("ckgqa/graph-csv", 1) in [line for _, line in read_jsonl(graph_csv / "texts.jsonl")]


def test_the_notification_shown_is_one_that_notify_writes(tmp_path: Path) -> None:
    shown = record("ckgqa/notification", 0)
    notify(NotifySettings(shown["title"], shown["message"], tmp_path / "n", shown["level"]))
    assert read_json(tmp_path / "n" / "notification.json") == shown


def test_the_model_package_shown_has_what_register_writes(tmp_path: Path) -> None:
    shown = record("ckgqa/model-package", 0)
    model, report = make(tmp_path, shown["group"])
    register(RegisterSettings(model, report, tmp_path / "package", shown["group"], str(tmp_path / "models")))
    written = read_json(tmp_path / "package" / "package.json")
    assert written.keys() == shown.keys()
    for part in ("model", "report"):
        assert {**written[part], "hash": ""} == {**shown[part], "hash": ""}
    assert written["metrics"].keys() == shown["metrics"].keys()
    assert (written["status"], written["group"]) == (shown["status"], shown["group"])


def test_the_calibration_shown_is_one_that_the_answerer_reads(tmp_path: Path) -> None:
    shown = record("ckgqa/calibration", 0)
    (tmp_path / CALIBRATION_JSON).write_text(json.dumps(shown), encoding="utf-8")
    read_calibration(tmp_path / CALIBRATION_JSON).write(tmp_path / CALIBRATION_JSON)
    assert read_json(tmp_path / CALIBRATION_JSON) == shown
    default = read_json(DEFAULT_CALIBRATION)
    assert shown.keys() == default.keys()
    for name, weight in default["weights"].items():
        assert shown["weights"][name] == pytest.approx(weight, abs=0.001)


def test_the_mark_shown_is_that_of_a_registry() -> None:
    assert record("ckgqa/model-registry", 0) == MARK
