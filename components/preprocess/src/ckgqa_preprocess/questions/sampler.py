"""Samples the questions of a split: shapes by quota, generators by weight, and no question twice."""

import heapq
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from ckgqa.runtime.artefacts import Split
from ckgqa.runtime.progress import Progress
from ckgqa_preprocess.questions.generators.generator import QuestionDraft, QuestionGenerator
from ckgqa_preprocess.questions.generators.split_view import SplitView
from ckgqa_preprocess.questions.seeded_rng import seeded_rng
from ckgqa_preprocess.questions.templates.annotated_text import AnnotatedText

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 40  # without a new question, after which a generator counts as exhausted
LARGEST_FIRST_ROUND = 0.5  # of a shape's questions, that a first round of all generators may take
TRAINING_SHARES = {
    "object_asked": 0.27, "subject_asked": 0.2, "slot": 0.1, "count": 0.06, "yes_no": 0.09,
    "two_hops": 0.11, "follow_up": 0.05, "near_name": 0.05, "unanswerable": 0.02, "outside": 0.05,
}  # fmt: skip
# Validation and test have enough of every shape: 7 % of the 1,600 questions of the test are 112.
EVALUATION_SHARES = {
    "object_asked": 0.18, "subject_asked": 0.15, "slot": 0.1, "count": 0.09, "yes_no": 0.09,
    "two_hops": 0.1, "follow_up": 0.08, "near_name": 0.07, "unanswerable": 0.07, "outside": 0.07,
}  # fmt: skip


@dataclass(frozen=True)
class SampledQuestion:
    """A question in its final words."""

    text: AnnotatedText
    draft: QuestionDraft
    wording_key: str


Dialogue = tuple[SampledQuestion, ...]
"""One question, or a question and its follow-up."""


@dataclass
class SeenQuestions:
    """The questions that other splits and sources contain."""

    texts: set[str] = field(default_factory=set)
    wording_keys: dict[Split, set[str]] = field(
        default_factory=lambda: {"train": set(), "validation": set(), "test": set()}
    )
    duplicates: Counter[str] = field(default_factory=Counter)
    """Split -> drafts that were dropped because their words occurred before."""

    def is_reserved_elsewhere(self, wording_key: str, split: Split) -> bool:
        """Return whether a wording belongs to another split."""
        return any(wording_key in keys for other, keys in self.wording_keys.items() if other != split)


class QuestionSampler:
    """Samples the questions of one split.

    Args:
        view: the split's facts, entities and templates.
        seen: the questions of the other splits; receives the sampled ones.
        seed: random seed of all sampling.
    """

    def __init__(self, view: SplitView, seen: SeenQuestions, seed: int) -> None:
        self._view = view
        self._seen = seen
        self._seed = seed
        self._texts: set[str] = set()

    def sample(self, generators: Mapping[str, Sequence[QuestionGenerator]], size: int) -> list[Dialogue]:
        """Sample `size` questions, fewer if there are not so many; a follow-up includes its first question.

        Args:
            generators: shape -> its generators.
            size: how many questions.
        """
        split = self._view.split
        shares = TRAINING_SHARES if split == "train" else EVALUATION_SHARES
        wanted = quotas({shape: share for shape, share in shares.items() if generators[shape]}, size)
        dialogues: list[Dialogue] = []
        with Progress(size, "questions", split) as progress:
            # Follow-ups come first, since their first questions count towards the other shapes.
            for shape in sorted(wanted, key=lambda shape: shape != "follow_up"):
                for dialogue in self._sample_shape(generators[shape], wanted[shape], progress):
                    dialogues.append(dialogue)
                    for question in dialogue[:-1]:
                        wanted[question.draft.shape] -= 1
        self._seen.texts |= self._texts
        self._seen.wording_keys[split] |= {question.wording_key for dialogue in dialogues for question in dialogue}
        seeded_rng(self._seed, split, "order").shuffle(dialogues)
        return dialogues

    def _sample_shape(
        self, generators: Sequence[QuestionGenerator], wanted: int, progress: Progress
    ) -> Iterable[Dialogue]:
        """Let the generators take turns in proportion to their weights, until there is enough or nothing new."""
        purpose = self._seed, self._view.split
        rngs = {generator.label: seeded_rng(*purpose, generator.shape, generator.label) for generator in generators}
        first = seeded_rng(*purpose, "turns")
        # If there are more generators than questions, sample generators by weight.
        all_fit = len(generators) <= wanted * LARGEST_FIRST_ROUND
        turns = [
            (0.0 if all_fit else first.random() / generator.weight, number)
            for number, generator in enumerate(generators)
        ]
        heapq.heapify(turns)
        while turns and wanted > 0:
            due, number = heapq.heappop(turns)
            generator = generators[number]
            dialogue = self._attempt(generator, rngs[generator.label])
            if dialogue is None:
                continue
            heapq.heappush(turns, (due + 1 / generator.weight, number))
            wanted -= 1
            progress.advance(len(dialogue))
            yield dialogue

    def _attempt(self, generator: QuestionGenerator, rng: Random) -> Dialogue | None:
        """Generate a new dialogue, None if that fails too often."""
        for _ in range(MAX_ATTEMPTS):
            draft = generator.generate(rng)
            dialogue = None if draft is None else self._dialogue(draft, rng)
            if dialogue is not None:
                return dialogue
        return None

    def _dialogue(self, draft: QuestionDraft, rng: Random) -> Dialogue | None:
        """Render a draft and its antecedent; None if either repeats a question or belongs to another split."""
        before = () if draft.before is None else (draft.before,)
        dialogue = tuple(self._render(one, rng) for one in (*before, draft))
        split = self._view.split
        for question in dialogue:
            known = question.text.words in self._seen.texts
            if known or self._seen.is_reserved_elsewhere(question.wording_key, split):
                return None
        if dialogue[0].text.words in self._texts:
            self._seen.duplicates[split] += 1
            return None
        self._texts |= {question.text.words for question in dialogue}
        return dialogue

    def _render(self, draft: QuestionDraft, rng: Random) -> SampledQuestion:
        realizer = self._view.realizer
        text = realizer.decorate(draft.text, rng, is_open=draft.is_open, polite=draft.polite)
        return SampledQuestion(text, draft, realizer.wording_key(draft.text))


def quotas(shares: Mapping[str, float], size: int) -> dict[str, int]:
    """Divide a number of questions among shapes; the first shapes receive the remainder of the rounding.

    Args:
        shares: shape -> its share, relative to the others.
        size: how many questions.
    """
    total = sum(shares.values())
    counts = {shape: int(share / total * size) for shape, share in shares.items()}
    for shape in list(shares)[: size - sum(counts.values())]:
        counts[shape] += 1
    return counts
