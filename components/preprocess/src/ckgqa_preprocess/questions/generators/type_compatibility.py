"""Compatibility of types: whether a question may ask about an answer of one type as one of another type."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations

from ckgqa_preprocess.questions.graph.facts import FactGraph
from ckgqa_preprocess.questions.templates.loader import Templates

# Types are compatible if at least MIN_NAMES entities, and MIN_SHARE of the smaller type, carry both.
MIN_NAMES = 3
MIN_SHARE = 0.05


class TypeCompatibility:
    """Decides which types are compatible, from the groups of the templates and the entities that carry both types.

    Args:
        graph: entities with their types.
        templates: groups of types that share a section.
    """

    def __init__(self, graph: FactGraph, templates: Templates) -> None:
        self._templates = templates
        entities = graph.entities.values()
        sizes = Counter(kind for entity in entities for kind in entity.types)
        both = Counter(pair for entity in entities for pair in combinations(sorted(entity.types), 2))
        self._pairs = {
            pair
            for pair, count in both.items()
            if count >= max(MIN_NAMES, MIN_SHARE * min(sizes[kind] for kind in pair))
        }

    def compatible(self, first: Iterable[str], second: Iterable[str]) -> bool:
        """Return whether any type of the first is equal to or compatible with any type of the second."""
        group = self._templates.group
        return any(
            one == other or group(one) == group(other) or tuple(sorted((one, other))) in self._pairs
            for one in first
            for other in second
        )
