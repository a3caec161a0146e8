"""The blind set becomes labelled questions that `evaluate` reads, and its cards say what it takes to find the gold."""

import subprocess
import sys
from pathlib import Path

import pytest
from ckgqa_answer.evaluation.dataset import read_questions

from ckgqa.runtime.artefacts import QUESTIONS, SENTENCES
from ckgqa.runtime.manifest import Manifest, read_manifest, write_manifest

STAGE = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not (STAGE / "blind").is_dir(), reason="an image has no blind set")


@pytest.fixture(scope="module")
def blind(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("blind")
    (folder / "sentences").mkdir()
    write_manifest(folder / "sentences", Manifest(*SENTENCES, "s1", "a test"))
    words = ["--sentences", str(folder / "sentences"), "--questions", str(folder / "questions")]
    subprocess.run([sys.executable, str(STAGE / "benchmarks" / "blind.py"), *words], check=True)
    return folder / "questions"


def test_every_question_says_what_it_asks_for(blind):
    questions = {question.id: question for question in read_questions(blind, "test")}
    assert len(questions) == 402 + 20  # of 20 cards a second one follows
    assert read_manifest(blind, QUESTIONS).schema_hash == "s1"
    assert all(question.fillers for question in questions.values() if question.shape != "outside")


@pytest.mark.parametrize(
    ("shape", "kind", "steps"),
    [
        ("object_asked", "list", 1),
        ("count", "count", 1),
        ("yes_no", "yes_no", 1),
        ("two_hops", "list", 2),
        ("slot", "list", 1),
    ],
)
def test_a_kind_of_card_is_a_kind_of_intent(blind, shape, kind, steps):
    found = [question for question in read_questions(blind, "test") if question.shape == shape]
    assert found
    assert {(question.intent.kind, len(question.intent.chain)) for question in found} == {(kind, steps)}


def test_a_second_question_follows_the_first_and_asks_what_it_found(blind):
    questions = {question.id: question for question in read_questions(blind, "test")}
    second = [question for question in questions.values() if question.follows]
    assert len(second) == 20
    for question in second:
        first = questions[question.follows]
        assert question.intent.chain[:1] == first.intent.chain
        assert question.fillers == first.fillers
