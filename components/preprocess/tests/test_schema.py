"""The schema: label ids that depend on nothing but the content, and what is refused."""

import json

import pytest
from ckgqa_preprocess.schema import read_schema

from ckgqa.runtime.errors import InputError


def encoded(*records: object) -> list[bytes]:
    return [json.dumps(record, ensure_ascii=False).encode() for record in records]


def signature(predicate: str, subject_type: str, object_type: object) -> dict[str, object]:
    return {"predicate": predicate, "subject_type": subject_type, "object_type": object_type}


ROLE = signature("饰演", "娱乐人物", {"inWork": "影视作品", "@value": "人物"})
DIRECTOR = signature("导演", "影视作品", {"@value": "人物"})


def refusal(lines: list[bytes]) -> str:
    with pytest.raises(InputError) as caught:
        read_schema(lines, "schema.json")
    return str(caught.value)


def test_labels_and_signatures_are_sorted_whatever_the_order_of_the_lines() -> None:
    one = read_schema(encoded(ROLE, DIRECTOR), "schema.json").to_json()
    other = read_schema(encoded(DIRECTOR, ROLE), "schema.json").to_json()
    assert one == other
    assert one["labels"] == [["导演", "@value"], ["饰演", "@value"], ["饰演", "inWork"]]
    assert [line["predicate"] for line in one["readings"]] == ["导演", "饰演"]


def test_duie_1_has_strings_for_objects_and_several_signatures_of_a_predicate() -> None:
    schema = read_schema(encoded(signature("成立日期", "企业", "Date"), signature("成立日期", "机构", "Date")), "s")
    assert schema.to_json()["labels"] == [["成立日期", "@value"]]
    assert len(schema.by_predicate["成立日期"]) == 2


def test_a_line_that_stands_twice_counts_once_and_blank_lines_do_not_count() -> None:
    assert len(read_schema([*encoded(DIRECTOR), b"", b"  ", *encoded(DIRECTOR)], "s").signatures) == 1


def test_white_space_around_names_does_not_count() -> None:
    spaced = signature("\u3000导演", "影视作品\xa0", {" @value": "人物\u200b"})
    lines = [*encoded(DIRECTOR), "\u3000".encode(), *encoded(spaced)]
    assert read_schema(lines, "s").to_json() == read_schema(encoded(DIRECTOR), "s").to_json()
    assert "has a slot twice" in refusal(encoded(signature("饰演", "人物", {"@value": "人物", "@value ": "人物"})))
    assert "predicate, subject_type or object_type is missing" in refusal(
        encoded(signature("\u3000", "人物", {"@value": "人物"}))
    )


def test_a_schema_that_contradicts_itself_is_refused() -> None:
    lines = encoded(DIRECTOR, ROLE, signature("导演", "影视作品", {"@value": "公司"}))
    assert refusal(lines) == (
        "schema.json line 3: '导演' of '影视作品' has the object {'@value': '公司'}, "
        "but {'@value': '人物'} on line 1; expected one of them"
    )


def test_an_empty_schema_is_refused() -> None:
    assert refusal([b""]) == "schema.json: it is empty; expected one JSON object a line for each predicate"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "schema.json line 1: not JSON in UTF-8"),
        ('{"predicate": "导演"}'.encode("gbk"), "schema.json line 1: not JSON in UTF-8"),
        (b"[]", "schema.json line 1: predicate, subject_type or object_type is missing"),
        (b'{"predicate": "p", "object_type": "t"}', "schema.json line 1: predicate, subject_type or object_type"),
        (b'{"predicate": "p", "subject_type": "s", "object_type": {"inWork": "t"}}', "object_type lacks '@value'"),
        (b'{"predicate": "p", "subject_type": "s", "object_type": {"@value": 1}}', "or has a type that is no string"),
    ],
)
def test_a_malformed_line_is_refused_with_its_number(line, message) -> None:
    assert message in refusal([line])
