"""Names that look or sound alike, and the ways in which people get a name wrong."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random

from ckgqa_preprocess.questions.graph import Graph, Name

COMMON_HOMOPHONES = 12  # of a syllable, the characters that an input method offers first
MIN_CHARS = {"homophone": 3, "missing": 4, "swapped": 4, "doubled": 3}
DIGITS = dict(zip("123456789", "一二三四五六七八九", strict=True))
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MARKS = re.compile(r"[·•・.．：:，,！!？?、\-—－ ]")


class Neighbours:
    """All names of a graph, by what they look and sound like.

    Args:
        graph: the names.
    """

    def __init__(self, graph: Graph) -> None:
        self._names = graph.names
        self._alias_of: dict[str, set[str]] = defaultdict(set)
        self._by_end: dict[tuple[int, str], list[str]] = defaultdict(list)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        heard: dict[str, Counter[str]] = defaultdict(Counter)
        for name in graph.names.values():
            for alias in name.aliases:
                self._alias_of[alias].add(name.name)
            for end in (name.name[:1], "-" + name.name[-1:]):
                self._by_end[len(name.name), end].append(name.name)
            self._by_sound[name.pinyin].append(name.name)
            for letter, syllable in _syllables(name):
                heard[syllable][letter] += 1
        self._homophones = {
            syllable: [letter for letter, _ in sorted(found.items(), key=lambda one: (-one[1], one[0]))]
            for syllable, found in heard.items()
        }
        self._sounds = _most_common_sounds(heard)

    def near(self, surface: str) -> set[str]:
        """Return the names that are, sound like, or are one edit away from some words."""
        found = {surface} & self._names.keys()
        found |= self._alias_of.get(surface, set())
        for length in (len(surface) - 1, len(surface), len(surface) + 1):
            for end in (surface[:1], "-" + surface[-1:]):
                found |= {name for name in self._by_end.get((length, end), []) if is_one_edit(surface, name)}
        sound = " ".join(self._sounds.get(letter, letter) for letter in surface)
        return found | set(self._by_sound.get(sound, []))

    def misspelled(self, name: Name, random: Random) -> str | None:
        """Get a name wrong in one of the ways that people do.

        Returns:
            Words that are no name, and near no other name; None where the draw gave none.
        """
        ways = list(self._ways(name))
        if not ways:
            return None
        surface = random.choice(ways)(random)
        return surface if surface != name.name and self.near(surface) <= {name.name} else None

    def alias(self, name: Name, random: Random) -> str | None:
        """Return another name that stands for nothing else, None where there is none."""
        aliases = [one for one in name.aliases if one != name.name and self._alias_of[one] == {name.name}]
        return random.choice(aliases) if aliases else None

    def _ways(self, name: Name) -> Iterator[Callable[[Random], str]]:
        """Yield the ways to get this name wrong."""
        text = name.name
        if len(text) >= MIN_CHARS["homophone"] and any(self._homophones_of(one) for one in _syllables(name)):
            yield partial(self._sounding_alike, name)
            yield partial(self._sounding_alike, name)  # the most common way: a homophone of the input method
        for way, change in (("missing", _without_one), ("swapped", _swapped), ("doubled", _doubled)):
            if len(text) >= MIN_CHARS[way] and _CHINESE.search(text):
                yield partial(change, text)
        if _MARKS.search(text[1:-1]):
            yield lambda _: _MARKS.sub("", text)
        if text.lower() != text and len(text) > 2:
            yield lambda _: text.lower()
        if text[-1] in DIGITS and _CHINESE.search(text):
            yield lambda _: text[:-1] + DIGITS[text[-1]]

    def _sounding_alike(self, name: Name, random: Random) -> str:
        """Replace a character by one that sounds the same."""
        places = [(place, found) for place, one in enumerate(_syllables(name)) if (found := self._homophones_of(one))]
        place, found = random.choice(places)
        return name.name[:place] + random.choice(found) + name.name[place + 1 :]

    def _homophones_of(self, one: tuple[str, str]) -> list[str]:
        letter, syllable = one
        return [other for other in self._homophones[syllable][:COMMON_HOMOPHONES] if other != letter]


def is_one_edit(first: str, second: str) -> bool:
    """Say whether one character more, less or other, or two swapped, turn one text into the other; or nothing."""
    if len(first) > len(second):
        first, second = second, first
    same = 0
    while same < len(first) and first[same] == second[same]:
        same += 1
    if len(first) < len(second):
        return len(second) - len(first) == 1 and first[same:] == second[same + 1 :]
    swapped = first[same : same + 2] == second[same : same + 2][::-1] and first[same + 2 :] == second[same + 2 :]
    return swapped or first[same + 1 :] == second[same + 1 :]


def _syllables(name: Name) -> list[tuple[str, str]]:
    """Return (character, syllable) of a name that is wholly Chinese; none of another."""
    syllables = name.pinyin.split()
    if len(syllables) != len(name.name) or not all(_CHINESE.match(letter) for letter in name.name):
        return []
    return list(zip(name.name, syllables, strict=True))


def _most_common_sounds(heard: dict[str, Counter[str]]) -> dict[str, str]:
    """Return character -> the syllable that it is read as most often."""
    best: dict[str, tuple[int, str]] = {}
    for syllable, letters in sorted(heard.items()):
        for letter, count in letters.items():
            best[letter] = max(best.get(letter, (0, "")), (count, syllable))
    return {letter: syllable for letter, (_, syllable) in best.items()}


def _without_one(text: str, random: Random) -> str:
    place = random.randrange(1, len(text))
    return text[:place] + text[place + 1 :]


def _swapped(text: str, random: Random) -> str:
    place = random.randrange(1, len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _doubled(text: str, random: Random) -> str:
    place = random.randrange(len(text))
    return text[:place] + text[place] + text[place:]


def recombined(names: Sequence[str], random: Random) -> str:
    """Invent a name of the halves of two others."""
    first, second = random.choice(names), random.choice(names)
    return first[: (len(first) + 1) // 2] + second[(len(second) + 1) // 2 :]
