"""The lexicon of a graph's names: which entities a question mentions, exactly or with a typing error."""

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from ckgqa_answer.linking.build_index import OWN, SEPARATOR, SHORT, grams
from ckgqa_answer.linking.edit_distance import name_similarity
from ckgqa_answer.linking.index import Index
from ckgqa_answer.linking.normalize import NormalizedText, normalize_name, normalize_spelling
from ckgqa_answer.linking.phonetics import fuzzy_pinyin_of

MAX_ENTITIES_PER_FORM = 20
"""Most entities of one form; a more ambiguous form is uninformative."""
MAX_SHARING, MAX_COMPARED = 300, 48
"""Most names that share grams with a mention, and most of them that are compared with it: those that begin and end like
it, since a typing error leaves the characters before and behind it unchanged."""
LENGTH_TOLERANCE = 2
"""Largest difference in length of a similar name, in characters."""
_BY_FORM = """
SELECT form.form, form.kind, name.name, name.types FROM json_each(?) AS asked
JOIN form ON form.form = asked.value JOIN name ON name.key = form.name
"""
_BY_GRAMS = """
SELECT name.name, name.types FROM name JOIN (
    SELECT name AS key, count(*) AS shared FROM gram
    WHERE gram IN (SELECT value FROM json_each(?)) AND length BETWEEN ? AND ?
    GROUP BY name ORDER BY shared DESC, name LIMIT ?
) AS found ON found.key = name.key
"""
_BY_SOUND = """
SELECT name.name, name.types FROM sound JOIN name ON name.key = sound.name WHERE sound.sound = ? LIMIT ?
"""
_BY_KEY = "SELECT name, types FROM name WHERE key IN (SELECT value FROM json_each(?)) ORDER BY key"
_SIGNATURE = "SELECT value FROM meta WHERE key = 'signature'"
_LAST_KEY = "SELECT coalesce(max(key), 0) FROM name"


@dataclass(frozen=True)
class Entity:
    """An entity of the graph."""

    name: str
    types: tuple[str, ...]
    form: int = OWN
    """How the form that was looked up names it: `OWN`, `ALIAS` or `SHORT`."""


@dataclass(frozen=True)
class LexiconMatch:
    """A span of a question that is a known form of a name."""

    start: int
    """Position of its first character in the original question."""
    end: int
    entities: tuple[Entity, ...]
    """The entities of this form; those whose own name it is come first."""

    @property
    def is_short(self) -> bool:
        """Whether it is only an organization's name without the word for its type, which may be a common word."""
        return all(entity.form == SHORT for entity in self.entities)


class Lexicon:
    """Looks up names.

    Args:
        index: the graph's index.
    """

    def __init__(self, index: Index) -> None:
        self._index = index

    def lookup(self, name: str) -> tuple[Entity, ...]:
        """Return the entities of this name or alias, after normalization."""
        return self._by_forms([normalize_name(name)]).get(normalize_name(name), ())

    def find_all(self, question: NormalizedText) -> list[LexiconMatch]:
        """Find every known form of at least two characters in a question, overlapping ones too."""
        text, longest = question.text, self._index.longest
        spans = {
            (start, end): text[start:end]
            for start in range(len(text))
            for end in range(start + 2, min(len(text), start + longest) + 1)
        }
        known = self._by_forms(set(spans.values()))
        return [
            LexiconMatch(*question.original_span(*span), known[form]) for span, form in spans.items() if form in known
        ]

    def fuzzy_search(self, mention: str, minimum: float) -> list[tuple[Entity, float]]:
        """Find the entities whose name may be mistyped in a mention, with their similarity, the most similar first."""
        spelling = normalize_spelling(mention)
        shared = json.dumps(sorted(grams(spelling)), ensure_ascii=False)
        lengths = (max(2, len(spelling) - LENGTH_TOLERANCE), len(spelling) + LENGTH_TOLERANCE)
        rows = self._index.rows(_BY_GRAMS, (shared, *lengths, MAX_SHARING))
        rows.sort(key=lambda row: (-_common_ends(spelling, str(row[0])), row[0]))
        compared = rows[:MAX_COMPARED] + self._index.rows(_BY_SOUND, (fuzzy_pinyin_of(spelling), MAX_COMPARED))
        names = {str(name): _types(types) for name, types in compared}
        scored = [
            (Entity(name, types), name_similarity(spelling, normalize_spelling(name), minimum))
            for name, types in names.items()
        ]
        return sorted((pair for pair in scored if pair[1] > 0), key=lambda pair: (-pair[1], pair[0].name))

    def sample(self, count: int, seed: str) -> list[Entity]:
        """Return a sample of the entities, the same for the same seed."""
        last = int(self._index.rows(_LAST_KEY)[0][0])
        keys = random.Random(seed).sample(range(1, last + 1), min(count, last))  # noqa: S311 -- no secret
        return [Entity(str(name), _types(types)) for name, types in self._index.rows(_BY_KEY, (json.dumps(keys),))]

    @property
    def version(self) -> str:
        """A text that changes when the graph's names do."""
        return str(self._index.rows(_SIGNATURE)[0][0])

    @property
    def reload_failures(self) -> int:
        """Number of failed attempts to reload changed names."""
        return self._index.reload_failures

    @property
    def is_stale(self) -> bool:
        """Whether the names have changed and could not be reloaded, so that the old ones are used."""
        return self._index.is_stale

    def _by_forms(self, forms: Iterable[str]) -> dict[str, tuple[Entity, ...]]:
        entities: dict[str, list[Entity]] = {}
        asked = json.dumps(sorted(form for form in forms if form), ensure_ascii=False)
        for form, kind, name, types in self._index.rows(_BY_FORM, (asked,)):
            entities.setdefault(str(form), []).append(Entity(str(name), _types(types), int(kind)))
        return {
            form: tuple(sorted(same, key=lambda entity: (entity.form, entity.name))[:MAX_ENTITIES_PER_FORM])
            for form, same in entities.items()
        }


def _types(stored: str) -> tuple[str, ...]:
    return tuple(stored.split(SEPARATOR)) if stored else ()


def _common_ends(left: str, right: str) -> int:
    """Return the lengths of the common prefix and the common suffix, added."""
    return sum(
        sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False)))
        for texts in ((left, right), (left[::-1], right[::-1]))
    )
