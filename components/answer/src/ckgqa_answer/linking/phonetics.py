"""Pronunciation of names: pinyin without tones, in which sounds that are often confused are equal (zh and z, n and l).

pypinyin reads large dictionaries when it is imported, so it is imported when a name is first compared by its
pronunciation: most questions spell the name exactly.
"""

import re
from functools import lru_cache

from ckgqa_answer.linking.normalize import is_chinese

# Sounds that many speakers, and so many input methods, do not distinguish.
_CONFUSED = (
    (re.compile(r"^([zcs])h"), r"\1"),
    (re.compile(r"([aei]n)g$"), r"\1"),
    (re.compile(r"^l(?=[aeiouv])"), "n"),
    (re.compile(r"^hu(?=[aeio])"), "f"),
)
CACHE_SIZE = 20_000
"""Cached characters: more than the names of a graph use."""


@lru_cache(maxsize=CACHE_SIZE)
def syllables(character: str) -> frozenset[str]:
    """Return every reading of a Chinese character, without tone; other characters have none."""
    if not is_chinese(character):
        return frozenset()
    from pypinyin import Style, pinyin  # noqa: PLC0415 -- see above

    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


@lru_cache(maxsize=CACHE_SIZE)
def fuzzy_syllables(character: str) -> frozenset[str]:
    """Return the readings of a character, with equal spelling for confused sounds."""
    return frozenset(map(fuzzy_syllable, syllables(character)))


@lru_cache(maxsize=CACHE_SIZE)
def fuzzy_syllable(syllable: str) -> str:
    """Replace confused sounds by one spelling: `zhang` and `zang` become `zan`."""
    for pattern, replacement in _CONFUSED:
        syllable = pattern.sub(replacement, syllable)
    return syllable


def fuzzy_pinyin(pinyin: str) -> str:
    """Replace confused sounds in the pinyin of a name (syllables separated by spaces, as in `names.jsonl`)."""
    return " ".join(map(fuzzy_syllable, pinyin.split()))


def fuzzy_pinyin_of(name: str) -> str:
    """Return the fuzzy pinyin of a name, comparable with that of the names in the index."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 -- see above

    return fuzzy_pinyin(" ".join(lazy_pinyin(name)).lower())
