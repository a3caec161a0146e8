"""What an answerer without a model gets: the predicate's name in the text, and the longest exact name beside it.

It is reported beside the model: what it gets right needs no model. It asks both ways, counts at 几部, says yes or no at
是不是, and knows nothing of other wordings, slots, two steps, typing slips or conversations.
"""

import re
from collections.abc import Iterable

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Kind, Step
from ckgqa_answer import words
from ckgqa_answer.confidence import Calibration
from ckgqa_answer.folding import fold_text
from ckgqa_answer.graph import Graph
from ckgqa_answer.names import Names, Place
from ckgqa_answer.readings import Given, Reading
from ckgqa_answer.reply import Reply, Understood
from ckgqa_answer.replying import Replier
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.texts import Texts

_COUNT = re.compile("几[部首位个本家所项张]|多少[部首位个本家所项张]")
_YES_NO = re.compile("吗|是不是|是否")


class Baseline:
    """Answers questions by keyword and exact name.

    Args:
        graph: holds the facts.
        names: of the graph.
        sentences: that the facts come from.
        predicates: of the graph; each is its own keyword.
        settings: how far it looks.
    """

    def __init__(
        self, graph: Graph, names: Names, sentences: Texts, predicates: Iterable[str], settings: AnswerSettings
    ) -> None:
        self._names = names
        self._predicates = sorted(set(predicates), key=lambda predicate: (-len(predicate), predicate))
        self._replier = Replier(graph, sentences, settings, Calibration())

    def ask(self, question: str) -> Reply:
        """Answer one question; see `Application.ask`."""
        asked = question.strip()
        predicate = next((one for one in self._predicates if one in asked), None)
        if predicate is None:
            return Reply(asked, "outside", words.OUTSIDE)
        readings = self._readings(asked, predicate)
        if readings:
            return self._replier.reply(asked, readings)[0]
        return Reply(asked, "unknown", words.NOBODY, understood=Understood(f"list:{predicate}/{VALUE}"))

    def _readings(self, asked: str, predicate: str) -> list[Reading]:
        """Give both directions, from the subject first."""
        places = _longest(self._names.inside(fold_text(asked)), asked, predicate)
        kind: Kind = "count" if _COUNT.search(asked) else "list"
        if _YES_NO.search(asked) and len(places) > 1:
            roles = [(SUBJECT, VALUE), (VALUE, SUBJECT)]
            steps = Intent("yes_no", (Step(predicate, VALUE),))
            return [_reading(steps, [_given(*pair) for pair in zip(two, places, strict=False)]) for two in roles]
        return [
            _reading(Intent(kind, (Step(predicate, wanted),)), [_given(role, place)])
            for place in places[:1]
            for role, wanted in ((SUBJECT, VALUE), (VALUE, SUBJECT))
        ]


def _longest(places: Iterable[Place], asked: str, predicate: str) -> list[Place]:
    """Give the places of names that do not overlap, the longest first; the keyword itself is none."""
    found: list[Place] = []
    for place in sorted(places, key=lambda place: (place.start - place.end, place.start)):
        free = all(place.end <= other.start or other.end <= place.start for other in found)
        if free and asked[place.start : place.end] != predicate:
            found.append(place)
    return found


def _given(role: str, place: Place) -> Given:
    known = place.known[0]
    return Given(role, (known.name,), known.types, "exact", 1.0, known.name, place.start, place.end, 1.0)


def _reading(intent: Intent, given: list[Given]) -> Reading:
    return Reading(intent, tuple(given), 1.0, 1.0)
