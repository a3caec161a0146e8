"""How names sound, without tones and as they are often confused: zh and z, sh and s, ing and in, n and l.

pypinyin reads large dictionaries when it is imported, so it is imported when a name is first looked for by its sound:
most questions name what is known.
"""

import re
from functools import lru_cache

from ckgqa_answer.folding import is_chinese

# Sounds that many speakers, and so many input methods, take for the same.
_CONFUSED = (
    (re.compile(r"^([zcs])h"), r"\1"),
    (re.compile(r"([aei]n)g$"), r"\1"),
    (re.compile(r"^l(?=[aeiouv])"), "n"),
    (re.compile(r"^hu(?=[aeio])"), "f"),
)
CACHED = 20_000
"""Characters whose sounds are kept: more than a graph's names use."""


@lru_cache(maxsize=CACHED)
def syllables(character: str) -> frozenset[str]:
    """Give every way in which a Chinese character is read, without tone; what is not Chinese has none."""
    if not is_chinese(character):
        return frozenset()
    from pypinyin import Style, pinyin  # noqa: PLC0415 -- see above

    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


@lru_cache(maxsize=CACHED)
def blurred_syllables(character: str) -> frozenset[str]:
    """Give the blurred sounds of a character."""
    return frozenset(map(blur, syllables(character)))


@lru_cache(maxsize=CACHED)
def blur(syllable: str) -> str:
    """Put one sound for those that are confused: `zhang` and `zang` are `zan`."""
    for pattern, same in _CONFUSED:
        syllable = pattern.sub(same, syllable)
    return syllable


def blurred(pinyin: str) -> str:
    """Blur the pinyin of a name (syllables separated by spaces, as `names.jsonl` has it)."""
    return " ".join(map(blur, pinyin.split()))


def sound_of(name: str) -> str:
    """Give the blurred pinyin of a name, as `blurred` gives that of a name in the index."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 -- see above

    return blurred(" ".join(lazy_pinyin(name)).lower())
