"""Made-up sentences with their triples, and the folder that `preprocess duie` would write of them."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from ckgqa_train_casrel.data.records import LabelledSentence, LabelledTriple
from ckgqa_train_casrel.data.schema import PredicateSignature, Schema, schema_to_json
from ckgqa_train_casrel.settings import BILSTM_ONLY, TrainSettings

from ckgqa.runtime.artefacts import SENTENCES
from ckgqa.runtime.manifest import Manifest, schema_hash, write_manifest

from .tiny_bert import save_tiny_bert

SURNAMES, GIVEN, FILM = "赵钱孙李周吴郑王", "明华芳伟娜敏静强", "山河星海春秋风云龙虎"
SIGNATURES = (
    PredicateSignature("主演", "影视作品", {"@value": "人物"}),
    PredicateSignature("导演", "影视作品", {"@value": "人物"}),
    PredicateSignature("饰演", "娱乐人物", {"@value": "人物", "inWork": "影视作品"}),
)
LABELS = (("主演", "@value"), ("导演", "@value"), ("饰演", "@value"), ("饰演", "inWork"))
# What makes training of a few seconds: everything small, nothing left out at random.
SMALL = {
    "hidden_size": 64, "layers": 1, "attention_heads": 2, "char_embedding_dim": 32,
    "bigram_embedding_dim": 8, "char_type_embedding_dim": 4,
    "dropout": 0.0, "character_dropout": 0.0, "batch_characters": 1024, "learning_rate": 0.005, "ema_decay": 0.9,
    "bf16": "off", "device": "cpu", "window": 64, "overlap": 32,
}  # fmt: skip


@pytest.fixture(scope="session")
def schema() -> Schema:
    return Schema(SIGNATURES, LABELS)


def fact(subject: str, predicate: str, value: str, **slots: str) -> LabelledTriple:
    types = {signature.predicate: signature for signature in SIGNATURES}[predicate]
    return LabelledTriple(subject, predicate, {"@value": value, **slots}, types.subject_type, "人物")


def made_sentence(draw: random.Random) -> tuple[str, list[LabelledTriple]]:
    """Draw one sentence: X's director, its actors, or a role in it; or one that says nothing."""
    film = "".join(draw.sample(FILM, 3))
    first, second = ("".join((draw.choice(SURNAMES), *draw.sample(GIVEN, 2))) for _ in range(2))
    kind = draw.randrange(4)
    if kind == 0:
        return f"《{film}》由{first}执导", [fact(film, "导演", first)]
    if kind == 1:
        return f"电影《{film}》主演有{first}、{second}", [fact(film, "主演", name) for name in sorted({first, second})]
    if kind == 2:
        return f"{first}在《{film}》中饰演{second}", [fact(first, "饰演", second, inWork=film)]
    return f"{first}昨天去看了《{film}》", []


@pytest.fixture(scope="session")
def sentences() -> Callable[..., list[LabelledSentence]]:
    """Give a maker of `count` texts from a seed, each of `joined` sentences."""

    def make(count: int, seed: int = 1, joined: int = 1) -> list[LabelledSentence]:
        draw = random.Random(seed)
        made = []
        for n in range(1, count + 1):
            parts = [made_sentence(draw) for _ in range(joined)]
            triples = tuple(triple for _, triples in parts for triple in triples)
            made.append(LabelledSentence(f"train:{n}", "。".join(text for text, _ in parts), triples))
        return made

    return make


def record(sentence: LabelledSentence) -> dict[str, object]:
    types = {signature.predicate: signature for signature in SIGNATURES}
    triples = [
        {
            "subject": t.subject,
            "subject_type": t.subject_type,
            "predicate": t.predicate,
            "object": t.object,
            "object_type": {slot: types[t.predicate].object_type[slot] for slot in t.object},
        }
        for t in sentence.triples
    ]
    return {"id": sentence.id, "text": sentence.text, "triples": triples}


@pytest.fixture(scope="session")
def sentences_folder(schema: Schema) -> Callable[..., Path]:
    """Give a writer of a sentences folder."""

    def write(folder: Path, train: Sequence[LabelledSentence], validation: Sequence[LabelledSentence]) -> Path:
        folder.mkdir(parents=True)
        (folder / "schema.json").write_text(json.dumps(schema_to_json(schema), ensure_ascii=False), encoding="utf-8")
        for split, part in (("train", train), ("validation", validation), ("test", validation)):
            lines = "".join(json.dumps(record(sentence), ensure_ascii=False) + "\n" for sentence in part)
            (folder / f"{split}.jsonl").write_text(lines, encoding="utf-8")
        write_manifest(folder, Manifest(*SENTENCES, schema_hash(schema_to_json(schema)), "a test"))
        return folder

    return write


@pytest.fixture(scope="session")
def small_settings() -> Callable[..., TrainSettings]:
    """Give a maker of small settings, any of them changed."""

    def make(sentences: Path, model: Path, **changed: object) -> TrainSettings:
        bert = changed.get("encoder") is not None
        own = {name: value for name, value in SMALL.items() if not bert or name not in BILSTM_ONLY}
        return TrainSettings(sentences=sentences, model=model, **(own | changed))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bert")
    save_tiny_bert(folder)
    return folder
