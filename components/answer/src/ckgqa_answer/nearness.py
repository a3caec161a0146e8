"""How near a mention is to a name: an edit distance that knows how Chinese is mistyped.

Damerau-Levenshtein in its restricted form (two neighbours may change places once), with costs: a character of the same
sound is a slip of the input method and costs little, another character costs a whole edit, and another number or
numeral is another name.
"""

import re

from ckgqa_answer.sounds import blurred_syllables, syllables

SAME_SOUND, LIKE_SOUND, SWAPPED, DOUBLED, MISSING, OTHER = 0.2, 0.35, 0.4, 0.3, 0.8, 1.0
LEAST_CHARACTERS = 2
_DIGITS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
# The numbers of a name: what is written in digits, what follows 第, and what ends the name or is counted by a word.
# 一 elsewhere is a word like others: 一起来看流星雨.
_NUMBER = r"[〇零一二三四五六七八九十百千两0-9]+"
_NUMBERS = re.compile(
    rf"[0-9]+|(?<=第){_NUMBER}|{_NUMBER}(?=[季部届集期年月日号岁级版上中下]|$)|[上中下前后](?=$|[集部篇])"
)


def nearness(mention: str, name: str, least: float) -> float:
    """Give how near two names are: 1 for the same, 0 where they are further apart than `least`.

    Args:
        mention: what the question says, folded but for its digits.
        name: a name of the graph, folded so too.
        least: the nearness below which nobody asks.

    Source: restricted edit distance after Damerau 1964, weighted; divided by the longer length.
    """
    longer = max(len(mention), len(name))
    if min(len(mention), len(name)) < LEAST_CHARACTERS or _numbers(mention) != _numbers(name):
        return 0.0
    allowed = (1.0 - least) * longer + 1e-9
    if abs(len(mention) - len(name)) * DOUBLED > allowed:
        return 0.0
    cost = _distance(mention, name, allowed)
    return max(0.0, 1.0 - cost / longer) if cost <= allowed else 0.0


def _numbers(name: str) -> list[str]:
    """Give the numbers that tell a name from others, in digits."""
    return ["".join(_DIGITS.get(c, c) for c in found) for found in _NUMBERS.findall(name)]


def _distance(one: str, other: str, allowed: float) -> float:
    """Give the least cost of edits that make one text the other; more than `allowed` where it is more."""
    before: list[float] = []
    row = [0.0]
    for column in range(1, len(other) + 1):
        row.append(row[-1] + _gap(other, column - 1))
    for line in range(1, len(one) + 1):
        last, before, row = before, row, [row[0] + _gap(one, line - 1)]
        for column in range(1, len(other) + 1):
            cost = min(
                before[column] + _gap(one, line - 1),
                row[column - 1] + _gap(other, column - 1),
                before[column - 1] + _change(one[line - 1], other[column - 1]),
            )
            crossed = min(line, column) > 1 and one[line - 2 : line] == other[column - 2 : column][::-1]
            row.append(min(cost, last[column - 2] + SWAPPED) if crossed else cost)
        # Two rows, since a swap goes back by two.
        if min(*row, *before) > allowed:
            return allowed + 1.0
    return row[-1]


def _gap(text: str, place: int) -> float:
    """Say what it costs that a character stands in one text alone; typed twice, it costs less."""
    return DOUBLED if place and text[place] == text[place - 1] else MISSING


def _change(one: str, other: str) -> float:
    if one == other or _DIGITS.get(one, one) == _DIGITS.get(other, other):
        return 0.0
    if syllables(one) & syllables(other):
        return SAME_SOUND
    return LIKE_SOUND if blurred_syllables(one) & blurred_syllables(other) else OTHER
