"""A baseline without a model: the predicate whose name is in the question, and the longest exact name beside it.

It is reported beside the model: what it answers needs no model. It asks in both directions, counts at 几部, answers yes
or no at 是不是, and knows no paraphrases, slots, two steps, typing errors or conversations.
"""

from collections.abc import Iterable

from ckgqa.runtime.artefacts import SUBJECT, VALUE
from ckgqa.runtime.intents import Intent, Kind, Step
from ckgqa.runtime.question_words import COUNT_WORDS, YES_NO_WORDS
from ckgqa_answer.confidence.calibration import Calibration
from ckgqa_answer.generation import wording
from ckgqa_answer.generation.reply import Reply, Understood
from ckgqa_answer.generation.responder import Responder
from ckgqa_answer.linking.lexicon import Lexicon, LexiconMatch
from ckgqa_answer.linking.normalize import normalize_text
from ckgqa_answer.linking.sentences import SentenceStore
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.understanding.interpretation import Interpretation, RoleFiller


class Baseline:
    """Answers questions by keyword and exact name.

    Args:
        graph: holds the facts.
        lexicon: the graph's names.
        sentences: that the facts come from.
        predicates: of the graph; each is its own keyword.
        settings: of the answerer.
    """

    def __init__(
        self,
        graph: GraphClient,
        lexicon: Lexicon,
        sentences: SentenceStore,
        predicates: Iterable[str],
        settings: AnswerSettings,
    ) -> None:
        self._lexicon = lexicon
        self._predicates = sorted(set(predicates), key=lambda predicate: (-len(predicate), predicate))
        self._responder = Responder(graph, sentences, settings, Calibration())

    def ask(self, question: str) -> Reply:
        """Answer one question; see `Application.ask`."""
        asked = question.strip()
        predicate = next((each for each in self._predicates if each in asked), None)
        if predicate is None:
            return Reply(asked, "outside", wording.OUTSIDE)
        interpretations = self._interpretations(asked, predicate)
        if interpretations:
            return self._responder.reply(asked, interpretations)[0]
        return Reply(asked, "unknown", wording.NO_NAME, understood=Understood(f"list:{predicate}/{VALUE}"))

    def _interpretations(self, asked: str, predicate: str) -> list[Interpretation]:
        """Return both directions; the one from the subject comes first."""
        matches = _longest(self._lexicon.find_all(normalize_text(asked)), asked, predicate)
        kind: Kind = "count" if COUNT_WORDS.search(asked) else "list"
        directions = ((SUBJECT, VALUE), (VALUE, SUBJECT))
        if YES_NO_WORDS.search(asked) and len(matches) > 1:
            intent = Intent("yes_no", (Step(predicate, VALUE),))
            return [
                _interpretation(intent, [_filler(role, match) for role, match in zip(roles, matches, strict=False)])
                for roles in directions
            ]
        return [
            _interpretation(Intent(kind, (Step(predicate, asked_role),)), [_filler(role, match)])
            for match in matches[:1]
            for role, asked_role in directions
        ]


def _longest(matches: Iterable[LexiconMatch], asked: str, predicate: str) -> list[LexiconMatch]:
    """Return names that do not overlap, the longest first, without the keyword itself."""
    chosen: list[LexiconMatch] = []
    for match in sorted(matches, key=lambda match: (match.start - match.end, match.start)):
        free = all(match.end <= other.start or other.end <= match.start for other in chosen)
        if free and asked[match.start : match.end] != predicate:
            chosen.append(match)
    return chosen


def _filler(role: str, match: LexiconMatch) -> RoleFiller:
    entity = match.entities[0]
    return RoleFiller(role, (entity.name,), entity.types, "exact", 1.0, entity.name, match.start, match.end, 1.0)


def _interpretation(intent: Intent, fillers: list[RoleFiller]) -> Interpretation:
    return Interpretation(intent, tuple(fillers), 1.0, 1.0)
