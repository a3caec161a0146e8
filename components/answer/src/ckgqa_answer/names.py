"""A graph's names: which stand in a question, and which are near to what stands there."""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from ckgqa_answer.folding import Folded, fold, fold_sound
from ckgqa_answer.index import Index
from ckgqa_answer.index_build import SEPARATOR, grams
from ckgqa_answer.nearness import nearness
from ckgqa_answer.sounds import sound_of

MOST_OF_ONE_FORM = 20
"""Names that one form may stand for; more say nothing."""
MOST_SHARING, MOST_NEAR = 300, 48
"""Names that share most with a mention, and those of them that are compared with it: the ones that begin and end like
it, since a slip leaves what is before and behind it as it was."""
LENGTH_SPREAD = 2
"""How much longer or shorter a near name may be, in characters."""
_BY_FORM = """
SELECT form.form, form.alias, name.name, name.types FROM json_each(?) AS asked
JOIN form ON form.form = asked.value JOIN name ON name.key = form.name
"""
_NEAR = """
SELECT name.name, name.types FROM name JOIN (
    SELECT name AS key, count(*) AS shared FROM gram
    WHERE gram IN (SELECT value FROM json_each(?)) AND length BETWEEN ? AND ?
    GROUP BY name ORDER BY shared DESC, name LIMIT ?
) AS found ON found.key = name.key
"""
_VERSION = "SELECT value FROM meta WHERE key = 'signature'"
_LAST = "SELECT coalesce(max(key), 0) FROM name"
_AT = "SELECT name, types FROM name WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key"
_SOUNDING = """
SELECT name.name, name.types FROM sound JOIN name ON name.key = sound.name WHERE sound.sound = ? LIMIT ?
"""


@dataclass(frozen=True)
class Known:
    """A name of the graph."""

    name: str
    types: tuple[str, ...]
    alias: bool = False
    """Whether it was found by another name of it."""


@dataclass(frozen=True)
class Place:
    """A form of a known name that stands in a question."""

    start: int
    """First character in the question as it was asked."""
    end: int
    known: tuple[Known, ...]
    """What is called so; those that it is the own name of first."""


class Names:
    """Looks up names.

    Args:
        index: the graph's index.
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    def called(self, name: str) -> tuple[Known, ...]:
        """Give what is called so, spelled alike or not."""
        return self._by_forms([fold(name)]).get(fold(name), ())

    def inside(self, question: Folded) -> list[Place]:
        """Find every known form of two characters or more inside a question, however they overlap."""
        text, longest = question.text, self._index.longest
        spans = {
            (start, end): text[start:end]
            for start in range(len(text))
            for end in range(start + 2, min(len(text), start + longest) + 1)
        }
        known = self._by_forms(set(spans.values()))
        return [Place(*question.span(*span), known[form]) for span, form in spans.items() if form in known]

    def near(self, mention: str, least: float) -> list[tuple[Known, float]]:
        """Find names that are mistyped in a mention, the nearest first, with their nearness (at least `least`)."""
        folded = fold_sound(mention)
        shared = json.dumps(sorted(grams(folded)), ensure_ascii=False)
        lengths = (max(2, len(folded) - LENGTH_SPREAD), len(folded) + LENGTH_SPREAD)
        rows = self._index.rows(_NEAR, (shared, *lengths, MOST_SHARING))
        rows.sort(key=lambda row: (-_ends_alike(folded, str(row[0])), row[0]))
        alike = rows[:MOST_NEAR] + self._index.rows(_SOUNDING, (sound_of(folded), MOST_NEAR))
        names = {str(name): _types(types) for name, types in alike}
        scored = [(Known(name, types), nearness(folded, fold_sound(name), least)) for name, types in names.items()]
        return sorted((one for one in scored if one[1] > 0), key=lambda one: (-one[1], one[0].name))

    def version(self) -> str:
        """Give a text that changes when the graph's names do."""
        return str(self._index.rows(_VERSION)[0][0])

    def some(self, count: int, seed: str) -> list[Known]:
        """Give some names, the same for the same seed, spread over all of them."""
        last = int(self._index.rows(_LAST)[0][0])
        keys = random.Random(seed).sample(range(1, last + 1), min(count, last))  # noqa: S311 -- no secret
        return [Known(str(name), _types(types)) for name, types in self._index.rows(_AT, (json.dumps(keys),))]

    def _by_forms(self, forms: Iterable[str]) -> dict[str, tuple[Known, ...]]:
        found: dict[str, list[Known]] = {}
        asked = json.dumps(sorted(form for form in forms if form), ensure_ascii=False)
        for form, alias, name, types in self._index.rows(_BY_FORM, (asked,)):
            found.setdefault(str(form), []).append(Known(str(name), _types(types), bool(alias)))
        return {
            form: tuple(sorted(known, key=lambda one: (one.alias, one.name))[:MOST_OF_ONE_FORM])
            for form, known in found.items()
        }


def _types(stored: str) -> tuple[str, ...]:
    return tuple(stored.split(SEPARATOR)) if stored else ()


def _ends_alike(one: str, other: str) -> int:
    """Count the characters that two texts begin and end with alike."""
    return sum(
        sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False)))
        for texts in ((one, other), (one[::-1], other[::-1]))
    )
