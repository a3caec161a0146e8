"""The answerer: a question in, a reply out. The command line, the API, the Lambda and the page all call `ask`."""

from collections.abc import Sequence

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.intents import Intent
from ckgqa_answer import words
from ckgqa_answer.again import same_again
from ckgqa_answer.confidence import Calibration
from ckgqa_answer.context import Conversation, Seal
from ckgqa_answer.facts import Fact
from ckgqa_answer.folding import has_words, is_chinese
from ckgqa_answer.graph import Graph
from ckgqa_answer.linking import Look
from ckgqa_answer.lookup import with_slots
from ckgqa_answer.names import Names
from ckgqa_answer.outcome import Outcome, first_known
from ckgqa_answer.prediction import Model
from ckgqa_answer.readings import Reader, Reading
from ckgqa_answer.reply import Reply, Status, Understood
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.showing import mentions_of, path_of, shown_facts, unlinked
from ckgqa_answer.texts import Texts


class Application:
    """Answers questions. Threads may share it.

    Args:
        model: reads questions.
        graph: holds the facts.
        names: of the graph.
        sentences: that the facts come from.
        settings: how far it looks.
        calibration: what makes a probability of the signs of an answer; None for one set by hand.
    """

    def __init__(  # noqa: PLR0917 -- the parts that it is put together of
        self,
        model: Model,
        graph: Graph,
        names: Names,
        sentences: Texts,
        settings: AnswerSettings | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self.model = model
        self.graph = graph
        self.names = names
        self.sentences = sentences
        self.settings = settings or AnswerSettings()
        self.calibration = calibration or Calibration()
        self._seal = Seal(self.settings.context_key)

    def ask(self, question: str, context: str | None = None) -> Reply:
        """Answer one question.

        Args:
            question: in Chinese, as it was typed.
            context: of the reply before in the same conversation; None or empty at its beginning.

        Raises:
            InputError: the question is empty or too long, or the context is not one of ours.
            ServiceError: the model or the graph is down, late or busy.
        """
        asked = self._checked(question)
        conversation = self._seal.read(context) if context else None
        # Nothing understood leaves the conversation where it was.
        if not has_words(asked):
            return _silent(asked, "unclear", words.UNCLEAR, context)
        look = Look(asked, self.names, self.settings.min_link_quality, self.settings.max_candidates)
        again = same_again(look, conversation, self.names)
        if again.readings:
            return self._looked_up(asked, again.readings)
        if again.lone:
            return _silent(asked, "unclear", words.what_of(again.lone), context)
        if not any(map(is_chinese, asked)):
            return _silent(asked, "unclear", words.UNCLEAR, context)
        prediction = self.model.predict([asked])[0]
        if not Intent.parse(prediction.label).chain:
            understood = Understood(prediction.label, words.OUTSIDE_UNDERSTOOD)
            return _silent(asked, "outside", words.OUTSIDE, context, understood)
        reader = Reader(look, prediction, conversation, self.names, self.settings)
        readings = reader.readings()
        return self._looked_up(asked, readings) if readings else _no_reading(asked, reader, context)

    def _checked(self, question: str) -> str:
        """Refuse what is no question at all.

        Raises:
            InputError: it is.
        """
        asked = question.strip()
        if not asked:
            raise InputError("the question is empty; a question in Chinese is expected")
        most = self.settings.max_question_chars
        if len(asked) > most:
            raise InputError(f"the question has {len(asked)} characters; at most {most} are answered")
        if any("\ud800" <= character <= "\udfff" for character in asked):
            raise InputError("the question is not valid Unicode text: it holds half of a character")
        return asked

    def _looked_up(self, asked: str, readings: Sequence[Reading]) -> Reply:
        """Reply with what the graph says."""
        outcome = first_known(self.graph, readings, self.settings.max_rows)
        if outcome is None:
            return self._nothing(asked, readings[0])
        reading, found = outcome.reading, outcome.found
        shown = self._shown(outcome)
        vertices, edges = path_of(outcome, self.settings.max_facts)
        texts = self.sentences.of(key for fact in shown for key in fact.evidence)
        return Reply(
            question=asked,
            status="answered",
            answer=words.answer(outcome, shown, self.settings.max_listed),
            values=_values(outcome),
            confidence=self.calibration.confidence(outcome.signs),
            understood=_understood(reading),
            facts=shown_facts(shown, texts),
            vertices=vertices,
            edges=edges,
            context=self._context(reading, () if outcome.no else tuple(one.name for one in found.values), found.total),
        )

    def _nothing(self, asked: str, reading: Reading) -> Reply:
        """Reply that the names are known and the fact is not."""
        return Reply(
            question=asked,
            status="unknown",
            answer=words.no_fact(reading),
            understood=_understood(reading),
            context=self._context(reading, (), 0),
        )

    def _shown(self, outcome: Outcome) -> list[Fact]:
        """Give the facts behind an answer, those of one step with what their other slots say."""
        facts = list(outcome.found.facts[: self.settings.max_facts])
        if len(outcome.reading.intent.chain) > 1 or any(fact.slots for fact in facts):
            return facts
        return with_slots(self.graph, facts, self.settings.max_rows)[: self.settings.max_facts]

    def _context(self, reading: Reading, found: tuple[str, ...], total: int) -> str:
        return self._seal.write(Conversation(reading.intent.label, reading.names, found, total == len(found)))


def _silent(
    asked: str, status: Status, answer: str, context: str | None, understood: Understood | None = None
) -> Reply:
    return Reply(asked, status, answer, understood=understood or Understood(), context=context or "")


def _no_reading(asked: str, reader: Reader, context: str | None) -> Reply:
    """Reply to a question that cannot be looked up: a name is unknown, or there is none."""
    strange = [mention for mention in reader.unknown if not mention.pronoun]
    pronoun = next((mention for mention in reader.unknown if mention.pronoun), None)
    understood = Understood(
        reader.intent.label, words.half_understood(reader.intent, reader.mentions), unlinked(reader.mentions)
    )
    if strange:
        return _silent(asked, "unknown", words.not_found(strange), context, understood)
    answer = words.NOBODY if pronoun is None else words.whom(pronoun.slot.text)
    return _silent(asked, "unclear", answer, context, understood)


def _understood(reading: Reading) -> Understood:
    return Understood(reading.intent.label, words.understood(reading.intent, reading.given), mentions_of(reading))


def _values(outcome: Outcome) -> tuple[str, ...]:
    kind = outcome.reading.intent.kind
    if kind == "yes_no":
        return (words.NO if outcome.no else words.YES,)
    return (str(outcome.found.total),) if kind == "count" else tuple(one.name for one in outcome.found.values)
