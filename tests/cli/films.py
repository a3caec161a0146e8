"""Made-up films: a graph of what sentences say of them, and a model that has learned to read such sentences."""

import json
import random
from pathlib import Path

from ckgqa_neptune_load.commands.load import load
from ckgqa_neptune_load.commands.make_csv import make_csv
from ckgqa_neptune_load.settings import CsvSettings, LoadSettings
from ckgqa_train_casrel.evaluate import evaluate
from ckgqa_train_casrel.settings import EvaluateSettings, TrainSettings
from ckgqa_train_casrel.train import train

from ckgqa.runtime.artefacts import SENTENCES
from ckgqa.runtime.manifest import Manifest, schema_hash, write_manifest

SURNAMES, GIVEN, FILM = "赵钱孙李周吴郑王", "明华芳伟娜敏静强", "山河星海春秋风云龙虎"
SIGNATURES = [
    {"predicate": "导演", "subject_type": "影视作品", "object_type": {"@value": "人物"}},
    {"predicate": "饰演", "subject_type": "娱乐人物", "object_type": {"@value": "人物", "inWork": "影视作品"}},
]
SCHEMA = {"readings": SIGNATURES, "labels": [["导演", "@value"], ["饰演", "@value"], ["饰演", "inWork"]]}
# What makes training of a few seconds: everything small, nothing left out at random.
SMALL = {
    "hidden_size": 64, "layers": 1, "attention_heads": 2, "char_embedding_dim": 32,
    "bigram_embedding_dim": 8, "char_type_embedding_dim": 4,
    "dropout": 0.0, "character_dropout": 0.0, "batch_characters": 128, "learning_rate": 0.005, "ema_decay": 0.9,
    "bf16": "off", "device": "cpu", "window": 64, "overlap": 32, "epochs": 12,
}  # fmt: skip


def directs(film: str, person: str) -> tuple[str, list[dict[str, object]]]:
    """A sentence that says who directed a film, and its fact."""
    return f"《{film}》由{person}执导", [_triple(0, film, {"@value": person})]


def plays(person: str, film: str, role: str) -> tuple[str, list[dict[str, object]]]:
    """A sentence that says whom somebody plays in which film, and its fact."""
    return f"{person}在《{film}》中饰演{role}", [_triple(1, person, {"@value": role, "inWork": film})]


def watches(person: str, film: str) -> tuple[str, list[dict[str, object]]]:
    """A sentence that says no fact."""
    return f"{person}昨天去看了《{film}》", []


def make_films(folder: Path) -> None:
    """Make `sentences`, `model`, the `report` on it, `csv` and `graph` in a folder."""
    (folder / "sentences").mkdir(parents=True)
    (folder / "sentences" / "schema.json").write_text(json.dumps(SCHEMA, ensure_ascii=False), encoding="utf-8")
    for split, count, seed in (("train", 200, 1), ("validation", 40, 2), ("test", 40, 2)):
        draw = random.Random(seed)
        made = [_drawn(draw) for _ in range(count)]
        stem = "test" if split == "test" else f"train:{seed}"
        records = [{"id": f"{stem}:{n}", "text": text, "triples": triples} for n, (text, triples) in enumerate(made)]
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (folder / "sentences" / f"{split}.jsonl").write_text(lines, encoding="utf-8")
    write_manifest(folder / "sentences", Manifest(*SENTENCES, schema_hash(SCHEMA), "a test"))
    train(TrainSettings(folder / "sentences", folder / "model", **SMALL))
    evaluate(EvaluateSettings(folder / "model", folder / "sentences", folder / "report", folder / "f1"))
    make_csv(CsvSettings(folder / "csv", folder / "sentences"))
    load(LoadSettings(folder / "csv", folder / "graph"))


def _drawn(draw: random.Random) -> tuple[str, list[dict[str, object]]]:
    film = "".join(draw.sample(FILM, 3))
    first, second = ("".join((draw.choice(SURNAMES), *draw.sample(GIVEN, 2))) for _ in range(2))
    kind = draw.randrange(3)
    return (directs(film, first), plays(first, film, second), watches(first, film))[kind]


def _triple(signature: int, subject: str, slots: dict[str, str]) -> dict[str, object]:
    types = SIGNATURES[signature]
    return {
        "subject": subject, "subject_type": types["subject_type"], "predicate": types["predicate"],
        "object": slots, "object_type": types["object_type"],
    }  # fmt: skip
