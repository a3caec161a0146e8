"""Slots become whole facts: each value takes the nearest of every other slot, those before it first."""

import pytest
from ckgqa_train_casrel.data.schema import Schema
from ckgqa_train_casrel.inference.assembly import ScoredSpan, assemble_triples

DEFAULT_SIGNATURES = {"主演": 0, "导演": 1, "饰演": 2}
STARS, DIRECTS, ROLE, WORK = 0, 1, 2, 3


def span(text: str, words: str, score: float = 0.9, nth: int = 0) -> ScoredSpan:
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return ScoredSpan(start, start + len(words), score)


def test_each_role_takes_the_film_it_stands_behind(schema: Schema):
    text = "李华在《山河》中饰演王明，在《星海》中饰演赵伟"
    objects = {ROLE: [span(text, "王明"), span(text, "赵伟")], WORK: [span(text, "山河"), span(text, "星海")]}
    triples = assemble_triples(text, [(span(text, "李华"), objects)], schema, DEFAULT_SIGNATURES)
    assert [t.object for t in triples] == [
        {"@value": "王明", "inWork": "山河"},
        {"@value": "赵伟", "inWork": "星海"},
    ]
    assert triples[0].object_type == {"@value": "人物", "inWork": "影视作品"}
    assert triples[0].subject_type == "娱乐人物"


def test_two_roles_in_one_film_both_take_it(schema: Schema):
    text = "李华在《山河》中饰演王明和赵伟"
    objects = {ROLE: [span(text, "王明"), span(text, "赵伟")], WORK: [span(text, "山河")]}
    triples = assemble_triples(text, [(span(text, "李华"), objects)], schema, DEFAULT_SIGNATURES)
    assert [t.object["inWork"] for t in triples] == ["山河", "山河"]


def test_a_slot_without_its_value_is_no_fact(schema: Schema):
    text = "李华在《山河》中"
    assert (
        assemble_triples(text, [(span(text, "李华"), {WORK: [span(text, "山河")]})], schema, DEFAULT_SIGNATURES) == []
    )


def test_spans_point_at_the_words_and_the_score_is_the_weakest_link(schema: Schema):
    text = "李华在《山河》中饰演王明"
    objects = {ROLE: [span(text, "王明", 0.8)], WORK: [span(text, "山河", 0.5)]}
    (triple,) = assemble_triples(text, [(span(text, "李华", 0.5), objects)], schema, DEFAULT_SIGNATURES)
    words = {name: text[start:end] for name, (start, end) in triple.spans.items()}
    assert words == {"subject": "李华", "@value": "王明", "inWork": "山河"}
    assert triple.score == 0.25


def test_equal_words_at_several_places_are_one_fact_at_the_surest(schema: Schema):
    text = "《山河》导演王明。《山河》导演王明"
    found = [
        (span(text, "山河", 0.6), {DIRECTS: [span(text, "王明", 0.6)]}),
        (span(text, "山河", 0.9, nth=1), {DIRECTS: [span(text, "王明", 0.9, nth=1)]}),
    ]
    (triple,) = assemble_triples(text, found, schema, DEFAULT_SIGNATURES)
    assert triple.spans == {"subject": (10, 12), "@value": (15, 17)}


def test_one_value_at_two_places_takes_the_nearest_of_either(schema: Schema):
    text = "李华饰演王明，《星海》很远，很远很远，《山河》里的王明"
    objects = {
        ROLE: [span(text, "王明"), span(text, "王明", nth=1)],
        WORK: [span(text, "星海"), span(text, "山河")],
    }
    (triple,) = assemble_triples(text, [(span(text, "李华"), objects)], schema, DEFAULT_SIGNATURES)
    assert triple.object["inWork"] == "山河"


def test_triples_come_in_the_order_of_the_text(schema: Schema):
    text = "《星海》导演李华，主演王明；《山河》导演李华"
    found = [
        (span(text, "山河"), {DIRECTS: [span(text, "李华")]}),
        (span(text, "星海"), {DIRECTS: [span(text, "李华")], STARS: [span(text, "王明")]}),
    ]
    order = [(t.subject, t.predicate) for t in assemble_triples(text, found, schema, DEFAULT_SIGNATURES)]
    assert order == [("星海", "主演"), ("星海", "导演"), ("山河", "导演")]


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ("蓝色海岸 ", "蓝色海岸"),
        ("《蓝色海岸", "蓝色海岸"),
        ("蓝色海岸 》", "蓝色海岸"),
        ("《蓝色海岸 》", "蓝色海岸"),
        ("\u3000“《蓝色海岸 》", "蓝色海岸"),
        ("蓝色海岸 》”\n", "蓝色海岸"),
    ],
)
def test_a_name_loses_what_does_not_belong_to_it_and_its_span_moves(schema: Schema, found: str, name: str):
    text = "\u3000“《蓝色海岸 》”\n由 李华\t导演"
    (triple,) = assemble_triples(
        text, [(span(text, found), {DIRECTS: [span(text, " 李华\t")]})], schema, DEFAULT_SIGNATURES
    )
    assert (triple.subject, triple.object) == (name, {"@value": "李华"})
    assert {role: text[start:end] for role, (start, end) in triple.spans.items()} == {"subject": name, "@value": "李华"}
    assert triple.spans == {"subject": (3, 7), "@value": (13, 15)}


def test_names_that_differ_by_their_borders_are_one_fact_at_the_surest(schema: Schema):
    text = "《山河》导演 王明"
    found = [
        (span(text, "《山河", 0.9), {DIRECTS: [span(text, " 王明", 0.9), span(text, "王明", 0.8)]}),
        (span(text, "山河", 0.6), {DIRECTS: [span(text, "王明", 0.6)]}),
    ]
    (triple,) = assemble_triples(text, found, schema, DEFAULT_SIGNATURES)
    assert (triple.subject, triple.object, round(triple.score, 2)) == ("山河", {"@value": "王明"}, 0.81)


def test_a_name_of_which_nothing_is_left_is_dropped(schema: Schema):
    text = "《 》李华在《山河》中饰演王明"
    objects = {ROLE: [span(text, "王明"), span(text, "《 》")], WORK: [span(text, "》李", 0.9), span(text, " ")]}
    blank = (span(text, "《 》"), {DIRECTS: [span(text, "李华")]})
    (triple,) = assemble_triples(text, [blank, (span(text, "李华"), objects)], schema, DEFAULT_SIGNATURES)
    assert (triple.subject, triple.object) == ("李华", {"@value": "王明", "inWork": "李"})


def test_a_pair_of_marks_inside_a_name_stays(schema: Schema):
    text = "《忆》和《梦》的导演是李华"
    (triple,) = assemble_triples(
        text, [(span(text, "《忆》和《梦》"), {DIRECTS: [span(text, "李华")]})], schema, DEFAULT_SIGNATURES
    )
    assert (triple.subject, triple.spans["subject"]) == ("《忆》和《梦》", (0, 7))
