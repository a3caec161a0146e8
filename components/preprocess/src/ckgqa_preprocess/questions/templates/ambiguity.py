"""Ambiguous wordings: the same words may ask about several predicates."""

import re

from ckgqa.runtime.intents import Step
from ckgqa_preprocess.questions.templates.catalogue import TemplateCatalogue


class AmbiguityIndex:
    """Finds everything that a wording may ask, whatever split its templates are in.

    Args:
        catalogue: all templates.
    """

    def __init__(self, catalogue: TemplateCatalogue) -> None:
        self._expressions = [
            (step, roles, re.compile("|".join(phrasing.pattern.expression for phrasing in phrasings)))
            for (kind, step, roles), phrasings in catalogue.questions.items()
            if kind == "list"
        ]
        self._cache: dict[str, list[tuple[Step, frozenset[str]]]] = {}

    def meanings(self, wording: str) -> list[tuple[Step, frozenset[str]]]:
        """Return the steps that a wording, normalized by `normalize_wording`, may ask, each with the roles it names."""
        if wording not in self._cache:
            self._cache[wording] = [
                (step, roles) for step, roles, expression in self._expressions if expression.fullmatch(wording)
            ]
        return self._cache[wording]
