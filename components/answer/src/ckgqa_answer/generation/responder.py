"""Makes a reply from interpretations: looks them up, and generates wording, facts, path and context."""

from collections.abc import Sequence

from ckgqa_answer.confidence.calibration import Calibration
from ckgqa_answer.confidence.features import ConfidenceFeatures
from ckgqa_answer.dialogue.context import ContextCodec, Conversation
from ckgqa_answer.generation import wording
from ckgqa_answer.generation.evidence import linked_mentions, reply_facts, reply_path
from ckgqa_answer.generation.reply import Reply, Understood
from ckgqa_answer.linking.sentences import SentenceStore
from ckgqa_answer.retrieval.facts import RetrievedFact
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.retrieval.queries import with_slots
from ckgqa_answer.retrieval.search import Outcome, first_answerable
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.understanding.interpretation import Interpretation


class Responder:
    """Replies to questions that have interpretations.

    Args:
        graph: holds the facts.
        sentences: that the facts come from.
        settings: how far the search goes, and how much a reply shows.
        calibration: computes the confidence of an answer.
    """

    def __init__(
        self, graph: GraphClient, sentences: SentenceStore, settings: AnswerSettings, calibration: Calibration
    ) -> None:
        self._graph = graph
        self._sentences = sentences
        self._settings = settings
        self._calibration = calibration
        self.contexts = ContextCodec(settings.context_key)

    def reply(
        self, question: str, interpretations: Sequence[Interpretation]
    ) -> tuple[Reply, ConfidenceFeatures | None]:
        """Reply with the graph's answer.

        Args:
            question: as it was asked.
            interpretations: at least one, the likeliest first.

        Returns:
            The reply, and the features of its confidence, None if the graph knows nothing.

        Raises:
            GraphError: the graph is down, late or busy.
        """
        outcome = first_answerable(self._graph, interpretations, self._settings.max_rows)
        if outcome is None:
            return self._no_fact(question, interpretations[0]), None
        interpretation, result = outcome.interpretation, outcome.result
        features = ConfidenceFeatures.of(outcome)
        facts = self._shown_facts(outcome)
        path = reply_path(outcome, self._settings.max_facts)
        texts = self._sentences.get_many(key for fact in facts for key in fact.evidence)
        answers = () if outcome.negative else tuple(value.name for value in result.values)
        reply = Reply(
            question=question,
            status="answered",
            answer=wording.answer(outcome, facts, self._settings.max_listed),
            values=_values(outcome),
            confidence=self._calibration.confidence(features),
            understood=_understood(interpretation),
            facts=reply_facts(facts, texts),
            context=self._context(interpretation, answers, result.total),
            path=path,
        )
        return reply, features

    def _no_fact(self, question: str, interpretation: Interpretation) -> Reply:
        """Reply that the names are known and the fact is not."""
        context = self._context(interpretation, (), 0)
        understood = _understood(interpretation)
        return Reply(question, "unknown", wording.no_fact(interpretation), understood=understood, context=context)

    def _shown_facts(self, outcome: Outcome) -> list[RetrievedFact]:
        """Return the facts behind an answer, those of one step with their other slots."""
        facts = list(outcome.result.facts[: self._settings.max_facts])
        if len(outcome.interpretation.intent.chain) > 1 or any(fact.slots for fact in facts):
            return facts
        return with_slots(self._graph, facts, self._settings.max_rows)[: self._settings.max_facts]

    def _context(self, interpretation: Interpretation, answers: tuple[str, ...], total: int) -> str:
        conversation = Conversation(
            interpretation.intent.label, interpretation.names, answers, complete=total == len(answers)
        )
        return self.contexts.encode(conversation)


def _understood(interpretation: Interpretation) -> Understood:
    text = wording.understood(interpretation.intent, interpretation.fillers)
    return Understood(interpretation.intent.label, text, linked_mentions(interpretation))


def _values(outcome: Outcome) -> tuple[str, ...]:
    match outcome.interpretation.intent.kind:
        case "yes_no":
            return (wording.NO if outcome.negative else wording.YES,)
        case "count":
            return (str(outcome.result.total),)
        case _:
            return tuple(value.name for value in outcome.result.values)
