"""One record: what is kept as it is, what is repaired, and what makes it bad."""

import json

import pytest
from ckgqa_preprocess.duie.records import TRIMMED, Repairs, clean_record
from ckgqa_preprocess.findings import BadRecord
from ckgqa_preprocess.schema import read_schema

SIGNATURES = [
    ("导演", "影视作品", {"@value": "人物"}),
    ("饰演", "娱乐人物", {"@value": "人物", "inWork": "影视作品"}),
    ("成立", "企业", "Date"),
    ("成立", "机构", "Date"),
]
FIELDS = ("predicate", "subject_type", "object_type")
SCHEMA = read_schema([json.dumps(dict(zip(FIELDS, line, strict=True))).encode() for line in SIGNATURES], "schema.json")
TEXT = "李雷在Big Film里饰演小明，导演是韩·梅梅"
ROLE = {
    "subject": "李雷",
    "subject_type": "娱乐人物",
    "predicate": "饰演",
    "object": {"@value": "小明", "inWork": "Big Film"},
    "object_type": {"@value": "人物", "inWork": "影视作品"},
}
DIRECTOR = {
    "subject": "Big Film",
    "subject_type": "影视作品",
    "predicate": "导演",
    "object": {"@value": "韩·梅梅"},
    "object_type": {"@value": "人物"},
}


def clean(record: object) -> tuple[dict[str, object], list[str]]:
    """Return the sentence and what was repaired."""
    repairs: Repairs = []
    line = record if isinstance(record, bytes) else json.dumps(record, ensure_ascii=False).encode()
    return dict(clean_record(line, "train:7", SCHEMA, repairs)), [kind for kind, _ in repairs]


def cleaned_triple(raw: dict[str, object], text: str = TEXT) -> tuple[dict[str, object], list[str]]:
    sentence, repairs = clean({"text": text, "spo_list": [raw]})
    triples = sentence["triples"]
    assert isinstance(triples, list)
    return triples[0], repairs


def badness(record: object) -> tuple[str, str]:
    with pytest.raises(BadRecord) as caught:
        clean(record)
    return caught.value.reason, caught.value.detail


def test_a_good_record_is_kept_to_the_letter() -> None:
    sentence, repairs = clean({"text": TEXT, "spo_list": [ROLE, DIRECTOR], "postag": []})
    assert sentence == {"id": "train:7", "text": TEXT, "triples": [ROLE, DIRECTOR]}
    assert repairs == []


def test_a_sentence_without_triples_is_good() -> None:
    assert clean({"text": "天气很好", "spo_list": []}) == ({"id": "train:7", "text": "天气很好", "triples": []}, [])


def test_the_plain_objects_of_duie_1_become_the_slot_value() -> None:
    assert cleaned_triple({**DIRECTOR, "object": "韩·梅梅", "object_type": "人物"}) == (DIRECTOR, [])


def test_white_space_around_names_goes() -> None:
    raw = {**ROLE, "subject": " 李雷\t", "object": {"@value": "小明　", "inWork": "Big Film"}}
    assert cleaned_triple(raw) == (ROLE, ["white space around names taken off"] * 2)


@pytest.mark.parametrize("space", [" ", "\u3000", "\xa0", "\u200b", "\ufeff", "\n"])
def test_white_space_around_names_predicates_types_and_slots_goes(space: str) -> None:
    raw = {
        "subject": f"{space}李雷",
        "subject_type": f"娱乐人物{space}",
        "predicate": f"{space}饰演{space}",
        "object": {f"@value{space}": f"小明{space}", f"{space}inWork": "Big Film"},
        "object_type": {"@value": "人物", "inWork": "影视作品"},
    }
    assert cleaned_triple(raw) == (ROLE, [TRIMMED] * 6)


def test_a_blank_slot_is_left_out_and_a_slot_that_is_there_twice_is_bad() -> None:
    blank = {**ROLE, "object": {"@value": "小明", "inWork": "\u3000"}}
    assert cleaned_triple(blank)[0]["object"] == {"@value": "小明"}
    twice = {**ROLE, "object": {"@value": "小明", "inWork": "Big Film", "inWork ": "小明"}}
    assert badness({"text": TEXT, "spo_list": [twice]})[0] == "malformed triple"


@pytest.mark.parametrize("text", ["\u3000", "\xa0\u200b", "\ufeff"])
def test_a_text_of_white_space_is_none(text: str) -> None:
    assert badness({"text": text, "spo_list": []})[0] == "no text"


@pytest.mark.parametrize("name", ["big film", "BIG FILM", "Ｂｉｇ Film", "Big\u3000Film", "Big\xa0Film"])
def test_a_name_in_another_case_or_width_is_spelled_as_in_the_text(name) -> None:
    assert cleaned_triple({**DIRECTOR, "subject": name}) == (DIRECTOR, ["names spelled as in the text"])


@pytest.mark.parametrize("dot", ["•", "・", ".", "．", "‧"])
def test_the_dot_inside_a_foreign_name_is_that_of_the_text(dot) -> None:
    raw = {**DIRECTOR, "object": {"@value": f"韩{dot}梅梅"}}
    assert cleaned_triple(raw) == (DIRECTOR, ["names spelled as in the text"])


