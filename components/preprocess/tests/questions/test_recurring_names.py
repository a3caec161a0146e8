"""Graphs whose names recur in many facts: every predicate is asked in every split, or named as missing."""

from itertools import product
from pathlib import Path

import pytest
from ckgqa_preprocess.__main__ import COMMANDS
from ckgqa_preprocess.questions.graph.facts import FactGraph, GraphFact
from ckgqa_preprocess.questions.splits import NameSplits
from ckgqa_preprocess.schema import PredicateSignature, Schema

from ckgqa.runtime.intents import Intent
from ckgqa.runtime.jsonlines import read_json, read_jsonl
from ckgqa.runtime.program import main

from .graphs import WorldFact, write_graph, write_schema

ILLNESS, SIGN, DRUG = "疾病", "症状", "药物"
SIGNATURES = {
    "表现": (ILLNESS, {"@value": SIGN}),
    "治疗": (ILLNESS, {"@value": DRUG, "dose": "剂型"}),
    "并发": (ILLNESS, {"@value": ILLNESS}),
}
SINGLE = ("首选", "次选", "备选")
SIGNATURES |= dict.fromkeys(SINGLE, (ILLNESS, {"@value": DRUG}))
SIZES = ("--train-size", "600", "--validation-size", "60", "--test-size", "80")
HELD = ("validation", "test")
LETTERS = "风云山海天地月星河城春秋金木水"


def names(count: int, end: str) -> list[str]:
    """Return distinct names of three letters."""
    return [a + b + end for a, b in product(LETTERS, LETTERS)][:count]


def facts(predicate: str, pairs, **slots: str) -> list[WorldFact]:
    return [(predicate, subject, SIGNATURES[predicate][0], {"@value": value, **slots}) for subject, value in pairs]


class Made:
    """What the command makes of some facts."""

    def __init__(self, folder: Path, world: list[WorldFact], *flags: str) -> None:
        self.world = world
        used = {one[0] for one in world}
        of = Schema(PredicateSignature(name, *SIGNATURES[name], 1) for name in SIGNATURES if name in used)
        graph = write_graph(folder / "graph-csv", world, of)
        where = ["--graph-csv", str(graph), "--schema", str(write_schema(folder / "schema.json", of))]
        self.out = folder / "questions"
        argv = ["questions", "--questions", str(self.out), *where, *SIZES, *flags]
        self.code = main("ckgqa_preprocess", "", COMMANDS, argv)

    @property
    def report(self):
        return read_json(self.out / "report.json")

    def about(self, split: str) -> list[dict]:
        records = [record for _, record in read_jsonl(self.out / f"{split}.jsonl")]
        return [record for record in records if record["intent"] != "outside"]

    def asked(self, split: str) -> set[str]:
        return {step.label for record in self.about(split) for step in Intent.parse(record["intent"]).chain}

    def missing(self) -> dict[str, set[str]]:
        """Return split -> the predicates with facts that none of its questions asks."""
        predicates = {one[0] for one in self.world}
        found = {split: {label.rpartition("/")[0] for label in self.asked(split)} for split in ("train", *HELD)}
        return {split: predicates - asked for split, asked in found.items()}


@pytest.fixture
def make(tmp_path):
    def made(world: list[WorldFact], *flags: str) -> Made:
        one = Made(tmp_path, world, *flags)
        if one.code == 0:
            check_promises(one)
        return one

    return made


def pairs_of(record: dict) -> set[tuple[str, str]]:
    return {(one["role"], one["name"]) for one in (*record["mentions"], *record.get("implied", ()))}


def level(record: dict, others: list[dict]) -> str:
    """Say by brute force what other questions lack of this one."""
    pairs, step = pairs_of(record), record["intent"].split(":")[1].split(">")[0].rpartition("/")[0]
    known = set().union(*map(pairs_of, others))
    if not {name for _, name in pairs} & {name for _, name in known}:
        return "name"
    if not pairs & known:
        return "role"
    same = [one for one in others if one["intent"].split(":")[1].split(">")[0].rpartition("/")[0] == step]
    return "nothing" if any(pairs <= pairs_of(one) for one in same) else "pair"


def check_promises(made: Made) -> None:
    """Compare the report with the questions: what is missing, how names are held out, what splits share."""
    report = made.report
    assert report["predicates_not_asked"] == {split: sorted(found) for split, found in made.missing().items()}
    for split in HELD:
        others = [record for other in ("train", *HELD) if other != split for record in made.about(other)]
        levels = [level(record, others) for record in made.about(split)]
        counted = {one: counts[split] for one, counts in report["held_out_by"].items()}
        assert counted == {one: levels.count(one) for one in ("name", "role", "pair", "nothing")}
        assert counted["nothing"] == 0
        assert made.about(split)
    assert report["questions_in_two_splits"] == report["generated_wordings_in_two_splits"] == 0


