"""The answerer: takes a question and returns a reply. The command line, the API, the Lambda and the page call `ask`."""

from dataclasses import replace

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.intents import Intent
from ckgqa.runtime.white_space import trimmed
from ckgqa_answer.confidence.calibration import Calibration
from ckgqa_answer.confidence.features import ConfidenceFeatures
from ckgqa_answer.errors import ModelError
from ckgqa_answer.generation import wording
from ckgqa_answer.generation.evidence import uninterpreted_mentions
from ckgqa_answer.generation.graph_examples import GraphExamples
from ckgqa_answer.generation.reply import Reply, Status, Understood
from ckgqa_answer.generation.responder import Responder
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.linker import MentionLinker
from ckgqa_answer.linking.normalize import has_words, is_chinese
from ckgqa_answer.linking.sentences import SentenceStore
from ckgqa_answer.question_model.prediction import Prediction, QuestionModel
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.understanding.coverage import Coverage
from ckgqa_answer.understanding.ellipsis import resolve_ellipsis
from ckgqa_answer.understanding.interpreter import Interpreter


class Application:
    """Answers questions. Threads may share it.

    Args:
        model: predicts intents and slots.
        graph: holds the facts.
        lexicon: the graph's names.
        sentences: that the facts come from.
        settings: of the answerer.
        calibration: computes the confidence; None for the hand-tuned one.
    """

    def __init__(  # noqa: PLR0917 -- the parts that it is composed of
        self,
        model: QuestionModel,
        graph: GraphClient,
        lexicon: Lexicon,
        sentences: SentenceStore,
        settings: AnswerSettings | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self.model = model
        self.graph = graph
        self.lexicon = lexicon
        self.sentences = sentences
        self.settings = settings or AnswerSettings()
        self._responder = Responder(graph, sentences, self.settings, calibration or Calibration())
        self._examples = GraphExamples(graph, lexicon)

    def ask(self, question: str, context: str | None = None) -> Reply:
        """Answer one question.

        Args:
            question: in Chinese, as it was typed.
            context: of the previous reply in the same conversation; None or empty at its beginning.

        Raises:
            InputError: the question is empty or too long, or the context is not one of ours.
            ModelError: the model is down, late or busy.
            GraphError: the graph is down, late or busy.
            ServiceError: the index cannot be read.
        """
        return self.ask_with_features(question, context)[0]

    def ask_with_features(self, question: str, context: str | None = None) -> tuple[Reply, ConfidenceFeatures | None]:
        """Answer one question as `ask` does, and return the features of its confidence too, for calibration."""
        asked = self._validated(question)
        conversation = self._responder.contexts.decode(context) if context else None
        if not has_words(asked):
            return self._without_answer(asked, "unclear", wording.UNCLEAR, context), None
        linker = MentionLinker(asked, self.lexicon, self.settings.min_link_quality, self.settings.max_candidates)
        ellipsis = resolve_ellipsis(linker, conversation, self.lexicon)
        if ellipsis.interpretations:
            return self._responder.reply(asked, ellipsis.interpretations, Coverage(linker).left_out)
        if ellipsis.bare_name:
            return self._about_name(asked, ellipsis.bare_name, context), None
        if ellipsis.repeats_nothing or not any(map(is_chinese, asked)):
            return self._without_answer(asked, "unclear", wording.UNCLEAR, context), None
        prediction = self._predict(asked)
        if not Intent.parse(prediction.label).chain:
            understood = Understood(prediction.label, wording.OUTSIDE_UNDERSTOOD)
            return self._without_answer(asked, "outside", wording.OUTSIDE, context, understood), None
        interpreter = Interpreter(linker, prediction, conversation, self.lexicon, self.settings)
        interpretations = interpreter.interpret()
        if not interpretations:
            return _uninterpreted(asked, interpreter, linker, context), None
        return self._responder.reply(asked, interpretations, Coverage(linker, interpreter.mentions).left_out)

    def _without_answer(
        self, asked: str, status: Status, answer: str, context: str | None, understood: Understood | None = None
    ) -> Reply:
        """Reply without an answer, with questions that this graph can answer."""
        examples = self._examples.of_graph()
        reply = _unanswered(asked, status, wording.with_examples(answer, examples), context, understood)
        return replace(reply, suggestions=tuple(examples))

    def _about_name(self, asked: str, name: str, context: str | None) -> Reply:
        """Ask what the question about a bare name is, with questions about it that this graph can answer."""
        examples = self._examples.about(name)
        answer = wording.with_examples(wording.ask_for_predicate(name), examples)
        return replace(_unanswered(asked, "unclear", answer, context), suggestions=tuple(examples))

    def _predict(self, asked: str) -> Prediction:
        """Return the model's prediction.

        Raises:
            ModelError: the model is down, late or busy, or another program answers at its address.
        """
        try:
            return self.model.predict([asked])[0]
        except ServiceError as error:
            raise ModelError(str(error)) from error

    def _validated(self, question: str) -> str:
        """Reject empty, over-long or malformed questions; return the others without the space around them.

        Raises:
            InputError: the question is rejected.
        """
        asked = trimmed(question)
        if not asked:
            raise InputError("the question is empty: expected a question in Chinese")
        longest = self.settings.max_question_chars
        if len(asked) > longest:
            raise InputError(f"the question has {len(asked)} characters; at most {longest} are answered")
        if any("\ud800" <= character <= "\udfff" for character in asked):
            raise InputError("the question is not valid Unicode text: it holds half of a character")
        return asked


def _unanswered(
    asked: str, status: Status, answer: str, context: str | None, understood: Understood | None = None
) -> Reply:
    """Reply without an answer; the state of the conversation does not change."""
    return Reply(asked, status, answer, understood=understood or Understood(), context=context or "")


def _uninterpreted(asked: str, interpreter: Interpreter, linker: MentionLinker, context: str | None) -> Reply:
    """Reply to a question without an interpretation: a name is unknown or missing."""
    unknown = [mention for mention in interpreter.unknown if not mention.pronoun]
    pronoun = next((mention for mention in interpreter.unknown if mention.pronoun), None)
    intent, mentions = interpreter.intent, interpreter.mentions
    text = wording.partly_understood(intent, mentions)
    understood = Understood(intent.label, text, uninterpreted_mentions(mentions))
    if unknown:
        known = [found for mention in unknown for found in linker.contained(mention.slot)]
        answer = wording.unknown_names(
            [linker.mentioned(mention.slot) for mention in unknown],
            [(entity.name, entity.types) for entity, _ in known],
        )
        reply = _unanswered(asked, "unknown", answer, context, understood)
        return replace(reply, suggestions=tuple(question for _, question in known))
    answer = wording.NO_NAME if pronoun is None else wording.ask_for_antecedent(pronoun.slot.text)
    return _unanswered(asked, "unclear", answer, context, understood)
