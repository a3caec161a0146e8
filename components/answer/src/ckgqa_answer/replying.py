"""Makes a reply of readings: looks them up, and puts what the graph says into words, facts, path and context."""

from collections.abc import Sequence

from ckgqa_answer import words
from ckgqa_answer.confidence import Calibration, Signs
from ckgqa_answer.context import Conversation, Seal
from ckgqa_answer.facts import Fact
from ckgqa_answer.graph import Graph
from ckgqa_answer.lookup import with_slots
from ckgqa_answer.outcome import Outcome, first_known
from ckgqa_answer.readings import Reading
from ckgqa_answer.reply import Reply, Understood
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.showing import mentions_of, path_of, shown_facts
from ckgqa_answer.texts import Texts


class Replier:
    """Replies to what has readings.

    Args:
        graph: holds the facts.
        sentences: that the facts come from.
        settings: how far it looks, and how much a reply shows.
        calibration: makes a probability of the signs of an answer.
    """

    def __init__(self, graph: Graph, sentences: Texts, settings: AnswerSettings, calibration: Calibration) -> None:
        self._graph = graph
        self._sentences = sentences
        self._settings = settings
        self._calibration = calibration
        self.seal = Seal(settings.context_key)

    def reply(self, asked: str, readings: Sequence[Reading]) -> tuple[Reply, Signs | None]:
        """Reply with what the graph says, and with the signs behind its confidence, None where nothing is known.

        Args:
            asked: the question.
            readings: what it may mean, at least one, the likeliest first.

        Raises:
            ServiceError: the graph is down, late or busy.
        """
        outcome = first_known(self._graph, readings, self._settings.max_rows)
        if outcome is None:
            return self._nothing(asked, readings[0]), None
        reading, found, signs = outcome.reading, outcome.found, outcome.signs
        shown = self._shown(outcome)
        vertices, edges = path_of(outcome, self._settings.max_facts)
        texts = self._sentences.of(key for fact in shown for key in fact.evidence)
        kept = () if outcome.no else tuple(one.name for one in found.values)
        reply = Reply(
            question=asked,
            status="answered",
            answer=words.answer(outcome, shown, self._settings.max_listed),
            values=_values(outcome),
            confidence=self._calibration.confidence(signs),
            understood=_understood(reading),
            facts=shown_facts(shown, texts),
            vertices=vertices,
            edges=edges,
            context=self._context(reading, kept, found.total),
        )
        return reply, signs

    def _nothing(self, asked: str, reading: Reading) -> Reply:
        """Reply that the names are known and the fact is not."""
        answer, context = words.no_fact(reading), self._context(reading, (), 0)
        return Reply(asked, "unknown", answer, understood=_understood(reading), context=context)

    def _shown(self, outcome: Outcome) -> list[Fact]:
        """Give the facts behind an answer, those of one step with what their other slots say."""
        facts = list(outcome.found.facts[: self._settings.max_facts])
        if len(outcome.reading.intent.chain) > 1 or any(fact.slots for fact in facts):
            return facts
        return with_slots(self._graph, facts, self._settings.max_rows)[: self._settings.max_facts]

    def _context(self, reading: Reading, found: tuple[str, ...], total: int) -> str:
        return self.seal.write(Conversation(reading.intent.label, reading.names, found, total == len(found)))


def _understood(reading: Reading) -> Understood:
    return Understood(reading.intent.label, words.understood(reading.intent, reading.given), mentions_of(reading))


def _values(outcome: Outcome) -> tuple[str, ...]:
    kind = outcome.reading.intent.kind
    if kind == "yes_no":
        return (words.NO if outcome.no else words.YES,)
    return (str(outcome.found.total),) if kind == "count" else tuple(one.name for one in outcome.found.values)
