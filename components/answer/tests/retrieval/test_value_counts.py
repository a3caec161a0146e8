"""How many values the subjects of a predicate have, measured on the graph."""

import pytest
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.retrieval.value_counts import ValueCounts, share_with_several

from ..made import Said, write_graph

MANY = 120


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    facts = [Said(f"病{number}", "临床表现", "发热") for number in range(MANY)]
    facts += [Said(f"病{number}", "药物", f"药{number}{other}") for number in range(MANY) for other in "甲乙"]
    facts += [Said(f"病{number}", "科室", "内科") for number in range(3)]
    # A labelled value a subject, and a second one that a machine read.
    facts += [Said(f"病{number}", "病因", f"因{number}") for number in range(MANY)]
    facts += [Said(f"病{number}", "病因", f"别{number}", {}, "extracted", 0.5) for number in range(MANY)]
    facts += [Said("甲国", "首都", "乙城"), Said("甲片", "主演", "某人")]
    folder = write_graph(tmp_path_factory.mktemp("counted") / "graph", facts)
    graph = GraphClient(str(folder / "graph.db"))
    yield ValueCounts(graph)
    graph.close()


@pytest.mark.parametrize(
    ("predicate", "one"),
    [
        ("临床表现", False),  # 20 subjects with a share of one half count beside the 120 of the graph
        ("药物", False),
        ("科室", False),  # three subjects tell too little of a predicate that nobody has measured
        ("首都", True),  # one subject tells little too, but DuIE says enough
        ("主演", False),
        ("没有这个", False),
    ],
)
def test_the_graph_tells_and_else_what_was_measured_before(counts, predicate, one):
    assert counts.has_one_value(predicate) is one


def test_labelled_facts_are_counted_alone():
    values = {f"s{number}": {"x"} for number in range(MANY)}
    assert share_with_several("病因", values) == pytest.approx((0 + 20 * 0.5) / (MANY + 20))


def test_many_subjects_with_one_value_each_are_enough():
    values = {f"s{number}": {"x"} for number in range(400)}
    assert share_with_several("没有这个", values) < 0.05
    assert share_with_several("没有这个", values | {f"t{number}": {"x", "y"} for number in range(30)}) > 0.05


def test_a_second_value_that_a_machine_read_does_not_count(counts):
    assert counts.has_usually_one_value("病因") is counts.has_usually_one_value("临床表现") is True
