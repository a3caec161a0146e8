"""`evaluate`: the figures of a model whose answers are known, so that each can be counted by hand."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from ckgqa_train_casrel import evaluate as stage
from ckgqa_train_casrel.data.records import LabelledSentence, LabelledTriple
from ckgqa_train_casrel.data.triples import ExtractedTriple
from ckgqa_train_casrel.evaluate import evaluate, sweep
from ckgqa_train_casrel.evaluation.scoring import PrecisionRecall
from ckgqa_train_casrel.inference.extractor import Extractor
from ckgqa_train_casrel.model.thresholds import Thresholds
from ckgqa_train_casrel.settings import EvaluateSettings

from ckgqa.runtime.artefacts import CASREL, EVALUATION, SENTENCES
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.manifest import Manifest, read_manifest, write_manifest


def found(subject: str, value: str, score: float) -> ExtractedTriple:
    return ExtractedTriple(subject, "影视作品", "导演", {"@value": value}, {"@value": "人物"}, {}, score)


class Known(Extractor):
    """Gives known triples for known texts: fewer of them at its own thresholds than at lower ones."""

    thresholds = Thresholds(0.5, 0.5)

    def __init__(self) -> None:
        self.asked: list[Thresholds | None] = []

    def extract(self, texts: Sequence[str], thresholds: Thresholds | None = None) -> list[list[ExtractedTriple]]:
        self.asked.append(thresholds)
        sure = {"一": [found("甲", "乙", 0.9), found("甲", "丙", 0.7)], "二": []}
        unsure = {"一": [], "二": [found("丁", "戊", 0.35)]}
        low = thresholds is not None and thresholds.object < 0.5
        return [sure[text] + (unsure[text] if low else []) for text in texts]


@pytest.fixture
def extractor(monkeypatch: pytest.MonkeyPatch) -> Known:
    made = Known()
    monkeypatch.setattr(stage, "load_extractor", lambda folder, device: made)
    return made


@pytest.fixture
def settings(tmp_path: Path) -> EvaluateSettings:
    """Two sentences, each with one triple, in test; the first of them alone in validation."""
    model, sentences = tmp_path / "model", tmp_path / "sentences"
    model.mkdir()
    write_manifest(model, Manifest(*CASREL, "schema-a", "a test"))
    (model / "metrics.jsonl").write_text('{"epoch": 1, "loss": 2.0, "f1": 0.4}\n', encoding="utf-8")
    sentences.mkdir()
    write_manifest(sentences, Manifest(*SENTENCES, "schema-a", "a test"))
    lines = [record("test:1", "一", "甲", "乙"), record("test:2", "二", "丁", "戊")]
    for split, count in (("train", 0), ("validation", 1), ("test", 2)):
        (sentences / f"{split}.jsonl").write_text("".join(lines[:count]), encoding="utf-8")
    return EvaluateSettings(model, sentences, tmp_path / "report", tmp_path / "f1")


def record(name: str, text: str, subject: str, value: str) -> str:
    triple = {
        "subject": subject, "subject_type": "影视作品", "predicate": "导演",
        "object": {"@value": value}, "object_type": {"@value": "人物"},
    }  # fmt: skip
    return json.dumps({"id": name, "text": text, "triples": [triple]}, ensure_ascii=False) + "\n"


def read_report(settings: EvaluateSettings) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((settings.report / "report.json").read_text(encoding="utf-8"))
    return loaded


def test_the_figures_are_those_at_the_models_own_thresholds(settings: EvaluateSettings, extractor: Known):
    evaluate(settings)
    report = read_report(settings)
    assert (report["precision"], report["recall"], report["f1"]) == (0.5, 0.5, 0.5)
    assert settings.f1.read_text() == "0.5"
    assert extractor.asked == [Thresholds(0.5, 0.5), Thresholds(0.1, 0.1)]


def test_the_curve_keeps_what_has_at_least_the_score(settings: EvaluateSettings, extractor: Known):
    evaluate(settings)
    curve = {p["least_score"]: p for p in read_report(settings)["curve"]}
    counts = {least: (p["correct"], p["predicted"], p["support"]) for least, p in curve.items()}
    assert [counts[least] for least in (0.0, 0.34, 0.36, 0.7, 0.72, 0.9, 0.92, 1.0)] == [
        (2, 3, 2), (2, 3, 2), (1, 2, 2), (1, 2, 2), (1, 1, 2), (1, 1, 2), (0, 0, 2), (0, 0, 2),
    ]  # fmt: skip


def test_a_triple_found_twice_in_a_sentence_counts_once_with_its_higher_score():
    sentence = LabelledSentence("test:1", "一", (LabelledTriple("甲", "导演", {"@value": "乙"}, "影视作品", "人物"),))
    curve = sweep([sentence], [[found("甲", "乙", 0.8), found("甲", "乙", 0.3)]])
    scores = {point.min_score: point.scores for point in curve}
    assert (scores[0.2], scores[0.8], scores[0.82]) == (
        PrecisionRecall(1, 1, 1),
        PrecisionRecall(1, 1, 1),
        PrecisionRecall(0, 0, 1),
    )


def test_the_split_that_is_named_is_scored(settings: EvaluateSettings, extractor: Known):
    validation = EvaluateSettings(settings.model, settings.sentences, settings.report, settings.f1, split="validation")
    evaluate(validation)
    report = read_report(settings)
    assert (report["split"], report["sentences"], report["recall"]) == ("validation", 1, 1.0)


def test_the_number_of_examples_is_what_was_asked(settings: EvaluateSettings, extractor: Known):
    for examples in (0, 1):
        evaluate(EvaluateSettings(settings.model, settings.sentences, settings.report, settings.f1, examples=examples))
        errors = read_report(settings)["errors"]["导演"]
        assert (len(errors["missed_examples"]), len(errors["spurious_examples"])) == (examples, examples)
        assert (errors["missed"], errors["spurious"]) == ({"alone": 1}, {"alone": 1})


def test_the_report_has_three_forms_and_a_manifest(settings: EvaluateSettings, extractor: Known):
    evaluate(settings)
    assert {p.name for p in settings.report.iterdir()} == {"manifest.json", "report.html", "report.json", "report.md"}
    manifest = read_manifest(settings.report, EVALUATION)
    assert (manifest.schema_hash, set(manifest.inputs)) == ("schema-a", {"model", "sentences"})
    assert manifest.settings["split"] == "test"


def test_the_run_ends_with_its_figures(settings: EvaluateSettings, extractor: Known, caplog: pytest.LogCaptureFixture):
    caplog.set_level("INFO")
    evaluate(settings)
    assert "f1=0.5 precision=0.5 recall=0.5 sentences_per_second=" in caplog.text
    assert "progress title=evaluate done=2 total=2 unit=sentences" in caplog.text
    speed = read_report(settings)["sentences_per_second"]
    assert isinstance(speed, float)
    assert math.isfinite(speed)


def test_an_empty_split_is_an_error_and_leaves_no_report(settings: EvaluateSettings, extractor: Known):
    with pytest.raises(InputError, match=r"train\.jsonl: no sentence to score the model on"):
        evaluate(EvaluateSettings(settings.model, settings.sentences, settings.report, settings.f1, split="train"))
    assert not settings.report.exists()
    assert not settings.f1.exists()


def test_a_split_without_a_triple_is_an_error(settings: EvaluateSettings, extractor: Known):
    (settings.sentences / "test.jsonl").write_text('{"id": "test:1", "text": "一", "triples": []}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"test\.jsonl: no sentence to score the model on has a triple"):
        evaluate(settings)
    assert extractor.asked == []


def test_sentences_of_another_schema_are_refused(settings: EvaluateSettings, extractor: Known):
    write_manifest(settings.sentences, Manifest(*SENTENCES, "schema-b", "a test"))
    with pytest.raises(InputError, match=r"schema \(schema-b\) is not the one that the model was trained on"):
        evaluate(settings)


@pytest.mark.parametrize("lines", ["", '{"epoch": 1, "loss": 2.0}\n'], ids=["none", "no f1"])
def test_a_model_without_its_learning_curve_is_refused(settings: EvaluateSettings, extractor: Known, lines: str):
    (settings.model / "metrics.jsonl").write_text(lines)
    with pytest.raises(InputError, match=r"metrics\.jsonl: expected a line for each epoch, with epoch, f1, loss"):
        evaluate(settings)


def test_a_negative_number_of_examples_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="--examples -1: expected an integer of at least 0"):
        EvaluateSettings(tmp_path, tmp_path, tmp_path, tmp_path, examples=-1)
