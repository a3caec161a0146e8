"""Generated questions with labels, and the folder that `preprocess questions` would write of them.

Nothing here imports torch, because the tests of `serving` run without it.
"""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from ckgqa_train_jointbert.data.labels import Labels, write_labels
from ckgqa_train_jointbert.data.questions import LabelledQuestion, LabelledSlot
from ckgqa_train_jointbert.settings import TrainSettings

from ckgqa.runtime.artefacts import QUESTIONS
from ckgqa.runtime.intents import KINDS, Intent
from ckgqa.runtime.manifest import Manifest, write_manifest

SURNAMES, GIVEN_NAMES, FILM = "赵钱孙李周吴郑王", "明华芳伟娜敏静强", "山河星海春秋风云龙虎"
LABELS = Labels(
    tuple(KINDS),
    ("主演/@value", "主演/subject", "妻子/@value", "导演/@value", "导演/subject", "饰演/@value"),
    ("@value", "inWork", "subject"),
)
# {film} and {person} are names; the role of a name depends on the intent.
PATTERNS = (
    ("《{film}》是谁导演的", "list:导演/@value", "object_asked"),
    ("{person}导演过哪些电影", "list:导演/subject", "subject_asked"),
    ("{person}导演过几部电影", "count:导演/subject", "count"),
    ("{film}的主演有谁", "list:主演/@value", "object_asked"),
    ("{person}在《{film}》里演谁", "list:饰演/@value", "slot"),
    ("《{film}》的导演的妻子是谁", "list:导演/@value>妻子/@value", "two_hops"),
    ("今天天气怎么样{person}", "outside", "outside"),
)
# For a training of a few seconds: small sizes, and no dropout.
SMALL = {
    "fresh_hidden_size": 32, "fresh_layers": 1, "fresh_heads": 2, "min_count": 1, "window": 64, "dropout": 0.0,
    "character_dropout": 0.0, "batch_characters": 128, "learning_rate": 0.003, "bert_learning_rate": 0.003,
    "ema_decay": 0.9, "bf16": "off", "device": "cpu", "epochs": 12, "patience": 12,
}  # fmt: skip
Made = Callable[..., list[LabelledQuestion]]


@pytest.fixture(scope="session")
def labels() -> Labels:
    return LABELS


def made_question(rng: random.Random, number: int) -> LabelledQuestion:
    """Generate a random question."""
    names = {
        "film": "".join(rng.sample(FILM, 3)),
        "person": "".join((rng.choice(SURNAMES), *rng.sample(GIVEN_NAMES, 2))),
    }
    pattern, label, shape = rng.choice(PATTERNS)
    intent = Intent.parse(label)
    usual_role = "@value" if intent.chain and intent.chain[0].asked == "subject" else "subject"
    text, slots = pattern, []
    for name in ("film", "person"):
        start = text.find(f"{{{name}}}")
        if start >= 0:
            text = text.replace(f"{{{name}}}", names[name])
            role = "inWork" if shape == "slot" and name == "film" else usual_role
            slots.append(LabelledSlot(start, start + 3, role))
    if shape == "slot":  # the film follows the person, whose longer name moved it
        slots = [LabelledSlot(0, 3, "subject"), LabelledSlot(5, 8, "inWork")]
    return LabelledQuestion(f"generated:{number}", text, intent, tuple(sorted(slots)), shape)


@pytest.fixture(scope="session")
def made() -> Made:
    """Return a function that generates `count` questions from a seed."""

    def make(count: int, seed: int = 1) -> list[LabelledQuestion]:
        rng = random.Random(seed)
        return [made_question(rng, number) for number in range(count)]

    return make


def record(question: LabelledQuestion) -> dict[str, object]:
    mentions = [
        {"role": slot.role, "start": slot.start, "end": slot.end, "name": question.text[slot.start : slot.end]}
        for slot in question.slots
    ]
    return {
        "id": question.id, "text": question.text, "intent": question.intent.label, "mentions": mentions,
        "shape": question.shape, "wording": question.intent.label,
    }  # fmt: skip


@pytest.fixture(scope="session")
def questions_folder() -> Callable[..., Path]:
    """Return a function that writes a questions folder."""

    def write(
        folder: Path, train: Sequence[LabelledQuestion], validation: Sequence[LabelledQuestion], labels: Labels = LABELS
    ) -> Path:
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
    """Return a function that makes small settings, with changes."""

    def make(questions: Path, model: Path, **changed: object) -> TrainSettings:
        return TrainSettings(questions=questions, model=model, **(SMALL | changed))  # type: ignore[arg-type]

    return make
