"""Makes a reply from interpretations: looks them up, and generates wording, facts, path and context."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ckgqa.runtime.intents import Intent
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
from ckgqa_answer.retrieval.search import AnswerSearch, Outcome
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.understanding.coverage import LeftOut
from ckgqa_answer.understanding.interpretation import Interpretation


def nothing_left_out(_: Interpretation) -> LeftOut:
    """Return that an interpretation uses the whole question."""
    return LeftOut()


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
        self._search = AnswerSearch(graph, settings.max_rows)
        self.contexts = ContextCodec(settings.context_key)

    def reply(
        self,
        question: str,
        interpretations: Sequence[Interpretation],
        left_out: Callable[[Interpretation], LeftOut] = nothing_left_out,
    ) -> tuple[Reply, ConfidenceFeatures | None]:
        """Reply with the graph's answer; if it is not sure to be one, as a candidate.

        Args:
            question: as it was asked.
            interpretations: at least one, the likeliest first.
            left_out: returns the parts of the question that an interpretation does not use.

        Returns:
            The reply, and the features of its confidence, None if the graph knows nothing or not what was asked.

        Raises:
            GraphError: the graph is down, late or busy.
        """
        outcome = self._search.first_answerable(interpretations)
        if outcome is None:
            return self._no_fact(question, interpretations[0], left_out(interpretations[0])), None
        features = ConfidenceFeatures.of(outcome)
        confidence = self._calibration.confidence(features)
        facts = self._shown_facts(outcome)
        paths = outcome.result.paths if len(outcome.interpretation.intent.chain) > 1 else [[fact] for fact in facts]
        stated = [{vertex.name for fact in path for vertex in fact.roles.values()} for path in paths]
        rest = left_out(outcome.interpretation).without_stated(stated)
        if self._search.asks_for_one(outcome.interpretation):
            rest = rest.without("superlative")
        if rest:
            return self._unsure(question, outcome, facts, rest, 0.0), None
        if confidence < self._calibration.unsure_below:
            return self._unsure(question, outcome, facts, rest, confidence), features
        answers = () if outcome.negative else tuple(value.name for value in outcome.result.values)
        reply = replace(
            self._shown(question, outcome, facts),
            answer=wording.answer(outcome, facts, self._settings.max_listed),
            values=_values(outcome),
            candidates=tuple(value.name for value in outcome.doubtful),
            confidence=confidence,
            context=self._context(outcome.interpretation, answers, outcome.result.total),
        )
        return reply, features

    def _unsure(
        self, question: str, outcome: Outcome, facts: Sequence[RetrievedFact], left_out: LeftOut, confidence: float
    ) -> Reply:
        """Reply with candidates; without any if the question negates what the graph would answer."""
        reply = Reply(question, "unsure", "", understood=_understood(outcome.interpretation))
        if not left_out.negates:
            reply = self._shown(question, outcome, facts)
        return replace(
            reply,
            status="unsure",
            answer=wording.unsure(outcome, facts, left_out, self._settings.max_listed),
            candidates=() if left_out.negates else _values(outcome),
            confidence=confidence,
            context=self._context(outcome.interpretation, (), 0, asks=not left_out),
        )

    def _shown(self, question: str, outcome: Outcome, facts: Sequence[RetrievedFact]) -> Reply:
        """Return a reply with the facts, their sentences and the path, without its words and values."""
        texts = self._sentences.get_many(key for fact in facts for key in fact.evidence)
        return Reply(
            question,
            "answered",
            "",
            understood=_understood(outcome.interpretation),
            facts=reply_facts(facts, texts),
            path=reply_path(outcome, self._settings.max_facts),
        )

    def _no_fact(self, question: str, interpretation: Interpretation, left_out: LeftOut) -> Reply:
        """Reply that the names are known and the fact is not, or what of the question was not understood."""
        context = self._context(interpretation, (), 0, asks=not left_out)
        understood = _understood(interpretation)
        if left_out:
            return Reply(question, "unsure", wording.left_out(left_out), understood=understood, context=context)
        return Reply(question, "unknown", wording.no_fact(interpretation), understood=understood, context=context)

    def _shown_facts(self, outcome: Outcome) -> list[RetrievedFact]:
        """Return the facts behind an answer, those of one step with their other slots."""
        facts = list(outcome.result.facts[: self._settings.max_facts])
        if len(outcome.interpretation.intent.chain) > 1 or any(fact.slots for fact in facts):
            return facts
        return with_slots(self._graph, facts, self._settings.max_rows)[: self._settings.max_facts]

    def _context(
        self, interpretation: Interpretation, answers: tuple[str, ...], total: int, *, asks: bool = True
    ) -> str:
        """Return the state of the conversation; a question that was not fully understood is not to be repeated."""
        conversation = Conversation(
            interpretation.intent.label if asks else Intent("outside").label,
            interpretation.names,
            answers,
            complete=total == len(answers),
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
