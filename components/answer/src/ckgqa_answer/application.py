"""The answerer: a question in, a reply out. The command line, the API, the Lambda and the page all call `ask`."""

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.intents import Intent
from ckgqa_answer import words
from ckgqa_answer.again import same_again
from ckgqa_answer.confidence import Calibration, Signs
from ckgqa_answer.down import ModelError
from ckgqa_answer.folding import has_words, is_chinese
from ckgqa_answer.graph import Graph
from ckgqa_answer.linking import Look
from ckgqa_answer.names import Names
from ckgqa_answer.prediction import Model, Prediction
from ckgqa_answer.reader import Reader
from ckgqa_answer.reply import Reply, Status, Understood
from ckgqa_answer.replying import Replier
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.showing import unlinked
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
        self._replier = Replier(graph, sentences, self.settings, calibration or Calibration())

    def ask(self, question: str, context: str | None = None) -> Reply:
        """Answer one question.

        Args:
            question: in Chinese, as it was typed.
            context: of the reply before in the same conversation; None or empty at its beginning.

        Raises:
            InputError: the question is empty or too long, or the context is not one of ours.
            ModelError, GraphError: the model or the graph is down, late or busy.
            ServiceError: the index cannot be read or built.
        """
        return self.weigh(question, context)[0]

    def weigh(self, question: str, context: str | None = None) -> tuple[Reply, Signs | None]:
        """Answer one question as `ask` does, and give the signs that its confidence is made of, for calibration."""
        asked = self._checked(question)
        conversation = self._replier.seal.read(context) if context else None
        if not has_words(asked):
            return _silent(asked, "unclear", words.UNCLEAR, context), None
        look = Look(asked, self.names, self.settings.min_link_quality, self.settings.max_candidates)
        again = same_again(look, conversation, self.names)
        if again.readings:
            return self._replier.reply(asked, again.readings)
        if again.lone or not any(map(is_chinese, asked)):
            return _silent(asked, "unclear", words.what_of(again.lone) if again.lone else words.UNCLEAR, context), None
        prediction = self._predicted(asked)
        if not Intent.parse(prediction.label).chain:
            understood = Understood(prediction.label, words.OUTSIDE_UNDERSTOOD)
            return _silent(asked, "outside", words.OUTSIDE, context, understood), None
        reader = Reader(look, prediction, conversation, self.names, self.settings)
        readings = reader.readings()
        return self._replier.reply(asked, readings) if readings else (_no_reading(asked, reader, context), None)

    def _predicted(self, asked: str) -> Prediction:
        """Ask the model.

        Raises:
            ModelError: it is down, late or busy, or none of ours.
        """
        try:
            return self.model.predict([asked])[0]
        except ServiceError as error:
            raise ModelError(str(error)) from error

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


def _silent(
    asked: str, status: Status, answer: str, context: str | None, understood: Understood | None = None
) -> Reply:
    """Reply without an answer; the conversation stays where it was."""
    return Reply(asked, status, answer, understood=understood or Understood(), context=context or "")


def _no_reading(asked: str, reader: Reader, context: str | None) -> Reply:
    """Reply to a question that cannot be looked up: a name is unknown, or there is none."""
    strange = [mention for mention in reader.unknown if not mention.pronoun]
    pronoun = next((mention for mention in reader.unknown if mention.pronoun), None)
    intent = reader.intent
    understood = Understood(intent.label, words.half_understood(intent, reader.mentions), unlinked(reader.mentions))
    if strange:
        return _silent(asked, "unknown", words.not_found(strange), context, understood)
    answer = words.NOBODY if pronoun is None else words.whom(pronoun.slot.text)
    return _silent(asked, "unclear", answer, context, understood)
