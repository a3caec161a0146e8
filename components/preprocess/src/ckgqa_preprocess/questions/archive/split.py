"""Splits an archive's questions: at random, or so that no wording is in two splits."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from ckgqa.runtime.artefacts import SPLITS, Split
from ckgqa.runtime.errors import InputError
from ckgqa_preprocess.questions.archive.read import RawQuestion
from ckgqa_preprocess.questions.settings import QuestionSettings
from ckgqa_preprocess.questions.splits import assign
from ckgqa_preprocess.questions.templates.wording_key import WordingKey
from ckgqa_preprocess.split import hash_position


def split_raw_questions(
    questions: Sequence[RawQuestion], settings: QuestionSettings, wording_key: WordingKey
) -> dict[Split, list[RawQuestion]]:
    """Assign every question to a split; equal texts share a split.

    Raises:
        InputError: a split stays empty.
    """
    split_of: Callable[[RawQuestion], Split]
    if settings.raw_split == "wording":
        split_of = _by_wording(questions, settings.seed, wording_key)
    else:
        split_of = _at_random(settings)
    splits: dict[Split, list[RawQuestion]] = {split: [] for split in SPLITS}
    for question in questions:
        splits[split_of(question)].append(question)
    for split in SPLITS:
        if not splits[split]:
            raise InputError(
                f"{settings.raw}: none of its {len(questions)} questions falls into {split}; expected more "
                "questions, more wordings of a label, or other fractions"
            )
    return splits


def wording_labels(questions: Sequence[RawQuestion], wording_key: WordingKey) -> dict[int, str]:
    """Return line -> label such as `raw/作者/@value#3`: the archive's wordings of a step, numbered in order."""
    keys_of: dict[str, set[str]] = defaultdict(set)
    for question in questions:
        keys_of[_step(question)].add(wording_key(question.text))
    numbers = {step: {key: number for number, key in enumerate(sorted(keys), 1)} for step, keys in keys_of.items()}
    return {
        question.line: f"raw/{_step(question)}#{numbers[_step(question)][wording_key(question.text)]}"
        for question in questions
    }


def _by_wording(questions: Sequence[RawQuestion], seed: int, wording_key: WordingKey) -> Callable[[RawQuestion], Split]:
    """Assign the wordings, so that each split has some of every label if there are enough."""
    groups: dict[str, list[str]] = defaultdict(list)
    for question in questions:
        groups[question.label].append(wording_key(question.text))
    splits = assign((groups[label] for label in sorted(groups)), f"{seed}/raw")
    return lambda question: splits[wording_key(question.text)]


def _at_random(settings: QuestionSettings) -> Callable[[RawQuestion], Split]:
    test, validation = settings.raw_test_fraction, settings.raw_validation_fraction

    def split_of(question: RawQuestion) -> Split:
        position = hash_position(question.text.words, settings.seed)
        if position < test:
            return "test"
        return "validation" if position < test + validation else "train"

    return split_of


def _step(question: RawQuestion) -> str:
    return question.meaning.intent.chain[0].label
