"""Names of a graph that a user may have meant: the same but for case, width, marks and spaces, or nearly the same."""

import heapq
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ckgqa.runtime.edits import is_one_edit

MAX_NEAR_NAMES = 5
MIN_CONTAINED_CHARS = 2
"""Length of the shortest name that is offered because the user's words contain it: one character is in too many."""
LEFT_OUT = ("P", "Z", "C")
"""Unicode's categories of marks, spaces and control characters, which people often leave out."""


@dataclass(frozen=True)
class NamedVertex:
    """A vertex as people may call it."""

    name: str
    aliases: tuple[str, ...] = ()


def near_names(vertices: Iterable[NamedVertex], wanted: str, limit: int = MAX_NEAR_NAMES) -> list[str]:
    """Return the names that are nearest to what a user typed, the nearest first.

    Nearest are names, or aliases, that differ in case, width, marks or spaces alone; then those that contain what was
    typed, or that it contains; then those one edit away.

    Args:
        vertices: streamed, in any number.
        wanted: what the user typed.
        limit: largest number of names.
    """
    typed = _folded(wanted)
    ranked = (
        (rank, abs(len(_folded(vertex.name)) - len(typed)), vertex.name)
        for vertex in vertices
        if (rank := _rank(vertex, typed)) is not None
    )
    return [name for _, _, name in heapq.nsmallest(limit, ranked)] if typed else []


def _rank(vertex: NamedVertex, typed: str) -> int | None:
    """Return how far a vertex is from the folded words; None if it is too far."""
    name = _folded(vertex.name)
    if typed == name or any(typed == _folded(alias) for alias in vertex.aliases):
        return 0
    if typed in name or (len(name) >= MIN_CONTAINED_CHARS and name in typed):
        return 1
    long_enough = min(len(name), len(typed)) >= MIN_CONTAINED_CHARS
    return 2 if long_enough and abs(len(name) - len(typed)) <= 1 and is_one_edit(name, typed) else None


def _folded(text: str) -> str:
    """Return a text without case, width, marks and spaces; a text of nothing but marks keeps them."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isalnum():
        return folded
    kept = "".join(letter for letter in folded if not unicodedata.category(letter).startswith(LEFT_OUT))
    return kept or folded.strip()
