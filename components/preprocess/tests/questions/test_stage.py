"""The whole command on a small world: what it promises of its questions, checked by brute force."""

import json
import os
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from ckgqa_preprocess.__main__ import COMMANDS
from ckgqa_preprocess.questions.generators.generator import SHAPES
from ckgqa_preprocess.questions.graph.schema_file import read_any_schema
from ckgqa_preprocess.questions.settings import QuestionSettings
from ckgqa_preprocess.questions.templates.annotated_text import NAME_MASK
from ckgqa_preprocess.questions.templates.loader import read_templates
from ckgqa_preprocess.questions.templates.realizer import Realizer
from ckgqa_preprocess.questions.templates.wording_key import WordingKey

from ckgqa.runtime.artefacts import GRAPH_CSV, QUESTIONS
from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import tree_hash
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.jsonlines import read_json, read_jsonl
from ckgqa.runtime.manifest import read_manifest
from ckgqa.runtime.program import main

from .graphs import OWN, SIGNATURES, STRANGE, answers, holds, schema, world, write_graph, write_schema

SPLITS = ("train", "validation", "test")
SIZES = ("--train-size", "3000", "--validation-size", "300", "--test-size", "400")
FACTS = world()


def run(out: Path, *flags: str) -> int:
    return main("ckgqa_preprocess", "", COMMANDS, ["questions", "--questions", str(out), *flags])


def records(out: Path, split: str) -> list[dict]:
    return [record for _, record in read_jsonl(out / f"{split}.jsonl")]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory) -> list[str]:
    folder = tmp_path_factory.mktemp("world")
    graph = write_graph(folder / "graph-csv", FACTS, schema())
    return ["--graph-csv", str(graph), "--schema", str(write_schema(folder / "schema.json", schema()))]


@pytest.fixture(scope="module")
def made(tmp_path_factory, inputs) -> Path:
    out = tmp_path_factory.mktemp("made") / "questions"
    assert run(out, *inputs, *SIZES) == 0
    return out


@pytest.fixture(scope="module")
def questions(made) -> dict[str, list[dict]]:
    return {split: records(made, split) for split in SPLITS}


def every(questions) -> list[dict]:
    return [record for split in SPLITS for record in questions[split]]


@cache
def shipped_key() -> WordingKey:
    return Realizer(read_templates(None)).wording_key


def wording(record: dict) -> str:
    """Return the key of a record's wording, by its mentions."""
    text = record["text"]
    for mention in sorted(record["mentions"], key=lambda one: -one["start"]):
        text = text[: mention["start"]] + NAME_MASK + text[mention["end"] :]
    return shipped_key().of_wording(text)


def names_of(record: dict) -> dict[str, str]:
    return {one["role"]: one["name"] for one in [*record["mentions"], *record.get("implied", [])]}


def test_there_are_as_many_as_were_wanted_and_enough_of_every_shape(questions) -> None:
    assert {split: len(found) for split, found in questions.items()} == {"train": 3000, "validation": 300, "test": 400}
    for split in SPLITS:
        shapes = Counter(record["shape"] for record in questions[split])
        assert shapes.keys() == set(SHAPES)
        assert min(shapes.values()) >= 0.015 * len(questions[split]), (split, shapes)


def test_every_mention_stands_where_it_says_and_is_the_name_that_it_says(questions) -> None:
    for record in every(questions):
        for mention in record["mentions"]:
            typed = record["text"][mention["start"] : mention["end"]]
            name = mention["name"]
            assert typed, record
            if record["shape"] not in {"near_name", "follow_up"}:
                assert typed == (name[1:-1] if name == "《忆》" else name), record
            before, after = record["text"][: mention["start"]], record["text"][mention["end"] :]
            assert before.endswith("《") == after.startswith("》"), record
            assert not before.endswith("《《"), record


def test_no_question_is_empty_broken_over_lines_or_has_a_place_left_open(questions) -> None:
    for record in every(questions):
        assert record["text"].strip() == record["text"] != "", record
        assert "\n" not in record["text"]
        outside_names = wording(record)
        assert not set("{}(|)") & set(outside_names.replace(NAME_MASK, "")), record


