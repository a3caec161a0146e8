"""Words a question about one predicate, such as 《战狼2》的导演是谁？ or 哪些疾病的临床表现是发热？."""

import re
from collections.abc import Iterable

from ckgqa.runtime.artefacts import SUBJECT
from ckgqa.runtime.intents import Step
from ckgqa.wording.phrases import PERSON, asked_phrase, display_name

# The first row with a word that ends one of the asked types decides, so that an entity that is a person and a work
# counts as a person. A word counts at the end of a type only: 历史人物 (historical person) ends with 人物 (person), and
# 人物关系图 (graph of persons) does not.
_QUESTION_ENDS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((PERSON, "角色", "Person"), "是谁？"),
    (("Date", "日期", "时间"), "是什么时候？"),
    (("Number", "数量", "金额"), "是多少？"),
    (("国家",), "是哪个国家？"),
    (("地点", "地区", "城市", "行政区", "景点"), "是哪里？"),
)
_DEFAULT_QUESTION_END = "是什么？"
# A type may name two kinds of things, as 企业/品牌 (company or brand) does; the first one is enough in a question.
_FIRST_CHINESE_WORD = re.compile(r"[\u4e00-\u9fff]+")


def question_end(types: Iterable[str]) -> str:
    """Return the end of a question that asks for something of these types, such as 是谁？ or 是什么？."""
    kinds = tuple(types)
    ends = (end for words, end in _QUESTION_ENDS if any(kind.endswith(words) for kind in kinds))
    return next(ends, _DEFAULT_QUESTION_END)


def question_about(step: Step, given: str, given_types: Iterable[str], asked_types: Iterable[str]) -> str:
    """Word the question that asks one step about one name.

    Args:
        step: the predicate, and the role that is asked for.
        given: the name in `step.given_role`: the object's if the step asks for the subject, otherwise the subject's.
        given_types: types of that name; a work gets title marks.
        asked_types: types of what is asked for; they choose the question word.

    Returns:
        Such as 《战狼2》的导演是谁？, 吴京导演的作品有哪些？ or 谁的妻子是谢楠？.
    """
    kinds, name = tuple(asked_types), display_name(given, given_types)
    noun = asked_phrase(step, {step.given_role: name})
    if step.asked != SUBJECT:
        return noun + question_end(kinds)
    # Without a noun of its own, a subject is asked for by its type: 哪些疾病的临床表现是发热？
    return f"{_asked_owner(kinds)}的{noun.removesuffix('的')}？" if noun.endswith("的") else f"{noun}有哪些？"


def _asked_owner(types: tuple[str, ...]) -> str:
    """Return the question word for a subject of these types: 谁 for a person, 哪些疾病 for a disease."""
    if question_end(types) == question_end((PERSON,)):
        return "谁"
    words = [found[0] for kind in types if (found := _FIRST_CHINESE_WORD.match(kind))]
    return f"哪些{words[0]}" if words else "什么"
