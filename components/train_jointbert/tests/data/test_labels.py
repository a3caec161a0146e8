"""Labels: ids in the order of the lists, and a file that is refused where it is no such thing."""

import json
from pathlib import Path

import pytest
from ckgqa_train_jointbert.data.labels import Labels, read_labels, write_labels

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent


def test_ids_are_places_and_no_step_is_the_first_class(labels: Labels):
    assert labels.step_classes[0] == ""
    assert labels.intent_ids(Intent.parse("list:导演/@value>妻子/@value")) == (0, 4, 3)
    assert labels.intent_ids(Intent.parse("outside")) == (3, 0, 0)
    assert labels.tags == ("O", "B-@value", "I-@value", "B-inWork", "I-inWork", "B-subject", "I-subject")


def test_an_unknown_step_has_no_id(labels: Labels):
    with pytest.raises(KeyError):
        labels.intent_ids(Intent.parse("list:编剧/@value"))


def test_what_is_written_is_read_back(tmp_path: Path, labels: Labels):
    write_labels(tmp_path, labels)
    assert read_labels(tmp_path) == labels


def test_what_another_set_lacks_is_listed(labels: Labels):
    other = Labels(("list",), ("导演/@value",), ("subject",))
    assert other.missing_from(labels) == []
    assert labels.missing_from(other)[:4] == ["count", "yes_no", "outside", "主演/@value"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kinds": ["list", "why"]}, r"labels\.json: expected some steps and some of the kinds .* found \['why'\]"),
        ({"steps": []}, r"labels\.json: expected some steps"),
        ({"steps": ["导演"]}, r"'导演' is no step"),
        ({"roles": "subject"}, r"labels\.json: roles is 'subject'; a list of names is expected"),
        ({"roles": ["a", "a"]}, r"labels\.json: roles holds a name twice"),
        ({"roles": None}, r"labels\.json: roles is None"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, changed: dict[str, object], message: str):
    content = {"kinds": ["list"], "steps": ["导演/@value"], "roles": ["subject"]} | changed
    (tmp_path / "labels.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=message):
        read_labels(tmp_path)
