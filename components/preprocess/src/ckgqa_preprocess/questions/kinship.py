"""Which types are kin: what a question finds under one can be asked about as the other."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations

from ckgqa_preprocess.questions.graph import Graph
from ckgqa_preprocess.questions.templates import Templates

# Two types are kin where at least so many names, and this share of the smaller type, have both.
MIN_NAMES = 3
MIN_SHARE = 0.05


class Kinship:
    """Answers whether types are kin, by what the templates say of them and by the names that have both.

    Args:
        graph: names with their types.
        templates: types that are talked of alike.
    """

    def __init__(self, graph: Graph, templates: Templates) -> None:
        self._templates = templates
        sizes = Counter(kind for name in graph.names.values() for kind in name.types)
        both = Counter(pair for name in graph.names.values() for pair in combinations(sorted(name.types), 2))
        self._pairs = {
            pair for pair, count in both.items()
            if count >= max(MIN_NAMES, MIN_SHARE * min(sizes[kind] for kind in pair))
        }  # fmt: skip

    def are_kin(self, first: Iterable[str], second: Iterable[str]) -> bool:
        """Say whether any type of one is any of the other, or kin to it."""
        group = self._templates.group
        return any(
            one == other or group(one) == group(other) or tuple(sorted((one, other))) in self._pairs
            for one in first
            for other in second
        )