def test_a_character_that_folds_to_several_does_not_shift_the_name() -> None:
    # ㈱ and ﬁ have compatibility forms of more than one character, and stand before the name.
    triple, _ = cleaned_triple({**DIRECTOR, "subject": "big film"}, "㈱ﬁİ，Big Film，导演是韩·梅梅")
    assert triple["subject"] == "Big Film"


def test_control_characters_become_spaces_in_text_and_names() -> None:
    record = {"text": "片名\x7fBig\tFilm，导演是韩·梅梅", "spo_list": [{**DIRECTOR, "subject": "\x7fBig\tFilm"}]}
    sentence, repairs = clean(record)
    assert sentence["text"] == "片名 Big Film，导演是韩·梅梅"
    assert sentence["triples"] == [DIRECTOR]
    assert repairs[0] == "control characters in the text became spaces"


def test_a_triple_that_stands_twice_is_kept_once() -> None:
    sentence, repairs = clean({"text": TEXT, "spo_list": [ROLE, DIRECTOR, ROLE]})
    assert sentence["triples"] == [ROLE, DIRECTOR]
    assert repairs == ["duplicate triples left out"]


def test_the_same_fact_with_other_slots_is_no_duplicate() -> None:
    short = {**ROLE, "object": {"@value": "小明"}, "object_type": {"@value": "人物"}}
    assert clean({"text": TEXT, "spo_list": [ROLE, short]})[0]["triples"] == [ROLE, short]


def test_an_empty_slot_is_left_out() -> None:
    raw = {**ROLE, "object": {"@value": "小明", "inWork": ""}, "object_type": {"@value": "人物"}}
    triple, repairs = cleaned_triple(raw)
    assert triple == raw | {"object": {"@value": "小明"}}
    assert repairs == ["empty slots left out"]


def test_types_follow_the_schema_where_it_leaves_no_choice() -> None:
    raw = {**DIRECTOR, "subject_type": "书", "object_type": {"@value": "城市"}}
    assert cleaned_triple(raw) == (DIRECTOR, ["types taken from the schema"] * 2)


def test_the_subjects_type_chooses_among_several_signatures() -> None:
    raw = {"subject": "李雷", "subject_type": "机构", "predicate": "成立", "object": "小明", "object_type": "Date"}
    assert cleaned_triple(raw)[0]["subject_type"] == "机构"
    reason, detail = badness({"text": TEXT, "spo_list": [{**raw, "subject_type": "学校"}]})
    assert (reason, detail) == ("unknown subject type", "'成立' of '学校'; the schema has it of 企业, 机构")


def with_triple(**changes: object) -> dict[str, object]:
    return {"text": TEXT, "spo_list": [{**ROLE, **changes}]}


@pytest.mark.parametrize(
    ("record", "reason", "detail"),
    [
        (b"{", "not JSON", "not JSON ("),
        (b'{"text": "\\ud800"}', "not JSON", "not JSON ("),
        ('{"text": "李雷"}'.encode("gbk"), "not UTF-8", "not UTF-8 ("),
        ([], "not an object", "a JSON object is expected, not list"),
        ({"spo_list": []}, "no text", "text is None; a sentence is expected"),
        ({"text": " \t", "spo_list": []}, "no text", "text is ' \\t'"),
        ({"text": 5, "spo_list": []}, "no text", "text is 5"),
        ({"text": TEXT}, "no spo_list", "spo_list is None; a list of triples is expected, empty if need be"),
        ({"text": TEXT, "spo_list": {}}, "no spo_list", "spo_list is {}"),
        ({"text": TEXT, "spo_list": ["x"]}, "malformed triple", "a triple is 'x'; a JSON object is expected"),
        (with_triple(predicate="唱"), "unknown predicate", "predicate '唱' is not in the schema"),
        (with_triple(predicate=None), "unknown predicate", "predicate None"),
        (with_triple(predicate=["饰演"]), "unknown predicate", "predicate ['饰演']"),
        (with_triple(subject="王五"), "subject not in the text", "subject '王五' is not in the text"),
        (with_triple(subject=7), "malformed triple", "subject is 7; a string is expected"),
        (with_triple(subject=" "), "empty name", "subject is ' '; words of the text are expected"),
        (with_triple(object={"@value": "王五"}), "value not in the text", "@value '王五' is not in the text"),
        (with_triple(object={"@value": "小明", "inWork": "X"}), "value not in the text", "inWork 'X'"),
        (with_triple(object={"@value": ""}), "empty name", "@value is ''"),
        (with_triple(object={"inWork": "Big Film"}), "malformed triple", "'@value' is expected"),
        (with_triple(object=None), "malformed triple", "the object of '饰演' is None"),
        (with_triple(object={"@value": "小明", "onDate": "x"}), "unknown slot", "'饰演' has no slot 'onDate'"),
    ],
)
def test_a_record_beyond_repair_is_bad_with_its_reason(record, reason, detail) -> None:
    found = badness(record)
    assert found[0] == reason
    assert detail in found[1]


def test_one_triple_beyond_repair_makes_the_whole_record_bad() -> None:
    assert badness({"text": TEXT, "spo_list": [ROLE, {**DIRECTOR, "subject": "别的"}]})[0] == "subject not in the text"