def test_strange_names_come_through_and_unusable_ones_do_not(questions) -> None:
    names = {one["name"] for record in every(questions) for one in record["mentions"]}
    assert set(STRANGE) <= names
    assert not {name for name in names if "\n" in name or len(name) > 40 or not any(map(str.isalnum, name))}


def test_intents_and_roles_are_those_of_the_labels(made, questions) -> None:
    labels = read_json(made / "labels.json")
    assert labels["kinds"] == ["list", "count", "yes_no", "outside"]
    expected = sorted(f"{name}/{role}" for name, _, slots in SIGNATURES for role in ("subject", *slots))
    assert labels["steps"] == expected
    assert labels["roles"] == ["@value", "inArea", "inWork", "subject"]
    for record in every(questions):
        intent = Intent.parse(record["intent"])
        assert {step.label for step in intent.chain} <= set(expected)
        roles = [one["role"] for one in record["mentions"]]
        assert len(roles) == len(set(roles))
        assert set(roles) <= set(labels["roles"])
        if intent.kind == "outside":
            assert roles == []
        elif intent.kind != "yes_no" and "implied" not in record:
            assert intent.chain[0].asked not in roles, record


def test_every_predicate_is_asked_both_ways_in_every_split(questions) -> None:
    wanted = {f"{name}/{role}" for name, _, _ in SIGNATURES for role in ("subject", "@value")}
    for split in ("train", "test"):
        asked = {step.label for record in questions[split] for step in Intent.parse(record["intent"]).chain}
        assert wanted - {"邮政编码/subject", "邮政编码/@value"} <= asked, split  # three facts do not reach everywhere
    assert wanted <= {step.label for one in questions["train"] for step in Intent.parse(one["intent"]).chain}


def test_the_test_has_names_and_wordings_that_training_never_saw(questions) -> None:
    for held in ("test", "validation"):
        rest = [record for split in SPLITS if split != held for record in questions[split]]
        assert not {record["text"] for record in questions[held]} & {record["text"] for record in rest}
        generated = [record for record in questions[held] if record["intent"] != "outside"]
        assert not set(map(wording, generated)) & set(map(wording, rest))
        names = {name for record in generated for name in names_of(record).values()}
        assert not names & {name for record in rest for name in names_of(record).values()}


def test_questions_that_can_be_answered_are_and_others_are_not(questions) -> None:
    for record in questions["test"]:
        intent, names = Intent.parse(record["intent"]), names_of(record)
        if record["shape"] == "outside":
            assert intent.kind == "outside"
        elif record["shape"] == "unanswerable":
            assert answers(intent, names, FACTS) == set(), record
        elif record["shape"] != "yes_no":
            assert answers(intent, names, FACTS), record


def test_yes_and_no_are_both_there(questions) -> None:
    asked = [record for record in questions["test"] if record["shape"] == "yes_no"]
    yes = sum(holds(Intent.parse(record["intent"]).chain[0].predicate, names_of(record), FACTS) for record in asked)
    assert 0.3 * len(asked) < yes < 0.7 * len(asked)


def test_shapes_are_what_they_are_called(questions) -> None:
    for record in every(questions):
        intent, roles = Intent.parse(record["intent"]), set(names_of(record))
        match record["shape"]:
            case "object_asked":
                assert (intent.kind, roles, intent.chain[0].asked) == ("list", {"subject"}, "@value")
            case "subject_asked":
                assert (intent.kind, roles, intent.chain[0].asked) == ("list", {"@value"}, "subject")
            case "slot":
                assert intent.chain[0].asked in {"inWork", "inArea"} or roles & {"inWork", "inArea"}
            case "count" | "yes_no":
                assert intent.kind == record["shape"]
            case "two_hops":
                assert len(intent.chain) == 2
            case "near_name":
                assert any(record["text"][one["start"] : one["end"]] != one["name"] for one in record["mentions"])


