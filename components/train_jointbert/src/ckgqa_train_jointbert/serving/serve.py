"""`serve`: the model behind HTTP, as SageMaker runs it; imports neither torch nor transformers.

python -m ckgqa_train_jointbert serve --model build/question-model
"""

import logging
from pathlib import Path

from ckgqa.runtime.errors import InputError
from ckgqa.runtime.files import unpacked
from ckgqa.runtime.settings import refusal
from ckgqa.serving.http import serve_http
from ckgqa_train_jointbert.inference.loading import load_served
from ckgqa_train_jointbert.inference.predictor import Predictor
from ckgqa_train_jointbert.model.folder import read_model_folder
from ckgqa_train_jointbert.serving.app import InvocationLimits, make_app
from ckgqa_train_jointbert.settings import ServeSettings

logger = logging.getLogger(__name__)


def serve(settings: ServeSettings) -> None:
    """Answer /ping and /invocations over HTTP until stopped."""
    with unpacked(settings.model) as path:
        predictor = _load(path, settings)
    app = make_app(predictor.predict, settings, InvocationLimits.from_settings(settings, predictor.window))
    serve_http(app, settings.host, settings.port, settings.drain_s)


def _load(path: Path, settings: ServeSettings) -> Predictor:
    """Load the model and predict once, so that the first client does not wait for the engine's set-up.

    Raises:
        InputError: the folder is not a model, or its window is shorter than `max_question_chars`.
    """
    folder = read_model_folder(path)
    predictor = load_served(folder, settings.threads)
    window, longest = folder.config.window, settings.max_question_chars
    if longest > window:
        raise InputError(refusal("--max-question-chars", longest, f"at most {window}, the window of this model"))
    predictor.predict(["？"])
    serving = folder.config.serving
    logger.info(
        "%d steps and %d roles, %s (exact match on validation: fp32 %.4f, int8 %.4f)",
        len(folder.labels.steps), len(folder.labels.roles), serving.precision, serving.fp32_exact_match,
        serving.int8_exact_match,
    )  # fmt: skip
    return predictor
