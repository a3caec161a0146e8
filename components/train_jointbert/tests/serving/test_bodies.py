"""Request bodies in every supported form, every reason for a rejection, and the form of the reply."""

import json

import pytest
from ckgqa_train_jointbert.serving.bodies import CSV, JSON, JSON_LINES, negotiate_reply, parse_request, render_reply

from ckgqa.serving.bodies import RequestRejected

TWO = ["《战狼2》是谁导演的？", "吴京的妻子是谁，😀"]


@pytest.mark.parametrize(
    ("content_type", "body", "wanted", "reply"),
    [
        (JSON, json.dumps({"questions": TWO}), TWO, JSON),
        (JSON, json.dumps({"question": TWO[0]}, ensure_ascii=False), TWO[:1], JSON),
        ("Application/JSON; charset=UTF-8", json.dumps({"question": TWO[0]}), TWO[:1], JSON),
        (JSON_LINES, "\n".join(json.dumps({"question": q}) for q in TWO), TWO, JSON_LINES),
        (JSON_LINES, '{"question": "a"}\r\n\r\n{"question": "b"}\r\n', ["a", "b"], JSON_LINES),
        (JSON_LINES, '\ufeff{"question": "a"}\n\u3000\n\xa0{"question": "b"}\u200b\n\xa0', ["a", "b"], JSON_LINES),
        (CSV, "\r\n".join(TWO) + "\r\n", TWO, JSON),
        (CSV, '\ufeff"吴京, 谢楠?"\n"他说""谁"""\n"两\n行"', ["吴京, 谢楠?", '他说"谁"', "两\n行"], JSON),
        ('text/csv; charset="utf-8"', "谁", ["谁"], JSON),
    ],
)
def test_questions_are_read(content_type: str, body: str, wanted: list[str], reply: str):
    assert parse_request(content_type, body.encode()) == (wanted, reply)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "text/csv; charset=gbk"]
)
def test_another_content_type_is_rejected_with_the_supported_ones(content_type: str):
    with pytest.raises(
        RequestRejected, match="use one of application/json, application/jsonlines, text/csv, in UTF-8"
    ) as rejected:
        parse_request(content_type, b"x")
    assert rejected.value.status == 415


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
        (JSON, b'{"questions": ["a", 7]}', "the body: question 2 is not a text"),
        (JSON, b'{"question": null}', "the body: question 1 is not a text"),
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
def test_a_bad_body_is_rejected_with_the_reason(content_type: str, body: bytes, reason: str):
    with pytest.raises(RequestRejected) as rejected:
        parse_request(content_type, body)
    assert rejected.value.status == 400
    assert reason in rejected.value.reason


@pytest.mark.parametrize(
    ("accept", "default", "wanted"),
    [
        ("", JSON, JSON),
        ("*/*", JSON_LINES, JSON_LINES),
        ("text/html, */*;q=0.8", JSON, JSON),
        (JSON_LINES, JSON, JSON_LINES),
        ("text/csv, application/json; q=0.5", JSON_LINES, JSON),
    ],
)
def test_the_reply_has_the_accepted_form_or_the_requests_own(accept: str, default: str, wanted: str):
    assert negotiate_reply(accept, default) == wanted


def test_an_unsupported_form_of_reply_is_rejected():
    with pytest.raises(RequestRejected, match="use application/json or application/jsonlines") as rejected:
        negotiate_reply("text/csv", JSON)
    assert rejected.value.status == 406


def test_replies_are_one_object_or_one_line_each():
    records = [{"predicted_label": "a"}, {"predicted_label": "b"}]
    assert json.loads(render_reply(records, JSON)) == {"predictions": records}
    lines = render_reply(records, JSON_LINES)
    assert lines.endswith(b"\n")
    assert [json.loads(line) for line in lines.splitlines()] == records


@pytest.mark.parametrize("question", ["\u3000", "\xa0", "\u200b", "\ufeff \t"])
@pytest.mark.parametrize("content_type", [JSON, CSV])
def test_a_question_of_white_space_is_empty(content_type: str, question: str):
    body = json.dumps({"question": question}) if content_type == JSON else f"谁\n{question}"
    with pytest.raises(RequestRejected, match="question [12] is empty"):
        parse_request(content_type, body.encode())
