"""The picture of the confusion matrix shows the most confused intents by name, and all others as one."""

import xml.etree.ElementTree as ET
from collections import Counter

from ckgqa_train_jointbert.evaluation.confusion import MAX_INTENTS, OTHERS, confusion_picture, shown_intents

SVG = "{http://www.w3.org/2000/svg}"


def test_the_most_confused_intents_have_rows_of_their_own():
    confusion = Counter({("a", "a"): 9, ("b", "a"): 1, **{(f"x{n:02}", f"x{n:02}"): 5 for n in range(MAX_INTENTS)}})
    names = shown_intents(confusion)
    assert len(names) == MAX_INTENTS + 1
    assert {"a", "b"} <= set(names)
    assert names[-1] == OTHERS
    picture = ET.fromstring(confusion_picture(confusion))
    titles = {title.text for title in picture.iter(f"{SVG}title")}
    assert {"b read as a: 1 of 1", "(others) read as (others): 10 of 10"} <= titles
    assert "1 of 160 questions have another intent" in (picture.get("aria-label") or "")
