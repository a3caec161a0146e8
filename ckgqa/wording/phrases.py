"""Chinese phrases for facts, names and numbers: 《战狼2》的导演, 吴京导演的作品, 37 部."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple, Protocol

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Step

PERSON = "人物"
_NO_WORKS = (PERSON, "国家", "城市", "行政区")
_WORKS = ("作品", "歌曲", "专辑", "综艺")
# The first entry that is a part of a type decides; DuIE has types such as 娱乐人物, 电视综艺, 图书作品.
_MEASURE_WORDS = (
    ("歌曲", "首"), ("专辑", "张"), ("图书", "本"), ("作品", "部"), ("综艺", "档"), (PERSON, "位"), ("学校", "所"),
    ("企业", "家"), ("品牌", "家"), ("机构", "家"), ("奖项", "项"), ("专业", "个"), ("景点", "处"),
)  # fmt: skip
_DEFAULT_MEASURE_WORD = "个"
# Nouns of further slots, and how a filled slot is worded before the verb.
_SLOT_NOUNS = {"inWork": "作品", "onDate": "时间", "inArea": "地区", "period": "届次"}
_SLOT_PHRASES = {"inWork": "在{}中", "onDate": "在{}", "inArea": "在{}", "period": "第{}届"}
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_EDITION = re.compile(r"第?(.+?)届?")


class _Typed(Protocol):
    """Anything that has types, such as a vertex."""

    @property
    def types(self) -> tuple[str, ...]: ...


class Phrase(NamedTuple):
    """How one predicate is worded; an empty field means the common form."""

    value: str = ""
    subject: str = ""
    verb: str = ""


@cache
def _phrases() -> Mapping[str, Phrase]:
    text = files(__package__).joinpath("phrases.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[0]: Phrase(*row[1:]) for row in rows}


def display_name(name: str, types: Iterable[str]) -> str:
    """Format a name: that of a work in title marks, a date as it is read."""
    if date := _DATE.fullmatch(name):
        return "{}年{}月{}日".format(*map(int, date.groups()))
    return f"《{name}》" if is_work(types) and not name.startswith("《") else name


def is_work(types: Iterable[str]) -> bool:
    """Return whether an entity of these types is a work, and no person, country or city of the same name."""
    kinds = list(types)
    named = any(part in kind for kind in kinds for part in _NO_WORKS)
    return any(part in kind for kind in kinds for part in _WORKS) and not named


def measure_word(values: Sequence[_Typed]) -> str:
    """Return the measure word of these entities: 部 for films, 首 for songs, 位 for people."""
    found = Counter(_measure(kind) for value in values for kind in value.types)
    found.pop("", None)
    return min(found, key=lambda word: (-found[word], word)) if found else _DEFAULT_MEASURE_WORD


def _measure(kind: str) -> str:
    return next((word for part, word in _MEASURE_WORDS if part in kind), "")


def asked_phrase(step: Step, fillers: Mapping[str, str]) -> str:
    """Word what a step asks for by its filled roles: 《战狼2》的导演.

    Args:
        step: predicate and asked role.
        fillers: words by role; the asked role is ignored.
    """
    phrase = _phrases().get(step.predicate, Phrase())
    where = "".join(slot_phrase(role, words) for role, words in sorted(fillers.items()) if role not in {SUBJECT, VALUE})
    subject, value = fillers.get(SUBJECT, ""), fillers.get(VALUE, "")
    if step.asked == VALUE:
        own = phrase.value or ("{subject}的" + step.predicate if subject or where else step.predicate)
        return own.format(subject=subject + where)
    if step.asked == SUBJECT:
        if phrase.verb and not value:
            return f"{where}{phrase.verb}过的人"
        return where + (phrase.subject or f"{step.predicate}是{{value}}的").format(value=value)
    noun = _SLOT_NOUNS.get(step.asked, step.asked)
    others = "".join(slot_phrase(r, w) for r, w in sorted(fillers.items()) if r not in {SUBJECT, VALUE, step.asked})
    if value and not phrase.verb:
        return f"{subject}{others}{step.predicate}是{value}的{noun}"
    return f"{subject}{others}{phrase.verb if value else step.predicate}{value}的{noun}"


def slot_phrase(role: str, words: str) -> str:
    """Word a filled slot before the phrase that it belongs to: 在《战狼》中."""
    return _SLOT_PHRASES.get(role, f"（{role}：{{}}）").format(_edition(words) if role == "period" else words)


def slot_note(role: str, words: str) -> str:
    """Word a slot as a note behind a value."""
    return f"第{_edition(words)}届" if role == "period" else words


def _edition(words: str) -> str:
    found = _EDITION.fullmatch(words)
    return found[1] if found else words


def joined(words: Sequence[str], max_listed: int, total: int, measure: str) -> str:
    """List at most `max_listed` words, with their total number if some are left out."""
    shown = "、".join(words[:max_listed])
    return shown if total <= max_listed else f"{shown}等 {total:,} {measure}"