def test_a_follow_up_stands_behind_its_question_and_means_a_name_of_that_talk(questions) -> None:
    for split in SPLITS:
        found = questions[split]
        for number, record in enumerate(found):
            assert ("follows" in record) == (record["shape"] == "follow_up")
            if "follows" in record:
                before = found[number - 1]
                assert before["id"] == record["follows"]
                (meant,) = names_of(record).values()
                first = answers(Intent.parse(before["intent"]), names_of(before), FACTS)
                typed = {record["text"][one["start"] : one["end"]] for one in record["mentions"]}
                # A mention has no title marks, not even those of the name 《忆》.
                assert meant in {*names_of(before).values(), *first} or meant.strip("《》") in typed, record


def test_words_do_not_give_the_predicate_away_too_often(made) -> None:
    assert read_json(made / "report.json")["test_questions_that_name_their_predicate"] < 0.55


def test_the_report_counts_what_is_there(made, questions) -> None:
    report = read_json(made / "report.json")
    assert report["questions"] == {split: len(found) for split, found in questions.items()}
    for key in ("questions", "generated_wordings", "generated_names"):
        assert report[f"{key}_in_two_splits"] == 0
    shapes = {shape: {s: sum(r["shape"] == shape for r in questions[s]) for s in SPLITS} for shape in SHAPES}
    assert report["shapes"] == shapes
    assert report["predicates_without_templates"] == []
    assert "| two_hops |" in (made / "report.md").read_text(encoding="utf-8")


def test_ids_are_unique_and_the_manifest_says_what_it_was_made_of(made, questions, inputs) -> None:
    ids = [record["id"] for record in every(questions)]
    assert len(ids) == len(set(ids))
    manifest = read_manifest(made, QUESTIONS)
    assert manifest.made_by == "preprocess questions"
    assert manifest.inputs == {"graph_csv": tree_hash(Path(inputs[1])), "schema": tree_hash(Path(inputs[3]))}
    assert manifest.schema_hash == read_manifest(Path(inputs[1]), GRAPH_CSV).schema_hash
    assert manifest.settings["test_size"] == 400


def test_same_input_and_seed_give_the_same_bytes_and_another_seed_others(tmp_path, inputs) -> None:
    sizes = ("--train-size", "300", "--validation-size", "50", "--test-size", "50")
    for name, seed in (("a", "4"), ("b", "4"), ("c", "5")):
        assert run(tmp_path / name, *inputs, *sizes, "--seed", seed) == 0
    assert tree_hash(tmp_path / "a") == tree_hash(tmp_path / "b")
    assert (tmp_path / "a" / "test.jsonl").read_bytes() != (tmp_path / "c" / "test.jsonl").read_bytes()


def test_a_users_predicate_is_asked_about_without_a_template(tmp_path) -> None:
    animals = [f"小{a}{b}" for a in "风云山海天地" for b in "明伟军华春秋大国星月"]
    owners = sorted({one[1] for one in FACTS if one[0] == "国籍"})[: len(animals)]
    pets = [("宠物", one, "人物", {"@value": pet, "inCity": "海城"}) for one, pet in zip(owners, animals, strict=True)]
    own = schema(OWN)
    graph = write_graph(tmp_path / "graph-csv", [*FACTS, *pets], own)
    where = ["--graph-csv", str(graph), "--schema", str(write_schema(tmp_path / "schema.json", own))]
    assert run(tmp_path / "out", *where, *SIZES) == 0
    asked = Counter(
        step.label for split in SPLITS for record in records(tmp_path / "out", split)
        for step in Intent.parse(record["intent"]).chain
    )  # fmt: skip
    assert min(asked["宠物/@value"], asked["宠物/subject"]) > 60
    assert asked["宠物/inCity"]
    assert read_json(tmp_path / "out" / "report.json")["predicates_without_templates"] == ["宠物"]


def test_a_name_that_may_be_a_text_as_well_is_not_called_one(tmp_path) -> None:
    """Where a role has several types, what stands for a name says the type that this name has."""
    mixed = schema(("导演", "Text", {"@value": "人物"}))
    graph = write_graph(tmp_path / "graph-csv", FACTS, mixed)
    where = ["--graph-csv", str(graph), "--schema", str(write_schema(tmp_path / "schema.json", mixed))]
    assert run(tmp_path / "out", *where, "--train-size", "800", "--validation-size", "0", "--test-size", "0") == 0
    talk = [
        one["text"]
        for one in records(tmp_path / "out", "train")
        if one["shape"] == "follow_up" and one["intent"] == "list:导演/@value"
    ]
    assert any("这部" in text for text in talk)
    assert not [one for one in records(tmp_path / "out", "train") if "Text" in one["text"] or "名称" in one["text"]]