NOTHING_MISSING = {"train": set(), "validation": set(), "test": set()}


def test_values_that_recur_with_every_subject(make) -> None:
    """Fifteen subjects and twelve values of two predicates, each subject with ten of the values."""
    ill, signs, drugs = names(15, "病"), names(12, "症"), names(12, "片")
    world = [
        *facts("表现", [(one, signs[(n + k) % 12]) for n, one in enumerate(ill) for k in range(10)]),
        *facts("治疗", [(one, drugs[(n + k) % 12]) for n, one in enumerate(ill) for k in range(10)]),
    ]
    made = make(world)
    assert made.code == 0
    assert made.missing() == NOTHING_MISSING
    for split in HELD:
        assert {"表现/@value", "表现/subject", "治疗/@value", "治疗/subject"} <= made.asked(split)


def test_a_star_with_one_shared_value(make) -> None:
    made = make(facts("表现", [(one, "发热症") for one in names(30, "病")]))
    assert made.code == 0
    assert made.missing() == NOTHING_MISSING
    assert made.report["held_out_by"]["name"]["test"] == len(made.about("test")), "subjects, which no other fact has"
    trained = {name for record in made.about("train") for role, name in pairs_of(record) if role == "@value"}
    assert "发热症" in trained, "the only value stays in training"


def test_a_star_with_one_shared_subject(make) -> None:
    made = make(facts("表现", [("感冒病", one) for one in names(30, "症")]))
    assert made.code == 0
    assert made.missing() == NOTHING_MISSING


def test_a_predicate_with_recurring_values_beside_one_without(make) -> None:
    ill = names(40, "病")
    world = [
        *facts("表现", [(one, "发热症") for one in ill]),
        *facts("治疗", zip(names(80, "病")[40:], names(40, "片"), strict=True)),
    ]
    made = make(world)
    assert made.code == 0
    assert made.missing() == NOTHING_MISSING
    assert {one: counts["test"] for one, counts in made.report["held_out_by"].items() if one != "name"} == {
        "role": 0, "pair": 0, "nothing": 0,
    }  # fmt: skip
    whole = [record for record in made.about("test") if "治疗" in record["intent"]]
    known = {name for split in ("train", "validation") for record in made.about(split) for _, name in pairs_of(record)}
    assert whole
    assert not known & {name for record in whole for _, name in pairs_of(record)}, "these are held out wholly"


def test_a_subject_held_out_as_such_may_be_known_as_a_value(make) -> None:
    """A circle of illnesses, each of which brings the ten next: every name is a subject and a value."""
    ill = names(24, "病")
    made = make(facts("并发", [(one, ill[(n + k) % 24]) for n, one in enumerate(ill) for k in range(1, 11)]))
    assert made.code == 0
    assert made.missing() == NOTHING_MISSING
    assert made.report["held_out_by"]["role"]["test"] > 0
    assert made.report["held_out_by"]["pair"]["test"] == 0


def test_pairs_are_held_out_if_training_needs_all_names_in_their_roles(make) -> None:
    """Each illness has the only fact of a predicate of its own, so that only its pair with the shared one is left."""
    ill = names(3, "病")
    single = [fact for one, predicate in zip(ill, SINGLE, strict=True) for fact in facts(predicate, [(one, "止痛片")])]
    made = make([*facts("表现", [(one, "发热症") for one in ill]), *single])
    assert made.code == 0
    assert made.missing() == {"train": set(), "validation": set(SINGLE), "test": set(SINGLE)}
    for split in HELD:
        assert made.report["held_out_by"]["pair"][split] == len(made.about(split)) > 0


@pytest.mark.parametrize(("subjects", "values"), [(2, 2), (2, 3), (3, 3), (5, 5), (12, 12), (2, 40), (40, 2)])
def test_every_subject_has_every_value(make, subjects: int, values: int) -> None:
    made = make(facts("表现", product(names(subjects, "病"), names(values, "症"))))
    assert made.code == 0
    assert made.missing() == NOTHING_MISSING


@pytest.mark.parametrize("count", [3, 4, 5, 9])
def test_few_facts_are_enough(make, count: int) -> None:
    made = make(facts("表现", zip(names(count, "病"), names(count, "症"), strict=True)))
    assert made.code == 0
    assert made.missing() == NOTHING_MISSING


