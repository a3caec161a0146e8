"""What facts, names and numbers are called in Chinese: 《战狼2》的导演, 吴京导演的作品, 37 部."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Step
from ckgqa_answer.facts import Vertex

PERSON = "人物"
_WORKS = ("作品", "歌曲", "专辑", "综艺")
# The first part of a type that is found decides; DuIE types 娱乐人物, 电视综艺, 图书作品 and the like.
_MEASURES = (
    ("歌曲", "首"), ("专辑", "张"), ("图书", "本"), ("作品", "部"), ("综艺", "档"), (PERSON, "位"), ("学校", "所"),
    ("企业", "家"), ("品牌", "家"), ("机构", "家"), ("奖项", "项"), ("专业", "个"), ("景点", "处"),
)  # fmt: skip
_MEASURE = "个"
# What a further slot is called, and how one that is given is put before the verb.
_SLOT_NOUNS = {"inWork": "作品", "onDate": "时间", "inArea": "地区", "period": "届次"}
_SLOT_PHRASES = {"inWork": "在{}中", "onDate": "在{}", "inArea": "在{}", "period": "第{}届"}
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_EDITION = re.compile(r"第?(.+?)届?")


class Phrase(NamedTuple):
    """How one predicate is put into words; empty where the common form does."""

    value: str = ""
    subject: str = ""
    verb: str = ""


@cache
def _phrases() -> Mapping[str, Phrase]:
    text = files(__package__).joinpath("phrases.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[0]: Phrase(*row[1:]) for row in rows}


def named(name: str, types: Iterable[str]) -> str:
    """Write a name: a work's in title marks, a date as one is read."""
    if date := _DATE.fullmatch(name):
        return "{}年{}月{}日".format(*map(int, date.groups()))
    return f"《{name}》" if is_work(types) and not name.startswith("《") else name


def is_work(types: Iterable[str]) -> bool:
    """Tell whether what has these types is a work and nothing else that would bear its name without marks."""
    kinds = list(types)
    return any(part in kind for kind in kinds for part in _WORKS) and not any(PERSON in kind for kind in kinds)


def measure_of(values: Sequence[Vertex]) -> str:
    """Give the word that counts these things: 部 for films, 首 for songs, 位 for people."""
    found = Counter(_measure(kind) for value in values for kind in value.types)
    found.pop("", None)
    return min(found, key=lambda word: (-found[word], word)) if found else _MEASURE


def _measure(kind: str) -> str:
    return next((word for part, word in _MEASURES if part in kind), "")


def asked_for(step: Step, given: Mapping[str, str]) -> str:
    """Call what a step asks for by what it gives: 《战狼2》的导演.

    Args:
        step: predicate and asked role.
        given: words by role; the asked role is left out of account.
    """
    phrase = _phrases().get(step.predicate, Phrase())
    where = "".join(slot_phrase(role, words) for role, words in sorted(given.items()) if role not in {SUBJECT, VALUE})
    subject, value = given.get(SUBJECT, ""), given.get(VALUE, "")
    if step.asked == VALUE:
        own = phrase.value or ("{subject}的" + step.predicate if subject or where else step.predicate)
        return own.format(subject=subject + where)
    if step.asked == SUBJECT:
        if phrase.verb and not value:
            return f"{where}{phrase.verb}过的人"
        return where + (phrase.subject or f"{step.predicate}是{{value}}的").format(value=value)
    noun = _SLOT_NOUNS.get(step.asked, step.asked)
    others = "".join(slot_phrase(r, w) for r, w in sorted(given.items()) if r not in {SUBJECT, VALUE, step.asked})
    if value and not phrase.verb:
        return f"{subject}{others}{step.predicate}是{value}的{noun}"
    return f"{subject}{others}{phrase.verb if value else step.predicate}{value}的{noun}"


def slot_phrase(role: str, words: str) -> str:
    """Put a slot that is given before what it goes with: 在《战狼》中."""
    return _SLOT_PHRASES.get(role, f"（{role}：{{}}）").format(_edition(words) if role == "period" else words)


def slot_note(role: str, words: str) -> str:
    """Put a slot behind a value, as a note."""
    return f"第{_edition(words)}届" if role == "period" else words


def _edition(words: str) -> str:
    found = _EDITION.fullmatch(words)
    return found[1] if found else words


def joined(words: Sequence[str], most: int, total: int, measure: str) -> str:
    """List words, at most `most` of them, and how many there are where some are left out."""
    shown = "、".join(words[:most])
    return shown if total <= most else f"{shown}等 {total:,} {measure}"
