"""Questions that no predicate of the schema covers, with and without a name."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from random import Random

from ckgqa.runtime.intents import Intent
from ckgqa_preprocess.questions.book import Phrasing
from ckgqa_preprocess.questions.desk import Desk, Draft
from ckgqa_preprocess.questions.keys import bare
from ckgqa_preprocess.questions.makers import Maker
from ckgqa_preprocess.questions.readings import Readings
from ckgqa_preprocess.questions.texts import Text, joined
from ckgqa_preprocess.questions.writer import Filler

CHAT = "outside/闲聊"
"""Small talk: nobody says 请问 (may I ask) before 你好 (hello)."""
SHORTEST_NAME = 2


def outside(desk: Desk, readings: Readings) -> Iterator[Maker]:
    """Yield the maker of questions outside the schema, where this split has wordings for them."""
    phrasings = desk.wording_splits.of(desk.book.outside, desk.split)
    pools = {kind: _names(desk, kind) for one in phrasings for kind in one.pattern.roles}
    possible = [one for one in phrasings if all(pools[kind] for kind in one.pattern.roles)]
    if possible:
        maker = partial(_make, desk, readings, possible, pools)
        yield Maker("outside", Intent("outside").label, 1.0, maker)


def _names(desk: Desk, kind: str) -> list[str]:
    """Return the split's names of a type, or of one that is talked of like it."""
    group = desk.templates.group(kind)
    kinds = [one for one in sorted(desk.names_by_type) if desk.templates.group(one) == group]
    exact = desk.names_by_type.get(kind)
    found = exact or [name for one in kinds for name in desk.names_by_type[one]]
    return [name for name in found if len(name) >= SHORTEST_NAME]


def _make(
    desk: Desk, readings: Readings, phrasings: Sequence[Phrasing], pools: Mapping[str, Sequence[str]], random: Random
) -> Draft | None:
    """Word one; None where the same words ask something that the schema does cover."""
    phrasing = random.choice(phrasings)
    titled = {kind: desk.templates.type(kind).flag("titles") for kind in phrasing.pattern.roles}
    sequence = phrasing.pattern.draw(random)
    parts = []
    for piece in sequence:
        if isinstance(piece, str):
            parts.append(Text(piece))
        else:
            name = random.choice(pools[piece.role])
            filler = Filler(piece.role, name, name, titled[piece.role])
            parts.append(desk.writer.write((piece,), {piece.role: filler}, random))
    text = joined(parts)
    if readings.of(bare(text.wording)):
        return None
    chat = phrasing.label.startswith(CHAT)
    return Draft(text, Intent("outside"), "outside", phrasing.label, around=not chat)
