"""The questions folder: records as written, and every line that is none named by its number."""

import json
from pathlib import Path

import pytest
from ckgqa_train_jointbert.data.labels import Labels
from ckgqa_train_jointbert.data.questions import LabelledSlot, check_questions, read_split

from ckgqa.runtime.errors import InputError

GOOD = {
    "id": "generated:17", "text": "《战狼2》是谁导演的？", "intent": "list:导演/@value",
    "mentions": [{"role": "subject", "start": 1, "end": 4, "name": "战狼2"}], "shape": "object_asked",
    "wording": "导演/@value#4",
}  # fmt: skip
MENTION = {"role": "subject", "start": 1, "end": 4, "name": "战狼2"}


def write(folder: Path, *records: dict[str, object]) -> None:
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (folder / "train.jsonl").write_text(lines, encoding="utf-8")


def test_a_record_is_read_with_its_names_in_the_order_of_the_text(tmp_path: Path, labels: Labels):
    later = {"role": "inWork", "start": 5, "end": 7, "name": "是谁"}
    write(tmp_path, GOOD | {"mentions": [later, MENTION], "follows": "generated:16"})
    (question,) = read_split(tmp_path, "train", labels)
    assert question.intent.label == "list:导演/@value"
    assert question.slots == (LabelledSlot(1, 4, "subject"), LabelledSlot(5, 7, "inWork"))
    assert (question.id, question.shape) == ("generated:17", "object_asked")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"text": ""}, "not a record of ckgqa/questions"),
        ({"text": None}, "not a record of ckgqa/questions"),
        ({"intent": "list:编剧/@value"}, "编剧/@value"),
        ({"intent": "ask_director"}, "'ask_director' is no kind of question"),
        ({"mentions": [MENTION | {"end": 40}]}, "leaves the text of 11 characters"),
        ({"mentions": [MENTION | {"start": 4}]}, "leaves the text"),
        ({"mentions": [MENTION, MENTION | {"start": 3, "end": 6}]}, "overlaps another one"),
        ({"mentions": [MENTION | {"role": "film"}]}, "'film' is none of the roles @value, inWork, subject"),
        ({"mentions": [{}]}, "not a record"),
        ({"mentions": None}, "not a record"),
    ],
)
def test_a_line_that_is_no_record_is_named(tmp_path: Path, labels: Labels, changed: dict[str, object], message: str):
    write(tmp_path, GOOD, GOOD | changed)
    with pytest.raises(InputError, match=rf"train\.jsonl line 2: .*{message}"):
        read_split(tmp_path, "train", labels)


@pytest.mark.parametrize("missing", ["id", "text", "intent", "mentions", "shape"])
def test_a_missing_field_is_named(tmp_path: Path, labels: Labels, missing: str):
    write(tmp_path, {name: value for name, value in GOOD.items() if name != missing})
    with pytest.raises(InputError, match=f"line 1: .*'{missing}'"):
        read_split(tmp_path, "train", labels)


def test_another_format_or_version_is_refused(tmp_path: Path):
    for change in ({"version": 2}, {"format": "ckgqa/sentences"}):
        (tmp_path / "manifest.json").write_text(json.dumps({"format": "ckgqa/questions", "version": 1} | change))
        with pytest.raises(InputError, match="expected a folder written as ckgqa/questions version 1"):
            check_questions(tmp_path)
