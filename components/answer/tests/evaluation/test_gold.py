"""The gold is right: against a second way to it, on random triples and on the made graph."""

import random

import pytest
from ckgqa_answer.evaluation.gold import Gold, GoldTriple, read_triples

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent, Step

from ..made import FACTS, write_lines

GOLD = Gold(GoldTriple(f.predicate, {"subject": f.subject, "@value": f.value, **f.slots}) for f in FACTS)


@pytest.mark.parametrize(
    ("label", "given", "values"),
    [
        ("list:导演/@value", {"subject": "战狼2"}, {"吴京"}),
        ("list:导演/subject", {"@value": "吴京"}, {"战狼", "战狼2"}),
        ("list:饰演/@value", {"subject": "吴京", "inWork": "战狼"}, {"冷锋"}),
        ("list:饰演/inWork", {"subject": "吴京"}, {"战狼", "流浪地球"}),
        ("list:饰演/@value", {"subject": "吴京", "inWork": "攀登者"}, set()),
        ("count:饰演/@value", {"subject": "吴京"}, {"3"}),
        ("count:饰演/@value", {"subject": "郭帆"}, set()),
        ("yes_no:导演/@value", {"subject": "战狼2", "@value": "吴京"}, {"是"}),
        ("yes_no:导演/@value", {"subject": "战狼2", "@value": "郭帆"}, set()),
        ("yes_no:国籍/@value", {"subject": "吴京", "@value": "美国"}, {"不是"}),
        ("yes_no:国籍/@value", {"subject": "郭帆", "@value": "美国"}, set()),
        ("yes_no:饰演/@value", {"subject": "吴京", "@value": "冷锋", "inWork": "流浪地球"}, {"不是"}),
        ("yes_no:饰演/@value", {"subject": "吴京", "@value": "王五", "inWork": "流浪地球"}, set()),
        ("yes_no:丈夫/@value>国籍/@value", {"subject": "谢楠", "@value": "美国"}, {"不是"}),
        ("yes_no:导演/@value>国籍/@value", {"subject": "战狼", "@value": "美国"}, set()),
        ("list:导演/@value>妻子/@value", {"subject": "战狼2"}, {"谢楠"}),
        ("count:导演/subject>主演/@value", {"@value": "吴京"}, {"2"}),
        ("yes_no:导演/@value>妻子/@value", {"subject": "战狼2", "@value": "谢楠"}, {"是"}),
        ("outside", {}, set()),
    ],
)
def test_hand_checked_questions(label, given, values):
    assert GOLD.answer(Intent.parse(label), given) == values


def test_two_steps_are_a_join():
    draw = random.Random(5)
    names = list("甲乙丙丁戊")
    rows = {(draw.choice(names), draw.choice("PQ"), draw.choice(names)) for _ in range(30)}
    gold = Gold(GoldTriple(p, {"subject": s, "@value": v}) for s, p, v in rows)
    for first in (Step("P", "@value"), Step("P", "subject")):
        for second in (Step("Q", "@value"), Step("Q", "subject")):
            for name in names:
                middle = {v if first.asked == "@value" else s for s, p, v in rows
                          if p == "P" and (s if first.asked == "@value" else v) == name}  # fmt: skip
                wanted = {v if second.asked == "@value" else s for s, p, v in rows
                          if p == "Q" and (s if second.asked == "@value" else v) in middle}  # fmt: skip
                assert gold.answer(Intent("list", (first, second)), {first.given_role: name}) == wanted


def test_the_labelled_splits_are_read(tmp_path):
    triple = {"subject": "战狼", "predicate": "导演", "object": {"@value": "吴京"}}
    for split, triples in (("train", [triple]), ("validation", []), ("test", [triple | {"subject": "别的"}])):
        write_lines(tmp_path / f"{split}.jsonl", [{"id": "1", "text": "", "triples": triples}])
    assert read_triples(tmp_path) == [GoldTriple("导演", {"subject": "战狼", "@value": "吴京"})]
    write_lines(tmp_path / "train.jsonl", [{"id": "1", "triples": [{"subject": "x"}]}])
    with pytest.raises(InputError, match=r"train.jsonl line 1: expected triples with subject, predicate and object"):
        read_triples(tmp_path)