def test_templates_of_a_user_are_asked_with(tmp_path, inputs) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("国籍:\n  replace: yes\n  frames: no\n  ask @value: |\n    {subject}吃哪国饭\n", encoding="utf-8")
    sizes = ("--train-size", "600", "--validation-size", "0", "--test-size", "0")
    assert run(tmp_path / "out", *inputs, *sizes, "--templates", str(mine)) == 0
    asked = [
        one["text"]
        for one in records(tmp_path / "out", "train")
        if one["intent"] == "list:国籍/@value" and one["shape"] == "object_asked"
    ]
    assert asked
    assert all("吃哪国饭" in text for text in asked)


def test_a_part_of_a_large_graph_is_asked_about(tmp_path, inputs) -> None:
    sizes = ("--train-size", "500", "--validation-size", "50", "--test-size", "100")
    assert run(tmp_path / "out", *inputs, *sizes, "--max-facts", "500") == 0
    report = read_json(tmp_path / "out" / "report.json")
    assert 200 < report["graph"]["facts"] < 700
    for record in records(tmp_path / "out", "test"):
        if record["shape"] == "unanswerable":
            assert answers(Intent.parse(record["intent"]), names_of(record), FACTS) == set(), record


def test_extracted_facts_are_known_and_asked_about_only_where_none_is_labelled(tmp_path) -> None:
    where = ["--schema", str(write_schema(tmp_path / "schema.json", schema()))]
    graph = write_graph(tmp_path / "extracted", FACTS, schema(), source="extracted")
    sizes = ("--train-size", "200", "--validation-size", "20", "--test-size", "20")
    assert run(tmp_path / "out", "--graph-csv", str(graph), *where, *sizes) == 0
    assert len(records(tmp_path / "out", "train")) == 200


def refusal(capsys, out: Path, *flags: str) -> str:
    assert run(out, *flags) == 2
    assert not out.exists()
    return capsys.readouterr().err


def test_what_cannot_be_asked_about_is_refused(tmp_path, inputs, capsys) -> None:
    out, empty = tmp_path / "out", tmp_path / "empty"
    empty.mkdir()
    given_schema = inputs[2:]
    assert "--graph-csv '': expected a graph" in refusal(capsys, out)
    assert f"--graph-csv {empty}: expected a graph" in refusal(
        capsys, out, "--graph-csv", str(empty), "--raw", str(empty)
    )
    assert "--schema '': expected the sentences" in refusal(capsys, out, *inputs[:2])
    missing = str(tmp_path / "none.yaml")
    message = f"--templates {missing}: expected an existing file or folder"
    assert message in refusal(capsys, out, *inputs, "--templates", missing)
    (empty / "other.txt").write_text("")
    assert "no manifest.json" in refusal(capsys, out, "--graph-csv", str(empty), *given_schema)
    assert "no such file" in refusal(capsys, out, *inputs[:2], "--schema", str(empty))


@pytest.mark.parametrize("setting", ["train_size", "raw_test_fraction", "max_bad_fraction", "max_facts"])
def test_settings_out_of_bounds_are_rejected(tmp_path, setting: str) -> None:
    with pytest.raises(InputError, match=f"--{setting.replace('_', '-')} -1: expected "):
        QuestionSettings(questions=tmp_path / "out", raw=tmp_path, **{setting: -1})


def test_fractions_that_leave_nothing_to_train_on_are_rejected(tmp_path) -> None:
    with pytest.raises(InputError, match="--raw-test-fraction 0.5: expected less than 1 together with"):
        QuestionSettings(questions=tmp_path / "out", raw=tmp_path, raw_test_fraction=0.5, raw_validation_fraction=0.5)


