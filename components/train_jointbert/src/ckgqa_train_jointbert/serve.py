"""`serve`: the model behind HTTP, as SageMaker runs it; neither torch nor transformers is imported.

python -m ckgqa_train_jointbert serve --model build/question-model
"""

import logging
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import unpacked
from ckgqa.serving.http import serve_http
from ckgqa_train_jointbert.app import Limits, make_app
from ckgqa_train_jointbert.predictor import Predictor
from ckgqa_train_jointbert.saving import load_served, read_model_folder
from ckgqa_train_jointbert.serve_settings import ServeSettings

logger = logging.getLogger(__name__)


def serve(settings: ServeSettings) -> None:
    """Answer /ping and /invocations over HTTP until stopped."""
    with unpacked(settings.model) as folder:
        predictor = _load(folder, settings)
    app = make_app(predictor.predict, settings, Limits.of(settings, predictor.window))
    serve_http(app, settings.host, settings.port, settings.drain_s)


def _load(folder: Path, settings: ServeSettings) -> Predictor:
    """Load the model and read a first question, so that the first client does not wait for what is set up by that.

    Raises:
        InputError: it is no model, or reads fewer characters than `max_question_chars`.
    """
    held = read_model_folder(folder)
    predictor = load_served(held, settings.threads)
    if settings.max_question_chars > held.config.window:
        raise InputError(f"--max-question-chars must be at most {held.config.window}, the window of this model")
    predictor.predict(["？"])
    serving = held.config.serving
    logger.info(
        "%d intents' steps and %d roles, %s (whole questions on validation: fp32 %.4f, int8 %.4f)",
        len(held.labels.steps), len(held.labels.roles), serving.precision, serving.fp32_whole_accuracy,
        serving.int8_whole_accuracy,
    )  # fmt: skip
    return predictor
