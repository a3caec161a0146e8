"""What a wording can become, drawn out by brute force."""

from itertools import product

from ckgqa_preprocess.questions.templates.annotated_text import NAME_MASK
from ckgqa_preprocess.questions.templates.pattern import Pattern


def drawn(pattern: Pattern) -> set[str]:
    """Return all that a wording can become, by brute force."""
    combinations = product(*pattern.choices)
    return {
        "".join(piece if isinstance(piece, str) else NAME_MASK for option in one for piece in option)
        for one in combinations
    }
