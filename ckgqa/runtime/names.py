"""The borders of a name in a text: without blank characters, and without the marks around a title or a quotation.

In DuIE 2.0, 29,004 labelled names stand between 《 and 》 in their text, and the label leaves the marks out; 53 labels
hold both marks. Of names between “ and ” it is 748 to 4. So a pair of marks around a whole name is not a part of it,
and neither is half of a pair. A pair inside a name is a part: “小溜溜”溜了, 《忆》和《梦》.
"""

from ckgqa.runtime.white_space import BLANK, trimmed_span

PAIRS = {"《": "》", "〈": "〉", "“": "”", "‘": "’", "「": "」", "『": "』"}
"""Opening mark -> closing mark."""
STRAIGHT_QUOTE = '"'
"""Opens and closes."""
MARKS = "".join((*PAIRS, *PAIRS.values(), STRAIGHT_QUOTE))
WHOLE_PAIRS = "'＂＇"
"""Straight quotes that are a pair only around a whole name: an apostrophe is a part of Rollin'."""
LOOSE = BLANK + MARKS + WHOLE_PAIRS
"""A name that neither begins nor ends with one of these characters is tidy."""

_OPENING = {closing: opening for opening, closing in PAIRS.items()}
_APOSTROPHE = "’"


def name_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of a name without what does not belong to it.

    Args:
        text: the text that holds the name.
        start: first character.
        end: end, excluded.

    Returns:
        Start and end, excluded; equal if nothing is left.
    """
    while True:
        start, end = trimmed_span(text, start, end)
        before, after = _loose_marks(text[start:end])
        if not before and not after:
            return start, end
        start, end = start + before, end - after


def tidy_name(name: str) -> str:
    """Return a name without what does not belong to it; empty if nothing is left."""
    start, end = name_span(name, 0, len(name))
    return name[start:end]


def _loose_marks(name: str) -> tuple[int, int]:
    """Return how many marks, 0 or 1, do not belong to the name at its start and at its end."""
    if not name:
        return 0, 0
    partners = _partners(name)
    last = len(name) - 1
    if last > 1 and name[0] == name[-1] and name[0] in WHOLE_PAIRS and name.count(name[0]) == 2:
        return 1, 1
    if last > 0 and partners.get(0) == last:
        return 1, 1
    before = name[0] in MARKS and 0 not in partners
    after = last > 0 and name[-1] in MARKS and last not in partners and not _is_apostrophe(name)
    return int(before), int(after)


def _partners(name: str) -> dict[int, int]:
    """Map the position of every mark that belongs to a pair to the position of the other one."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for position, character in enumerate(name):
        wanted = STRAIGHT_QUOTE if character == STRAIGHT_QUOTE else _OPENING.get(character)
        partner = next((at for at in reversed(opened) if name[at] == wanted), None) if wanted else None
        if partner is not None:
            partners |= {position: partner, partner: position}
            del opened[opened.index(partner) :]
        elif character in PAIRS or character == STRAIGHT_QUOTE:
            opened.append(position)
    return partners


def _is_apostrophe(name: str) -> bool:
    """Return whether a name ends as in Rollin’: the mark that closes a quotation is an apostrophe there."""
    return name[-1] == _APOSTROPHE and name[-2].isascii() and name[-2].isalpha()
