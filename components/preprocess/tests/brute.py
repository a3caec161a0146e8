"""What a wording can become, drawn out by brute force."""

from itertools import product

from ckgqa_preprocess.questions.patterns import Pattern
from ckgqa_preprocess.questions.texts import HOLE


def drawn(pattern: Pattern) -> set[str]:
    """Return all that a wording can become, by brute force."""
    combinations = product(*pattern.choices)
    return {
        "".join(piece if isinstance(piece, str) else HOLE for option in one for piece in option) for one in combinations
    }
