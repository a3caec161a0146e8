"""What a question asks for has one label, which reads back."""

import pytest

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent, Step

DIRECTOR, WIFE = Step("导演", "@value"), Step("妻子", "@value")


@pytest.mark.parametrize(
    ("intent", "label", "parts"),
    [
        (Intent("list", (DIRECTOR,)), "list:导演/@value", ("list", "导演/@value", "")),
        (Intent("count", (Step("导演", "subject"),)), "count:导演/subject", ("count", "导演/subject", "")),
        (Intent("list", (DIRECTOR, WIFE)), "list:导演/@value>妻子/@value", ("list", "导演/@value", "妻子/@value")),
        (
            Intent("yes_no", (Step("国家/地区", "@value"),)),
            "yes_no:国家/地区/@value",
            ("yes_no", "国家/地区/@value", ""),
        ),
        (Intent("outside"), "outside", ("outside", "", "")),
    ],
)
def test_label_and_parts_read_back(intent: Intent, label: str, parts: tuple[str, str, str]) -> None:
    assert (intent.label, intent.parts) == (label, parts)
    assert Intent.parse(label) == Intent.of_parts(*parts) == intent


@pytest.mark.parametrize(
    "label",
    ["", "list", "list:", "list:导演", "list:/@value", "outside:导演/@value", "why:导演/@value", "list:a/b>c/d>e/f"],
)
def test_what_no_question_asks_is_refused(label: str) -> None:
    with pytest.raises(InputError):
        Intent.parse(label)


def test_a_later_step_starts_where_the_earlier_ended() -> None:
    assert (DIRECTOR.given_role, Step("导演", "subject").given_role, Step("饰演", "inWork").given_role) == (
        "subject",
        "@value",
        "subject",
    )
