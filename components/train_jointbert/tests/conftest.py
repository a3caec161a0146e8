"""Made-up questions with their labels, and the folder that `preprocess questions` would write of them.

Nothing here imports torch: the tests of `serving` run where there is none.
"""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from ckgqa_train_jointbert.labels import Labels, write_labels
from ckgqa_train_jointbert.questions import Mention, Question
from ckgqa_train_jointbert.train_settings import TrainSettings

from ckgqa.runtime.artefacts import QUESTIONS
from ckgqa.runtime.intents import KINDS, Intent
from ckgqa.runtime.manifest import Manifest, write_manifest

SURNAMES, GIVEN, FILM = "赵钱孙李周吴郑王", "明华芳伟娜敏静强", "山河星海春秋风云龙虎"
LABELS = Labels(
    tuple(KINDS),
    ("主演/@value", "主演/subject", "妻子/@value", "导演/@value", "导演/subject", "饰演/@value"),
    ("@value", "inWork", "subject"),
)
# {film} and {person} are names; what a name's role is depends on what is asked.
PATTERNS = (
    ("《{film}》是谁导演的", "list:导演/@value", "object_asked"),
    ("{person}导演过哪些电影", "list:导演/subject", "subject_asked"),
    ("{person}导演过几部电影", "count:导演/subject", "count"),
    ("{film}的主演有谁", "list:主演/@value", "object_asked"),
    ("{person}在《{film}》里演谁", "list:饰演/@value", "slot"),
    ("《{film}》的导演的妻子是谁", "list:导演/@value>妻子/@value", "two_hops"),
    ("今天天气怎么样{person}", "outside", "outside"),
)
# What makes training of a few seconds: everything small, nothing left out at random.
SMALL = {
    "fresh_hidden": 32, "fresh_layers": 1, "fresh_heads": 2, "min_count": 1, "window": 64, "dropout": 0.0,
    "character_dropout": 0.0, "batch_characters": 128, "learning_rate": 0.003, "bert_learning_rate": 0.003,
    "ema_decay": 0.9, "bf16": "off", "device": "cpu", "epochs": 12, "patience": 12,
}  # fmt: skip
Made = Callable[..., list[Question]]


@pytest.fixture(scope="session")
def labels() -> Labels:
    return LABELS


def made_question(draw: random.Random, number: int) -> Question:
    """Draw one question."""
    names = {
        "film": "".join(draw.sample(FILM, 3)),
        "person": "".join((draw.choice(SURNAMES), *draw.sample(GIVEN, 2))),
    }
    pattern, label, shape = draw.choice(PATTERNS)
    intent = Intent.parse(label)
    given = "@value" if intent.chain and intent.chain[0].asked == "subject" else "subject"
    text, mentions = pattern, []
    for name in ("film", "person"):
        start = text.find(f"{{{name}}}")
        if start >= 0:
            text = text.replace(f"{{{name}}}", names[name])
            role = "inWork" if shape == "slot" and name == "film" else given
            mentions.append(Mention(start, start + 3, role))
    if shape == "slot":  # its film stands behind the person, who was put in later
        mentions = [Mention(0, 3, "subject"), Mention(5, 8, "inWork")]
    return Question(f"generated:{number}", text, intent, tuple(sorted(mentions)), shape)


@pytest.fixture(scope="session")
def made() -> Made:
    """Give a maker of `count` questions from a seed."""

    def make(count: int, seed: int = 1) -> list[Question]:
        draw = random.Random(seed)
        return [made_question(draw, number) for number in range(count)]

    return make


def record(question: Question) -> dict[str, object]:
    mentions = [
        {"role": m.role, "start": m.start, "end": m.end, "name": question.text[m.start : m.end]}
        for m in question.mentions
    ]
    return {
        "id": question.id, "text": question.text, "intent": question.intent.label, "mentions": mentions,
        "shape": question.shape, "wording": question.intent.label,
    }  # fmt: skip


@pytest.fixture(scope="session")
def questions_folder() -> Callable[..., Path]:
    """Give a writer of a questions folder."""

    def write(folder: Path, train: Sequence[Question], validation: Sequence[Question], labels: Labels = LABELS) -> Path:
        folder.mkdir(parents=True)
        write_labels(folder, labels)
        for split, part in (("train", train), ("validation", validation), ("test", validation)):
            lines = "".join(json.dumps(record(question), ensure_ascii=False) + "\n" for question in part)
            (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")
        write_manifest(folder, Manifest(*QUESTIONS, "c0ffee", "a test"))
        return folder

    return write


@pytest.fixture(scope="session")
def small_settings() -> Callable[..., TrainSettings]:
    """Give a maker of small settings, any of them changed."""

    def make(questions: Path, model: Path, **changed: object) -> TrainSettings:
        return TrainSettings(questions=questions, model=model, **(SMALL | changed))  # type: ignore[arg-type]

    return make
