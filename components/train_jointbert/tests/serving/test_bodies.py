"""What a request may hold: every form that is read, every reason for a refusal, and the form of the reply."""

import json

import pytest
from ckgqa_train_jointbert.bodies import CSV, JSON, JSON_LINES, parse, reply_type, write

from ckgqa.serving.bodies import Refused

TWO = ["《战狼2》是谁导演的？", "吴京的妻子是谁，😀"]


@pytest.mark.parametrize(
    ("content_type", "body", "wanted", "reply"),
    [
        (JSON, json.dumps({"questions": TWO}), TWO, JSON),
        (JSON, json.dumps({"question": TWO[0]}, ensure_ascii=False), TWO[:1], JSON),
        ("Application/JSON; charset=UTF-8", json.dumps({"question": TWO[0]}), TWO[:1], JSON),
        (JSON_LINES, "\n".join(json.dumps({"question": q}) for q in TWO), TWO, JSON_LINES),
        (JSON_LINES, '{"question": "a"}\r\n\r\n{"question": "b"}\r\n', ["a", "b"], JSON_LINES),
        (CSV, "\r\n".join(TWO) + "\r\n", TWO, JSON),
        (CSV, '\ufeff"吴京, 谢楠?"\n"他说""谁"""\n"两\n行"', ["吴京, 谢楠?", '他说"谁"', "两\n行"], JSON),
        ('text/csv; charset="utf-8"', "谁", ["谁"], JSON),
    ],
)
def test_questions_are_read(content_type: str, body: str, wanted: list[str], reply: str):
    assert parse(content_type, body.encode()) == (wanted, reply)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "text/csv; charset=gbk"]
)
def test_another_content_type_is_refused_with_those_that_are_read(content_type: str):
    with pytest.raises(
        Refused, match="use one of application/json, application/jsonlines, text/csv, in UTF-8"
    ) as refused:
        parse(content_type, b"x")
    assert refused.value.status == 415


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        (JSON, b"", "the body is not JSON"),
        (JSON, b"{", "the body is not JSON"),
        (JSON, '"谁"'.encode(), 'the body is not {"questions"'),
        (JSON, b"[]", "the body is not"),
        (JSON, b'{"instances": []}', "the body is not"),
        (JSON, b'{"question": "a", "questions": []}', "the body is not"),
        (JSON, b'{"questions": "a"}', "the body is not"),
        (JSON, b'{"questions": ["a", 7]}', "the body: question 2 is no text"),
        (JSON, b'{"question": null}', "the body: question 1 is no text"),
        (JSON, b'{"questions": []}', "there is no question in it"),
        (JSON, b'{"question": " \\n"}', "question 1 is empty"),
        (JSON, b'{"question": "\\ud83d"}', "the body is not JSON"),
        (JSON, b'{"question": "\xff"}', "the body is not JSON"),
        (JSON, b"[" * 100_000, "the body is not JSON"),
        (JSON_LINES, b'{"question": "a"}\nb', "line 2 is not JSON"),
        (JSON_LINES, b'{"question": "a"}\n{"q": "b"}', "line 2 is not"),
        (JSON_LINES, b'{"questions": ["a", "b"]}', "line 1 holds 2 questions"),
        (JSON_LINES, b"\n\n", "there is no question in it"),
        (CSV, b"", "there is no question in it"),
        (CSV, b"a\nb,c\n", 'line 2 has 2 fields; one question a line is expected, in "..."'),
        (CSV, b"a\n\nb", "line 2 is empty"),
        (CSV, b'"a', "the body is not CSV"),
        (CSV, "吴京".encode("gbk"), "the body is not UTF-8"),
        (CSV, b"a" * 200_000, "the body is not CSV"),
    ],
)
def test_a_bad_body_is_refused_with_the_reason(content_type: str, body: bytes, reason: str):
    with pytest.raises(Refused) as refused:
        parse(content_type, body)
    assert refused.value.status == 400
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    ("accept", "usual", "wanted"),
    [
        ("", JSON, JSON),
        ("*/*", JSON_LINES, JSON_LINES),
        ("text/html, */*;q=0.8", JSON, JSON),
        (JSON_LINES, JSON, JSON_LINES),
        ("text/csv, application/json; q=0.5", JSON_LINES, JSON),
    ],
)
def test_the_reply_has_the_form_that_is_asked_for_or_the_requests_own(accept: str, usual: str, wanted: str):
    assert reply_type(accept, usual) == wanted


def test_a_form_that_is_not_written_is_refused():
    with pytest.raises(Refused, match="use application/json or application/jsonlines") as refused:
        reply_type("text/csv", JSON)
    assert refused.value.status == 406


def test_replies_are_one_object_or_one_line_each():
    records = [{"predicted_label": "a"}, {"predicted_label": "b"}]
    assert json.loads(write(records, JSON)) == {"predictions": records}
    lines = write(records, JSON_LINES)
    assert lines.endswith(b"\n")
    assert [json.loads(line) for line in lines.splitlines()] == records
