"""The bundled sample: deterministic, correctly labelled, varied, and taken whole by the stage that reads it."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from ckgqa_preprocess.duie.settings import DuieSettings
from ckgqa_preprocess.duie.stage import preprocess_duie

from ckgqa.runtime.jsonlines import read_json
from ckgqa.sample import write_sample, write_texts
from ckgqa.sample.archive import DEV_SENTENCES, EXTRA_TEXTS, TRAIN_SENTENCES
from ckgqa.sample.tables import SLOTS, read_schema, read_tables

Record = dict[str, object]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.zip"
    write_sample(path)
    return path


def records(path: Path, name: str) -> list[Record]:
    with zipfile.ZipFile(path) as packed:
        return [json.loads(line) for line in packed.read(name).decode().splitlines()]


@pytest.fixture(scope="module")
def train(sample: Path) -> list[Record]:
    return records(sample, "train.json")


@pytest.fixture(scope="module")
def dev(sample: Path) -> list[Record]:
    return records(sample, "dev.json")


def names(triple: Record) -> list[str]:
    return [triple["subject"], *triple["object"].values()]


def share(found: list[Record], test) -> float:
    return sum(map(test, found)) / len(found)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_sentences(tmp_path, sample) -> None:
    write_sample(tmp_path / "again.zip")
    write_sample(tmp_path / "other.zip", seed=14)
    assert (tmp_path / "again.zip").read_bytes() == sample.read_bytes()
    assert records(tmp_path / "other.zip", "train.json") != records(sample, "train.json")


def test_every_label_stands_verbatim_in_its_sentence_and_follows_the_schema(train, dev) -> None:
    schema = {line["predicate"]: line for line in read_schema()}
    for record in train + dev:
        for triple in record["spo_list"]:
            assert all(name and name in record["text"] for name in names(triple))
            line = schema[triple["predicate"]]
            assert triple["subject_type"] == line["subject_type"]
            assert triple["object_type"].items() <= line["object_type"].items()
            assert triple["object_type"].keys() == triple["object"].keys()


def test_no_sentence_stands_twice_and_none_of_dev_in_train(train, dev) -> None:
    texts = [record["text"] for record in train + dev]
    assert len(texts) == len(set(texts)) == TRAIN_SENTENCES + DEV_SENTENCES


def test_every_predicate_and_every_slot_of_the_schema_is_taught(train) -> None:
    taught = {
        (triple["predicate"], slot) for record in train for triple in record["spo_list"] for slot in triple["object"]
    }
    assert taught == {(line["predicate"], slot) for line in read_schema() for slot in line["object_type"]}


def test_sentences_are_varied(train) -> None:
    def several(record: Record) -> bool:
        return len(record["spo_list"]) > 1

    def shared_subject(record: Record) -> bool:
        subjects = [triple["subject"] for triple in record["spo_list"]]
        return len(set(subjects)) < len(subjects)

    def complex_object(record: Record) -> bool:
        return any(len(triple["object"]) > 1 for triple in record["spo_list"])

    def nested(record: Record) -> bool:
        found = {name for triple in record["spo_list"] for name in names(triple)}
        return any(one != other and one in other for one in found for other in found)

    assert 0.03 < share(train, lambda record: not record["spo_list"]) < 0.1
    assert share(train, several) > 0.35
    assert share(train, shared_subject) > 0.15
    assert share(train, complex_object) > 0.1
    assert share(train, nested) > 0.02
    assert share(train, lambda record: any("a" <= char.lower() <= "z" for char in record["text"])) > 0.03
    assert share(train, lambda record: any(char.isdigit() for char in record["text"])) > 0.2
    assert share(train, lambda record: "《" in record["text"]) > 0.2
    assert share(train, lambda record: any(mark in record["text"] for mark in "“【「<")) > 0.03


def test_part_of_devs_facts_is_new_and_part_is_known(train, dev) -> None:
    known = {(triple["subject"], triple["predicate"]) for record in train for triple in record["spo_list"]}
    asked = [(triple["subject"], triple["predicate"]) for record in dev for triple in record["spo_list"]]
    assert 0.2 < sum(fact not in known for fact in asked) / len(asked) < 0.7


def test_the_tables_are_clean_and_every_row_and_template_can_be_used() -> None:
    for table in read_tables():
        fields = set(table.rows[0])
        assert len({tuple(row.values()) for row in table.rows}) == len(table.rows), table.name
        for row in table.rows:
            assert all(value == value.strip() for value in row.values()), (table.name, row)
            assert any(
                template.states_facts and all(row[field] for field in template.fields) for template in table.templates
            )
        for template in table.templates:
            assert set(template.fields) <= fields, template
            stated = [rule for rule in table.rules if {rule.subject, rule.slots["@value"]} <= set(template.fields)]
            assert stated or not template.states_facts, template
        for rule in table.rules:
            assert {rule.subject, *rule.slots.values()} <= fields
            assert rule.slots.keys() <= set(SLOTS)


def test_preprocess_takes_the_sample_with_nothing_dropped_or_repaired(tmp_path, sample) -> None:
    preprocess_duie(DuieSettings(sample, tmp_path / "out"))
    report = read_json(tmp_path / "out" / "report.json")
    assert report["files"] == {
        "train.json": {"records": TRAIN_SENTENCES, "bad": 0},
        "dev.json": {"records": DEV_SENTENCES, "bad": 0},
    }
    assert report["repaired"] == {}


def test_texts_without_labels_come_as_json_lines(tmp_path) -> None:
    write_texts(tmp_path / "texts.jsonl")
    write_texts(tmp_path / "again.jsonl")
    found = [json.loads(line) for line in (tmp_path / "texts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in found] == [f"extra:{number}" for number in range(1, EXTRA_TEXTS + 1)]
    assert all(set(record) == {"id", "text"} for record in found)
    assert (tmp_path / "texts.jsonl").read_bytes() == (tmp_path / "again.jsonl").read_bytes()


@pytest.mark.slow
def test_no_sentence_is_one_of_duies(train, dev) -> None:
    real = Path(os.environ["CKGQA_TEST_DUIE"])
    theirs = {record["text"].strip(" 。！") for name in ("train.json", "dev.json") for record in records(real, name)}
    assert not theirs & {record["text"].strip(" 。！") for record in train + dev}
