"""A question that the answerer takes is never too long for the model behind it, nor for the page in front of it."""

import re
from dataclasses import fields

import pytest
from ckgqa_answer.api.static_files import FOLDER
from ckgqa_answer.settings import AnswerSettings
from ckgqa_train_jointbert.serving.app import InvocationLimits, check_size
from ckgqa_train_jointbert.settings import ServeSettings, TrainSettings

from ckgqa.serving.bodies import RequestRejected

LONGEST = AnswerSettings().max_question_chars


def test_a_model_that_was_trained_by_default_takes_the_longest_question_that_is_passed_on():
    (window,) = (field.default for field in fields(TrainSettings) if field.name == "window")
    assert isinstance(window, int)
    limits = InvocationLimits.from_settings(ServeSettings("model"), window)
    check_size(["问" * LONGEST], limits)
    with pytest.raises(RequestRejected, match=f"at most {window} are read"):
        check_size(["问" * (window + 1)], limits)


def test_the_page_sends_as_long_a_question_as_is_answered():
    composer = (FOLDER / "js" / "composer.js").read_text(encoding="utf-8")
    assert re.findall(r"const MOST = (\d+);", composer) == [str(LONGEST)]
    assert f"0/{LONGEST}</span>" in (FOLDER / "index.html").read_text(encoding="utf-8")
