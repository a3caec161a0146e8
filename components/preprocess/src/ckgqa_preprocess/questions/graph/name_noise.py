"""Noisy names: similar names of a graph, and the mistakes that people make when they type one."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random

from ckgqa.runtime.edits import is_one_edit
from ckgqa_preprocess.questions.graph.facts import FactGraph, NamedEntity

COMMON_HOMOPHONES = 12  # the most frequent characters of a syllable, which an input method offers first
MIN_CHARS = {"homophone": 3, "missing": 4, "swapped": 4, "doubled": 3}
DIGITS = dict(zip("123456789", "一二三四五六七八九", strict=True))
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MARKS = re.compile(r"[·•・.．：:，,！!？?、\-—－ ]")


class NameNoise:
    """The names of a graph, indexed by spelling and sound.

    Args:
        graph: the graph whose entities are indexed.
    """

    def __init__(self, graph: FactGraph) -> None:
        self._entities = graph.entities
        self._alias_of: dict[str, set[str]] = defaultdict(set)
        self._by_end: dict[tuple[int, str], list[str]] = defaultdict(list)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        heard: dict[str, Counter[str]] = defaultdict(Counter)
        for entity in graph.entities.values():
            for alias in entity.aliases:
                self._alias_of[alias].add(entity.name)
            for end in (entity.name[:1], "-" + entity.name[-1:]):
                self._by_end[len(entity.name), end].append(entity.name)
            self._by_sound[entity.pinyin].append(entity.name)
            for letter, syllable in _syllables(entity):
                heard[syllable][letter] += 1
        self._homophones = {
            syllable: [letter for letter, _ in sorted(letters.items(), key=lambda item: (-item[1], item[0]))]
            for syllable, letters in heard.items()
        }
        self._sounds = _most_common_sounds(heard)

    def similar_names(self, surface: str) -> set[str]:
        """Return the names that equal, sound like, or are one edit away from a surface form, or have it as an alias."""
        names = {surface} & self._entities.keys()
        names |= self._alias_of.get(surface, set())
        for length in (len(surface) - 1, len(surface), len(surface) + 1):
            for end in (surface[:1], "-" + surface[-1:]):
                names |= {name for name in self._by_end.get((length, end), []) if is_one_edit(surface, name)}
        sound = " ".join(self._sounds.get(letter, letter) for letter in surface)
        return names | set(self._by_sound.get(sound, []))

    def misspell(self, entity: NamedEntity, rng: Random) -> str | None:
        """Misspell a name in one of the ways that people do.

        Returns:
            A surface form that is no name and similar to no other name; None if the drawn mistake leads to none.
        """
        mistakes = list(self._mistakes(entity))
        if not mistakes:
            return None
        surface = rng.choice(mistakes)(rng)
        return surface if surface != entity.name and self.similar_names(surface) <= {entity.name} else None

    def unique_alias(self, entity: NamedEntity, rng: Random) -> str | None:
        """Return an alias that no other entity has, None if there is none."""
        name = entity.name
        aliases = [alias for alias in entity.aliases if alias != name and self._alias_of[alias] == {name}]
        return rng.choice(aliases) if aliases else None

    def _mistakes(self, entity: NamedEntity) -> Iterator[Callable[[Random], str]]:
        """Yield the mistakes that this name allows."""
        text = entity.name
        if len(text) >= MIN_CHARS["homophone"] and any(self._homophones_of(*pair) for pair in _syllables(entity)):
            yield partial(self._with_homophone, entity)
            yield partial(self._with_homophone, entity)  # twice: a homophone of the input method is most common
        for mistake, change in (("missing", _without_one), ("swapped", _swapped), ("doubled", _doubled)):
            if len(text) >= MIN_CHARS[mistake] and _CHINESE.search(text):
                yield partial(change, text)
        if _MARKS.search(text[1:-1]):
            yield lambda _: _MARKS.sub("", text)
        if text.lower() != text and len(text) > 2:
            yield lambda _: text.lower()
        if text[-1] in DIGITS and _CHINESE.search(text):
            yield lambda _: text[:-1] + DIGITS[text[-1]]

    def _with_homophone(self, entity: NamedEntity, rng: Random) -> str:
        """Replace a character by one that sounds the same."""
        name, syllables = entity.name, enumerate(_syllables(entity))
        choices = [(index, letters) for index, pair in syllables if (letters := self._homophones_of(*pair))]
        index, letters = rng.choice(choices)
        return name[:index] + rng.choice(letters) + name[index + 1 :]

    def _homophones_of(self, letter: str, syllable: str) -> list[str]:
        return [other for other in self._homophones[syllable][:COMMON_HOMOPHONES] if other != letter]


def _syllables(entity: NamedEntity) -> list[tuple[str, str]]:
    """Return the (character, syllable) pairs of a name in Chinese characters alone; none of another."""
    syllables = entity.pinyin.split()
    if len(syllables) != len(entity.name) or not all(_CHINESE.match(letter) for letter in entity.name):
        return []
    return list(zip(entity.name, syllables, strict=True))


def _most_common_sounds(heard: dict[str, Counter[str]]) -> dict[str, str]:
    """Return character -> its most frequent syllable."""
    best: dict[str, tuple[int, str]] = {}
    for syllable, letters in sorted(heard.items()):
        for letter, count in letters.items():
            best[letter] = max(best.get(letter, (0, "")), (count, syllable))
    return {letter: syllable for letter, (_, syllable) in best.items()}


def _without_one(text: str, rng: Random) -> str:
    index = rng.randrange(1, len(text))
    return text[:index] + text[index + 1 :]


def _swapped(text: str, rng: Random) -> str:
    index = rng.randrange(1, len(text) - 1)
    return text[:index] + text[index + 1] + text[index] + text[index + 2 :]


def _doubled(text: str, rng: Random) -> str:
    index = rng.randrange(len(text))
    return text[:index] + text[index] + text[index:]


def recombine(names: Sequence[str], rng: Random) -> str:
    """Invent a name from the halves of two others."""
    first, second = rng.choice(names), rng.choice(names)
    return first[: (len(first) + 1) // 2] + second[(len(second) + 1) // 2 :]
