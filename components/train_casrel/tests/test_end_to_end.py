"""The three commands one after the other, with a model that was really trained: made-up films, learned by heart."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from ckgqa_train_casrel.__main__ import COMMANDS
from ckgqa_train_casrel.data.records import LabelledSentence
from ckgqa_train_casrel.settings import TrainSettings
from ckgqa_train_casrel.train import train

from ckgqa.runtime.jsonlines import read_json, read_jsonl
from ckgqa.runtime.program import main


def run(*words: object) -> int:
    return main("ckgqa_train_casrel", "Finds triples.", COMMANDS, [str(word) for word in words])


@pytest.fixture(scope="module")
def films(
    tmp_path_factory: pytest.TempPathFactory,
    sentences: Callable[..., list[LabelledSentence]],
    sentences_folder: Callable[..., Path],
) -> Path:
    folder = tmp_path_factory.mktemp("films") / "sentences"
    return sentences_folder(folder, sentences(200), sentences(40, seed=2))


@pytest.fixture(scope="module")
def model(films: Path, small_settings: Callable[..., TrainSettings]) -> Path:
    settings = small_settings(films, films.parent / "model", epochs=12, batch_characters=128)
    train(settings)
    return settings.model


def test_a_model_that_learned_scores_high_and_its_report_agrees_with_the_gate(films: Path, model: Path, tmp_path: Path):
    places = ["--report", tmp_path / "report", "--f1", tmp_path / "f1"]
    assert run("evaluate", "--model", model, "--sentences", films, *places) == 0
    report = read_json(tmp_path / "report" / "report.json")
    assert float((tmp_path / "f1").read_text()) == report["f1"]
    assert isinstance(report["f1"], float)
    assert report["f1"] > 0.9
    assert len(report["learning"]) == sum(1 for _ in read_jsonl(model / "metrics.jsonl"))
    assert "饰演" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def test_what_it_extracts_stands_in_the_text_where_its_spans_say(films: Path, model: Path, tmp_path: Path):
    texts = tmp_path / "more.txt"
    texts.write_text("🎬《星河云》由李明华执导\n《山龙春》由吴芳敏执导\n", encoding="utf-8")
    words = ["--sentences", films, "--texts", texts, "--facts", tmp_path / "facts"]
    assert run("extract", "--model", model, *words) == 0
    facts = [line for _, line in read_jsonl(tmp_path / "facts" / "facts.jsonl")]
    assert len(facts) == 200 + 40 + 40 + 2
    triples = [(fact["text"], triple) for fact in facts for triple in fact["triples"]]
    for text, triple in triples:
        for name, words_there in {"subject": triple["subject"], **triple["object"]}.items():
            start, end = triple["spans"][name]
            assert text[start:end] == words_there
    found = [(fact["id"], t["subject"], t["object"]["@value"]) for fact in facts[-2:] for t in fact["triples"]]
    assert ("more:1", "星河云", "李明华") in found
    assert ("more:2", "山龙春", "吴芳敏") in found
    assert all(triple["subject_type"] in {"影视作品", "娱乐人物"} for _, triple in triples)


def test_a_model_in_an_archive_is_the_same_model(films: Path, model: Path, tmp_path: Path):
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as tar:
        for file in sorted(model.iterdir()):
            tar.add(file, arcname=file.name)
    for name, place in (("folder", model), ("archive", tmp_path / "model.tar.gz")):
        assert run("extract", "--model", place, "--sentences", films, "--facts", tmp_path / name) == 0
    for file in ("facts.jsonl", "manifest.json"):
        assert (tmp_path / "folder" / file).read_bytes() == (tmp_path / "archive" / file).read_bytes()


def test_a_model_without_weights_is_refused_and_leaves_no_output(
    films: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in model.iterdir():
        if file.name != "model.safetensors":
            (broken / file.name).write_bytes(file.read_bytes())
    assert run("extract", "--model", broken, "--sentences", films, "--facts", tmp_path / "facts") == 2
    assert "model.safetensors" in capsys.readouterr().err
    places = ["--report", tmp_path / "report", "--f1", tmp_path / "f1"]
    assert run("evaluate", "--model", broken, "--sentences", films, *places) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"broken"}


def test_bad_texts_end_with_their_own_exit_code(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    texts = tmp_path / "t.jsonl"
    texts.write_text(json.dumps({"text": ""}) + "\n")
    assert run("extract", "--model", model, "--texts", texts, "--facts", tmp_path / "facts") == 2
    assert 't.jsonl line 1: "text" is empty' in capsys.readouterr().err
