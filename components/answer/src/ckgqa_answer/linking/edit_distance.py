"""Similarity of a mention and a name: a weighted edit distance for typing errors in Chinese.

Damerau-Levenshtein in its restricted form (two neighbours may be transposed once), with costs: a homophone is a slip of
the input method and costs little, another character costs a whole edit, and a different number or numeral makes a
different name.
"""

import re

from ckgqa_answer.linking.phonetics import fuzzy_syllables, syllables

HOMOPHONE, SIMILAR_SOUND, TRANSPOSED, DOUBLED, MISSING, SUBSTITUTED = 0.2, 0.35, 0.4, 0.3, 0.8, 1.0
"""Costs of the edits."""
MIN_CHARS = 2
_DIGITS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
# The numbers of a name: digits, what follows 第, and what ends the name or stands before a measure word.
# 一 elsewhere is an ordinary character: 一起来看流星雨.
_NUMBER = r"[〇零一二三四五六七八九十百千两0-9]+"
_NUMBERS = re.compile(
    rf"[0-9]+|(?<=第){_NUMBER}|{_NUMBER}(?=[季部届集期年月日号岁级版上中下]|$)|[上中下前后](?=$|[集部篇])"
)


def name_similarity(mention: str, name: str, minimum: float) -> float:
    """Return the similarity of a mention and a name: 1 if they are equal, 0 if it is below `minimum`.

    Args:
        mention: the text in the question, normalized except for its Chinese digits.
        name: a name of the graph, normalized in the same way.
        minimum: similarities below it are not computed.

    Source: restricted edit distance after Damerau 1964, weighted; divided by the longer length.
    """
    longer = max(len(mention), len(name))
    if min(len(mention), len(name)) < MIN_CHARS or _numbers(mention) != _numbers(name):
        return 0.0
    max_cost = (1.0 - minimum) * longer + 1e-9
    if abs(len(mention) - len(name)) * DOUBLED > max_cost:
        return 0.0
    cost = _distance(mention, name, max_cost)
    return max(0.0, 1.0 - cost / longer) if cost <= max_cost else 0.0


def is_extended(mention: str, name: str) -> bool:
    """Return whether a mention is a similar name with other characters at an end, which make it another name.

    A doubled character is a slip: 流浪地球球 is 流浪地球, but 新天龙八部 is not 天龙八部.
    """
    if len(mention) <= len(name):
        return False
    similarity = name_similarity(mention, name, 0.0)
    longest_cut = len(mention) - len(name)
    shorter = [mention[cut:] for cut in range(1, longest_cut + 1) if mention[0] != mention[1]]
    shorter += [mention[:-cut] for cut in range(1, longest_cut + 1) if mention[-1] != mention[-2]]
    return any(name_similarity(rest, name, 0.0) > similarity for rest in shorter)


def _numbers(name: str) -> list[str]:
    """Return the numbers that distinguish a name from others, in Arabic digits."""
    return ["".join(_DIGITS.get(c, c) for c in number) for number in _NUMBERS.findall(name)]


def _distance(left: str, right: str, max_cost: float) -> float:
    """Return the least cost of edits from one text to the other, or any cost above `max_cost` if it is above that."""
    previous: list[float] = []
    row = [0.0]
    for column in range(1, len(right) + 1):
        row.append(row[-1] + _gap_cost(right, column - 1))
    for line in range(1, len(left) + 1):
        before_previous, previous, row = previous, row, [row[0] + _gap_cost(left, line - 1)]
        for column in range(1, len(right) + 1):
            cost = min(
                previous[column] + _gap_cost(left, line - 1),
                row[column - 1] + _gap_cost(right, column - 1),
                previous[column - 1] + _substitution_cost(left[line - 1], right[column - 1]),
            )
            transposed = min(line, column) > 1 and left[line - 2 : line] == right[column - 2 : column][::-1]
            row.append(min(cost, before_previous[column - 2] + TRANSPOSED) if transposed else cost)
        # Two rows, since a transposition goes back by two.
        if min(*row, *previous) > max_cost:
            return max_cost + 1.0
    return row[-1]


def _gap_cost(text: str, position: int) -> float:
    """Return the cost of a character that one text alone has; a doubled character costs less."""
    return DOUBLED if position and text[position] == text[position - 1] else MISSING


def _substitution_cost(left: str, right: str) -> float:
    if left == right or _DIGITS.get(left, left) == _DIGITS.get(right, right):
        return 0.0
    if syllables(left) & syllables(right):
        return HOMOPHONE
    return SIMILAR_SOUND if fuzzy_syllables(left) & fuzzy_syllables(right) else SUBSTITUTED
