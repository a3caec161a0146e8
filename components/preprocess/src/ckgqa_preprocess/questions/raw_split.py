"""Splits an archive's questions: at random, or so that no wording is on two sides."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence

from ckgqa.runtime.errors import InputError
from ckgqa_preprocess.questions.raw import RawQuestion
from ckgqa_preprocess.questions.settings import QuestionSettings
from ckgqa_preprocess.questions.splits import SPLITS, Split, assign
from ckgqa_preprocess.questions.texts import Text

HASH_BYTES = 8
Key = Callable[[Text], str]
"""Gives the key of a wording."""


def split_raw(questions: Sequence[RawQuestion], settings: QuestionSettings, key: Key) -> dict[Split, list[RawQuestion]]:
    """Put every question on its side; equal texts are on one side.

    Raises:
        InputError: a side stays empty.
    """
    if settings.raw_split == "wording":
        wordings = _by_wording(questions, settings.seed, key)
        side_of: Callable[[RawQuestion], Split] = lambda question: wordings[key(question.text)]  # noqa: E731
    else:
        side_of = lambda question: _at_random(question.text.words, settings)  # noqa: E731
    sides: dict[Split, list[RawQuestion]] = {split: [] for split in SPLITS}
    for question in questions:
        sides[side_of(question)].append(question)
    for split in SPLITS:
        if not sides[split]:
            raise InputError(
                f"{settings.raw}: none of its {len(questions)} questions falls into {split}; more questions, more "
                "wordings of a label, or other fractions are expected"
            )
    return sides


def wording_labels(questions: Sequence[RawQuestion], key: Key) -> dict[int, str]:
    """Return line -> `raw/作者/@value#3`: the archive's wordings of a step, numbered in their order."""
    found: dict[str, set[str]] = defaultdict(set)
    for question in questions:
        found[_step(question)].add(key(question.text))
    numbers = {step: {one: number for number, one in enumerate(sorted(keys), 1)} for step, keys in found.items()}
    return {
        question.line: f"raw/{_step(question)}#{numbers[_step(question)][key(question.text)]}" for question in questions
    }


def _by_wording(questions: Sequence[RawQuestion], seed: int, key: Key) -> dict[str, Split]:
    """Deal out the wordings, so that every label has some on each side where it has enough."""
    groups: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        groups[question.label].append(key(question.text))
    return assign((groups[label] for label in sorted(groups)), f"{seed}/raw")


def _at_random(text: str, settings: QuestionSettings) -> Split:
    digest = hashlib.blake2b(text.encode(), digest_size=HASH_BYTES, key=str(settings.seed).encode()).digest()
    place = int.from_bytes(digest) / 2 ** (8 * HASH_BYTES)
    if place < settings.raw_test_fraction:
        return "test"
    return "validation" if place < settings.raw_test_fraction + settings.raw_validation_fraction else "train"


def _step(question: RawQuestion) -> str:
    return question.meaning.intent.chain[0].label