@pytest.mark.parametrize(
    ("count", "missing"),
    [
        (1, {"train": set(), "validation": {"治疗"}, "test": {"治疗"}}),
        (2, {"train": set(), "validation": {"治疗"}, "test": set()}),
    ],
)
def test_a_predicate_with_one_or_two_facts_is_named(make, capsys, count: int, missing: dict) -> None:
    ill = names(20, "病")
    world = [
        *facts("表现", [(one, "发热症") for one in ill]),
        *facts("治疗", zip(ill, names(count, "片"), strict=False)),
    ]
    made = make(world)
    assert made.code == 0
    assert made.missing() == missing
    assert "validation: no question asks 1 of the graph's 2 predicates: 治疗" in capsys.readouterr().err
    assert "| validation | 治疗 |" in (made.out / "report.md").read_text(encoding="utf-8")


def test_slots_whose_values_recur_are_asked_in_every_split(make) -> None:
    """Subjects and values differ, and all facts have one of two further slots."""
    pairs = list(zip(names(40, "病"), names(40, "片"), strict=True))
    made = make([*facts("治疗", pairs[:20], dose="口服"), *facts("治疗", pairs[20:], dose="外用")])
    assert made.code == 0
    for split in HELD:
        assert "治疗/dose" in made.asked(split)
        assert any(record["shape"] == "slot" for record in made.about(split))


def test_slots_and_values_that_recur(make) -> None:
    drugs = names(3, "片")
    world = [
        fact for n, one in enumerate(names(30, "病")) for fact in facts("治疗", [(one, drugs[n % 3])], dose="口服")
    ]
    made = make(world)
    assert made.code == 0
    assert made.missing() == NOTHING_MISSING
    for split in HELD:
        assert "治疗/@value" in made.asked(split)


@pytest.mark.parametrize("pairs", [[("感冒病", "发热症")], [("感冒病", "发热症"), ("肺炎病", "咳嗽症")]])
def test_a_split_without_a_question_about_the_graph_is_an_error(make, capsys, pairs) -> None:
    made = make(facts("表现", pairs))
    assert made.code == 2
    assert not made.out.exists()
    message = capsys.readouterr().err
    assert f"no question about a fact of the graph, which has {len(pairs)}, is left for validation" in message
    assert "expected a predicate with at least 3 facts" in message


def test_a_split_of_size_0_needs_no_question(tmp_path) -> None:
    made = Made(tmp_path, facts("表现", [("感冒病", "发热症")]), "--validation-size", "0", "--test-size", "0")
    assert made.code == 0
    assert made.report["predicates_not_asked"] == {"train": []}


def test_names_are_held_out_by_what_training_can_miss() -> None:
    """A graph in which no whole fact can be held out: each level is taken only where the wider one is impossible."""
    ill = names(20, "病")
    star = tuple(GraphFact("表现", (("@value", "发热症"), ("subject", one))) for one in ill)
    splits = NameSplits(FactGraph({}, star, ()), set(), 13)
    held = {split: {one for one in ill if splits.of(one) == split} for split in HELD}
    assert len(held["test"]) == 3, "12 % of 20 subjects, rounded up"
    assert len(held["validation"]) == 2, "6 %"
    assert splits.of_role("表现", "@value", "发热症") == "train"


def test_training_keeps_the_only_fact_of_a_predicate() -> None:
    """All subjects of one predicate are the only subjects of others: only pairs of this predicate can be held out."""
    ill = names(3, "病")
    shared = [GraphFact("表现", (("@value", "发热症"), ("subject", one))) for one in ill]
    own = [GraphFact(f"单{n}", (("@value", f"值{n}"), ("subject", one))) for n, one in enumerate(ill)]
    splits = NameSplits(FactGraph({}, (*shared, *own), ()), set(), 13)
    assert {splits.of(name) for name in ill} == {"train"}
    assert [splits.of_role(f"单{n}", "subject", one) for n, one in enumerate(ill)] == ["train"] * 3
    owners = {splits.of_role("表现", "subject", one) for one in ill}
    assert owners == {"train", "validation", "test"}


def test_names_of_the_archive_are_never_held_out() -> None:
    ill = names(20, "病")
    star = tuple(GraphFact("表现", (("@value", "发热症"), ("subject", one))) for one in ill)
    splits = NameSplits(FactGraph({}, star, ()), set(ill[:18]), 13)
    assert {splits.of_role("表现", "subject", one) for one in ill[:18]} == {"train"}
    assert {splits.of(one) for one in ill[18:]} == {"validation", "test"}
