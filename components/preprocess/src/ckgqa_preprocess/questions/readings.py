"""What a wording may ask: the same words can be wordings of several predicates."""

import re

from ckgqa.runtime.intents import Step
from ckgqa_preprocess.questions.book import Book


class Readings:
    """Finds all that some words may ask, whatever split their wordings are in.

    Args:
        book: all wordings.
    """

    def __init__(self, book: Book) -> None:
        self._asks = [
            (step, roles, re.compile("|".join(one.pattern.expression for one in phrasings)))
            for (kind, step, roles), phrasings in book.asks.items()
            if kind == "list"
        ]
        self._known: dict[str, list[tuple[Step, frozenset[str]]]] = {}

    def of(self, wording: str) -> list[tuple[Step, frozenset[str]]]:
        """Return the steps that a bare wording asks, each with the roles that it gives."""
        if wording not in self._known:
            found = [(step, roles) for step, roles, expression in self._asks if expression.fullmatch(wording)]
            self._known[wording] = found
        return self._known[wording]