def test_a_graph_without_a_fact_of_the_schema_is_refused(tmp_path, capsys) -> None:
    where = ["--schema", str(write_schema(tmp_path / "schema.json", schema()))]
    graph = write_graph(tmp_path / "none", [], schema())
    assert "no edge of the schema's 9 predicates" in refusal(
        capsys, tmp_path / "out", "--graph-csv", str(graph), *where
    )


def test_a_graph_of_another_schema_is_refused(tmp_path, inputs, capsys) -> None:
    other = write_schema(tmp_path / "other.json", schema(OWN))
    assert "follows another schema" in refusal(capsys, tmp_path / "out", *inputs[:2], "--schema", str(other))


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("edges.csv", None, "no such file"),
        ("names.jsonl", None, "no such file"),
        ("vertices.csv", None, "no such file"),
        ("edges.csv", lambda text: text.replace("~from", "from"), "edges.csv line 1: no column '~from'"),
        ("edges.csv", lambda text: text.replace(",labelled,", ",guessed,", 1), "the source 'guessed'"),
        ("edges.csv", lambda text: text.replace(",labelled,1.0", ",labelled", 1), "expected 8 fields"),
        ("names.jsonl", lambda text: "\n".join(text.splitlines()[:-1]), "which names.jsonl lacks"),
        ("names.jsonl", lambda text: text.replace('"name"', '"title"', 1), "names.jsonl line 1: id or name is missing"),
        ("names.jsonl", lambda text: "{" + text, "names.jsonl line 1: not JSON"),
    ],
)
def test_a_broken_graph_is_refused_with_its_line(tmp_path, capsys, name: str, change, message: str) -> None:
    graph = write_graph(tmp_path / "graph-csv", FACTS, schema())
    if change is None:
        (graph / name).unlink()
    else:
        text = (graph / name).read_text(encoding="utf-8")
        (graph / name).write_text(change(text), encoding="utf-8")
    where = ["--graph-csv", str(graph), "--schema", str(write_schema(tmp_path / "schema.json", schema()))]
    assert message in refusal(capsys, tmp_path / "out", *where)


def test_the_schema_may_be_lines_a_file_or_the_sentences_folder(tmp_path, inputs) -> None:
    lines = [{"predicate": name, "subject_type": kind, "object_type": slots} for name, kind, slots in SIGNATURES]
    (tmp_path / "lines.json").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    (tmp_path / "sentences").mkdir()
    write_schema(tmp_path / "sentences" / "schema.json", schema())
    sizes = ("--train-size", "50", "--validation-size", "0", "--test-size", "0")
    hashes = defaultdict(set)
    for place in (Path(inputs[3]), tmp_path / "lines.json", tmp_path / "sentences"):
        assert run(tmp_path / "out", *inputs[:2], "--schema", str(place), *sizes) == 0
        hashes["train"].add(tree_hash(tmp_path / "out" / "train.jsonl"))
    assert len(hashes["train"]) == 1


@pytest.mark.slow
def test_every_predicate_of_duie_is_asked_both_ways_in_every_split(tmp_path) -> None:
    """Needs CKGQA_TEST_DUIE: the archive, whose facts become a graph."""
    sentences = tmp_path / "sentences"
    duie = ["duie", "--raw", os.environ["CKGQA_TEST_DUIE"], "--sentences", str(sentences)]
    assert main("ckgqa_preprocess", "", COMMANDS, duie) == 0
    triples = [one for record in records(sentences, "train") for one in record["triples"]]
    facts = [(one["predicate"], one["subject"], one["subject_type"], one["object"]) for one in triples]
    of = read_any_schema(sentences)
    graph = write_graph(tmp_path / "graph-csv", facts, of)
    where = ("--graph-csv", str(graph), "--schema", str(sentences))
    assert run(tmp_path / "out", *where, "--train-size", "12000") == 0
    report = read_json(tmp_path / "out" / "report.json")
    assert len(of.by_predicate) == 48
    assert [step for step, counts in report["steps"].items() if not all(counts.values())] == []
    assert [shape for shape, counts in report["shapes"].items() if counts["test"] < 100] == []
    for key in ("questions", "generated_wordings", "generated_names"):
        assert report[f"{key}_in_two_splits"] == 0
    assert report["test_questions_that_name_their_predicate"] < 0.55
