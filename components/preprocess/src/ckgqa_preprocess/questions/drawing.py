"""Draws a split's questions: every shape gets its share, every intent its turn, and nothing stands twice."""

import heapq
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from ckgqa.runtime.progress import Progress
from ckgqa_preprocess.questions.chance import chance
from ckgqa_preprocess.questions.desk import Desk, Draft
from ckgqa_preprocess.questions.makers import Maker
from ckgqa_preprocess.questions.splits import Split
from ckgqa_preprocess.questions.texts import Text

logger = logging.getLogger(__name__)

FAILURES = 40  # in a row, after which a maker is thought to have nothing new
LARGEST_FIRST_ROUND = 0.5  # of a shape's questions, that a first turn for every maker may take
TRAINING_SHARES = {
    "object_asked": 0.27, "subject_asked": 0.2, "slot": 0.1, "count": 0.06, "yes_no": 0.09,
    "two_hops": 0.11, "follow_up": 0.05, "near_name": 0.05, "unanswerable": 0.02, "outside": 0.05,
}  # fmt: skip
# To judge by, there are enough of every shape: 7 % of the 1,600 questions of the test are 112.
JUDGING_SHARES = {
    "object_asked": 0.18, "subject_asked": 0.15, "slot": 0.1, "count": 0.09, "yes_no": 0.09,
    "two_hops": 0.1, "follow_up": 0.08, "near_name": 0.07, "unanswerable": 0.07, "outside": 0.07,
}  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A question as it is asked."""

    text: Text
    draft: Draft
    key: str
    """What its wording is the same by."""


@dataclass
class Seen:
    """What stands in the splits that are drawn already."""

    texts: set[str] = field(default_factory=set)
    keys: dict[Split, set[str]] = field(default_factory=lambda: {"train": set(), "validation": set(), "test": set()})
    duplicates: Counter[str] = field(default_factory=Counter)
    """Split -> drafts left out, since the same words were there."""

    def closes(self, key: str, split: Split) -> bool:
        """Say whether a wording is another split's."""
        return any(key in keys for other, keys in self.keys.items() if other != split)


Talk = tuple[Question, ...]
"""One question, or two of a conversation."""


class Drawer:
    """Draws the questions of one split.

    Args:
        desk: the split's facts, names and wordings.
        seen: what the other splits hold; gets what is drawn.
        seed: of all drawing.
    """

    def __init__(self, desk: Desk, seen: Seen, seed: int) -> None:
        self._desk = desk
        self._seen = seen
        self._seed = seed
        self._here: set[str] = set()

    def draw(self, makers: Mapping[str, Sequence[Maker]], size: int) -> list[Talk]:
        """Draw `size` questions, fewer where there are not so many; follow-ups bring the questions before them.

        Args:
            makers: shape -> its makers.
            size: how many questions.
        """
        shares = TRAINING_SHARES if self._desk.split == "train" else JUDGING_SHARES
        wanted = quotas({shape: share for shape, share in shares.items() if makers[shape]}, size)
        talks: list[Talk] = []
        with Progress(size, "questions", self._desk.split) as progress:
            for shape in sorted(wanted, key=lambda one: one != "follow_up"):  # first, for what they bring along
                for talk in self._draw_shape(makers[shape], wanted[shape], progress):
                    talks.append(talk)
                    for question in talk[:-1]:
                        wanted[question.draft.shape] -= 1
        self._seen.texts |= self._here
        self._seen.keys[self._desk.split] |= {question.key for talk in talks for question in talk}
        chance(self._seed, self._desk.split, "order").shuffle(talks)
        return talks

    def _draw_shape(self, makers: Sequence[Maker], wanted: int, progress: Progress) -> Iterable[Talk]:
        """Let the makers take turns, each as often as its weight says, until enough is drawn or nothing is new."""
        place = self._seed, self._desk.split
        sources = {maker.label: chance(*place, maker.shape, maker.label) for maker in makers}
        first = chance(*place, "turns")
        all_come = len(makers) <= wanted * LARGEST_FIRST_ROUND  # where many share few questions, weights decide who
        turns = [(0.0 if all_come else first.random() / one.weight, number) for number, one in enumerate(makers)]
        heapq.heapify(turns)
        while turns and wanted > 0:
            due, number = heapq.heappop(turns)
            maker = makers[number]
            talk = self._try(maker, sources[maker.label])
            if talk is None:
                continue
            heapq.heappush(turns, (due + 1 / maker.weight, number))
            wanted -= 1
            progress.advance(len(talk))
            yield talk

    def _try(self, maker: Maker, random: Random) -> Talk | None:
        """Make one that is new, None when that failed too often."""
        for _ in range(FAILURES):
            draft = maker.make(random)
            talk = None if draft is None else self._talk(draft, random)
            if talk is not None:
                return talk
        return None

    def _talk(self, draft: Draft, random: Random) -> Talk | None:
        """Dress a draft and the one before it; None where one stands there already or is another split's."""
        before = () if draft.before is None else (draft.before,)
        talk = tuple(self._dressed(one, random) for one in (*before, draft))
        for question in talk:
            if question.text.words in self._seen.texts or self._seen.closes(question.key, self._desk.split):
                return None
        if talk[0].text.words in self._here:
            self._seen.duplicates[self._desk.split] += 1
            return None
        self._here |= {question.text.words for question in talk}
        return talk

    def _dressed(self, draft: Draft, random: Random) -> Question:
        writer = self._desk.writer
        text = writer.dress(draft.text, random, is_open=draft.is_open, around=draft.around)
        return Question(text, draft, writer.keys(draft.text))


def quotas(shares: Mapping[str, float], size: int) -> dict[str, int]:
    """Divide a number of questions among shapes; the first ones get what rounding leaves.

    Args:
        shares: shape -> its share, next to the others.
        size: how many questions.
    """
    total = sum(shares.values())
    found = {shape: int(share / total * size) for shape, share in shares.items()}
    for shape in list(shares)[: size - sum(found.values())]:
        found[shape] += 1
    return found
