"""The evaluation: figures in every form, what the gates read, and what monitoring compares with later."""

import json
import re
import tarfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from ckgqa_train_jointbert.__main__ import COMMANDS
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion
from ckgqa_train_jointbert.evaluation.scoring import score
from ckgqa_train_jointbert.inference.loading import load_served
from ckgqa_train_jointbert.model.folder import read_model_folder
from ckgqa_train_jointbert.settings import TrainSettings
from ckgqa_train_jointbert.train import train

from ckgqa.runtime.intents import Intent
from ckgqa.runtime.jsonlines import read_jsonl
from ckgqa.runtime.program import main

Made = Callable[..., list[LabelledQuestion]]
Folder = Callable[..., Path]
Small = Callable[..., TrainSettings]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, made: Made, questions_folder: Folder) -> Path:
    return questions_folder(tmp_path_factory.mktemp("data") / "questions", made(200), made(70, seed=2))


@pytest.fixture(scope="module")
def model(data: Path, small_settings: Small) -> Path:
    settings = small_settings(data, data.parent / "model", epochs=6)
    train(settings)
    return settings.model


def run(model: Path, questions: Path, out: Path, *more: str) -> int:
    outputs = [word for name in ("report", "intent-accuracy", "slot-f1") for word in (f"--{name}", str(out / name))]
    argv = ["evaluate", "--model", str(model), "--questions", str(questions), *outputs, *more]
    return main("ckgqa_train_jointbert", "Understands questions.", COMMANDS, argv)


@pytest.fixture(scope="module")
def out(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    assert run(model, data, folder) == 0
    return folder


def report(out: Path) -> dict[str, object]:
    return dict(json.loads((out / "report" / "report.json").read_text(encoding="utf-8")))


def test_the_figures_are_those_of_the_served_model(out: Path, model: Path, made: Made):
    questions = made(70, seed=2)
    scores = score(questions, load_served(read_model_folder(model)).predict([q.text for q in questions]))
    figures = report(out)
    assert figures["intent_accuracy"] == scores.intent_accuracy
    assert figures["slot_f1"] == scores.slots.f1
    assert figures["exact_match"] == scores.exact_match
    assert figures["questions"] == 70
    assert figures["weights"] == "served"
    assert figures["intent_among_most"] >= scores.intent_accuracy  # type: ignore[operator]


def test_the_gates_read_plain_values(out: Path):
    figures = report(out)
    assert float((out / "intent-accuracy").read_text()) == figures["intent_accuracy"]
    assert float((out / "slot-f1").read_text()) == figures["slot_f1"]


def test_parts_add_up(out: Path):
    figures = report(out)
    for part in ("per_shape", "per_intent"):
        assert sum(group["questions"] for group in figures[part].values()) == 70  # type: ignore[attr-defined]
    confusion = figures["confusion"]
    right = sum(one["questions"] for one in confusion if one["label"] == one["prediction"])  # type: ignore[attr-defined]
    assert right / 70 == pytest.approx(figures["intent_accuracy"])
    assert sum(one["count"] for one in figures["reliability"]) == 70  # type: ignore[attr-defined]


def test_the_baseline_has_every_question_with_label_and_prediction(out: Path, made: Made):
    lines = [line for _, line in read_jsonl(out / "report" / "baseline.jsonl")]
    questions = made(70, seed=2)
    assert [line["text"] for line in lines] == [question.text for question in questions]
    assert all(line.keys() == {"text", "label", "prediction", "probability"} for line in lines)
    right = sum(line["label"] == line["prediction"] for line in lines)
    assert right / 70 == pytest.approx(report(out)["intent_accuracy"])


def test_the_folder_holds_a_report_for_everyone(out: Path):
    names = {path.name for path in (out / "report").iterdir()}
    assert names == {"baseline.jsonl", "confusion.svg", "manifest.json", "report.html", "report.json", "report.md"}
    markdown = (out / "report" / "report.md").read_text(encoding="utf-8")
    assert "| two_hops |" in markdown
    assert "| list:导演/@value>妻子/@value |" in markdown


def test_the_page_and_its_pictures_load_nothing(out: Path):
    page = (out / "report" / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|src=|href=|url\(|@import", page)
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) == 6
    for picture in pictures:
        assert ET.fromstring(picture).get("aria-label")
    assert ET.parse(out / "report" / "confusion.svg").getroot().tag == f"{SVG}svg"


def test_the_trained_weights_can_be_scored_too_from_a_tar(model: Path, data: Path, tmp_path: Path):
    (tmp_path / "packed").mkdir()
    with tarfile.open(tmp_path / "packed" / "model.tar.gz", "w:gz") as tar:
        for file in model.iterdir():
            tar.add(file, file.name)
    assert run(tmp_path / "packed", data, tmp_path, "--weights", "trained", "--split", "validation") == 0
    assert (report(tmp_path)["weights"], report(tmp_path)["split"]) == ("trained", "validation")


def test_text_of_the_data_is_text_on_the_page(
    model: Path, tmp_path: Path, questions_folder: Folder, capsys: pytest.CaptureFixture[str]
):
    evil = LabelledQuestion("<i>", "<script>alert('x')</script>&", Intent.parse("list:妻子/@value"), (), "<b>")
    folder = questions_folder(tmp_path / "questions", [evil], [evil])
    assert run(model, folder, tmp_path, "--examples", "1") == 0
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert" in page
    assert not re.search(r"<script|<i>|<b>[^0-9]", page.replace("<b>test</b>", ""))


def test_examples_are_as_many_as_asked_for(
    model: Path, data: Path, tmp_path: Path, made: Made, questions_folder: Folder
):
    wrong = [LabelledQuestion(q.id, q.text, Intent.parse("yes_no:妻子/@value"), (), q.shape) for q in made(20, seed=5)]
    folder = questions_folder(tmp_path / "questions", wrong, wrong)
    for count in (0, 3):
        assert run(model, folder, tmp_path, "--examples", str(count)) == 0
        assert len(report(tmp_path)["mistakes"]) == count  # type: ignore[arg-type]


def failure(capsys: pytest.CaptureFixture[str]) -> str:
    return next(line for line in capsys.readouterr().err.splitlines() if "error:" in line)


def test_questions_with_labels_that_the_model_lacks_are_refused(
    model: Path, tmp_path: Path, made: Made, questions_folder: Folder, labels: Labels,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    more = Labels(labels.kinds, (*labels.steps, "首都/@value"), labels.roles)
    folder = questions_folder(tmp_path / "questions", made(5), made(5), more)
    assert run(model, folder, tmp_path) == 2
    assert "the model lacks 1 of its labels (首都/@value); train on these questions" in failure(capsys)
    assert not (tmp_path / "report").exists()


def test_an_empty_split_and_a_question_too_long_are_refused(
    model: Path, tmp_path: Path, questions_folder: Folder, made: Made, capsys: pytest.CaptureFixture[str]
):
    assert run(model, questions_folder(tmp_path / "none", made(5), []), tmp_path) == 2
    assert "test.jsonl: no question to score the model on" in failure(capsys)
    long = LabelledQuestion("q:1", "谁" * 65, Intent.parse("outside"), (), "outside")
    assert run(model, questions_folder(tmp_path / "long", made(5), [long]), tmp_path) == 2
    assert "question q:1 is longer than the model's 64 characters" in failure(capsys)
