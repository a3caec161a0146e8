import csv
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from localaws.transform.errors import DataError
from localaws.transform.processing import DataProcessing, read_data_processing

JSONLINES = "application/jsonlines"


def request(media_type: str = "text/csv", split: str = "Line", assemble: str = "Line", **wanted: str) -> dict[str, Any]:
    return {
        "TransformInput": {"ContentType": media_type, "SplitType": split},
        "TransformOutput": {"Accept": media_type, "AssembleWith": assemble},
        "DataProcessing": wanted,
    }


def processing(*words: str, **wanted: str) -> DataProcessing:
    found = read_data_processing(request(*words, **wanted))
    assert found is not None
    return found


def test_a_request_may_ask_for_nothing():
    assert read_data_processing({"TransformInput": {}, "TransformOutput": {}}) is None
    assert read_data_processing(request("image/png", InputFilter="$", OutputFilter="$", JoinSource="None")) is None


def test_an_id_is_left_out_and_joined_to_the_answer():
    used = processing(InputFilter="$[1:]", JoinSource="Input", OutputFilter="$[0,-1]")
    assert used.prepare(b"id1,0.5,0.6") == b"0.5,0.6"
    assert used.finish([b"id1,0.5,0.6", b"id2,1,2"], b"yes\nno\n") == b"id1,yes\nid2,no"


def test_a_row_is_followed_by_what_the_model_made_of_it():
    used = processing(JoinSource="Input")
    assert used.finish([b'a,"b, c"'], b"1,2\n") == b'a,"b, c",1,2'


def test_an_object_gets_a_member():
    used = processing(JSONLINES, JoinSource="Input")
    assert used.finish([b'{"id": 1}', b"[1, 2]"], b'{"p": 0.5}\n0.25\n').decode().splitlines() == [
        '{"id":1,"SageMakerOutput":{"p":0.5}}',
        '{"SageMakerInput":[1,2],"SageMakerOutput":0.25}',
    ]


def test_an_answer_to_one_record_may_have_several_lines():
    used = processing("application/json", "None", "None", JoinSource="Input", OutputFilter="$['id','SageMakerOutput']")
    joined = used.finish([b'{"id": 1,\n"x": 2}'], b'{\n "p": "\xc3\xa9"\n}')
    assert joined.decode() == '{"id":1,"SageMakerOutput":{"p":"é"}}'


def test_a_filter_of_the_answer_needs_no_join():
    used = processing(JSONLINES, InputFilter="$.features", OutputFilter="$.p")
    assert used.prepare(b'{"features": [1, 2]}') == b"[1,2]"
    assert used.finish([b"{}"], b'{"p": "x", "q": 1}') == b'"x"'


@pytest.mark.parametrize(
    ("records", "answer"),
    [([b'{"id": 1}'] * 2, b"1\n"), ([b'{"id": 1}'], b"not json"), ([b"not json"], b"1"), ([b"{}"], b"\xff")],
)
def test_what_does_not_fit_is_an_error(records, answer):
    with pytest.raises(DataError):
        processing(JSONLINES, JoinSource="Input").finish(records, answer)


def test_a_record_that_is_no_csv_is_an_error():
    with pytest.raises(DataError):
        processing(InputFilter="$[1:]").prepare(b'a,"b" c,"')


@pytest.mark.parametrize(
    "wrong",
    [
        request("image/png", JoinSource="Input"),
        request("text/csv", split="None", JoinSource="Input"),
        request("text/csv", assemble="None", InputFilter="$[1:]"),
        request(JSONLINES, split="TFRecord", JoinSource="Input"),
        request(JSONLINES, InputFilter="features"),
        {**request("text/csv", JoinSource="Input"), "TransformOutput": {"Accept": JSONLINES, "AssembleWith": "Line"}},
        {**request("text/csv", JoinSource="Input"), "TransformOutput": {}},
    ],
)
def test_what_is_impossible_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        read_data_processing(wrong)


CELLS = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=10)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5))
def test_an_echo_joined_to_rows_doubles_their_cells(rows):
    used = processing(JoinSource="Input")
    lines = [used.format.write(list(row)).encode() for row in rows]
    joined = used.finish(lines, b"\n".join(lines)).decode()
    assert [next(csv.reader([line])) for line in joined.split("\n")] == [[*row, *row] for row in rows]


VALUES = st.integers() | st.lists(CELLS, max_size=3)


@given(st.lists(st.dictionaries(CELLS, VALUES, max_size=3), min_size=1, max_size=5))
def test_an_echo_joined_to_objects_has_both(records):
    used = processing(JSONLINES, JoinSource="Input")
    lines = [json.dumps(record).encode() for record in records]
    joined = used.finish(lines, b"\n".join(lines)).decode()
    assert [json.loads(line) for line in joined.split("\n")] == [
        {**record, "SageMakerOutput": record} for record in records
    ]
