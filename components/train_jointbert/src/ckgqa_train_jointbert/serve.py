"""`serve`: the model behind HTTP, as SageMaker runs it; neither torch nor transformers is imported.

python -m ckgqa_train_jointbert serve --model build/question-model
"""

import logging
import socket
from pathlib import Path

import uvicorn

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.files import unpacked
from ckgqa.runtime.program import Terminated
from ckgqa_train_jointbert.app import Limits, make_app
from ckgqa_train_jointbert.predictor import Predictor
from ckgqa_train_jointbert.saving import load_served, read_model_folder
from ckgqa_train_jointbert.serve_settings import ServeSettings

logger = logging.getLogger(__name__)

IDLE_CONNECTION_S = 75  # longer than the 60 s for which load balancers keep theirs
BACKLOG = 2048


def serve(settings: ServeSettings) -> None:
    """Answer /ping and /invocations over HTTP until stopped."""
    with unpacked(settings.model) as folder:
        predictor = _load(folder, settings)
    app = make_app(predictor.predict, settings, Limits.of(settings, predictor.window))
    with _listen(settings) as listening:
        config = uvicorn.Config(
            app, loop="uvloop", http="httptools", ws="none", log_config=None, access_log=False, server_header=False,
            timeout_keep_alive=IDLE_CONNECTION_S, timeout_graceful_shutdown=settings.drain_s,
        )  # fmt: skip
        logger.info("listening on http://%s:%d", *listening.getsockname()[:2])
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except Terminated:
            logger.info("drained: requests under way were answered, and no new ones taken")


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


def _listen(settings: ServeSettings) -> socket.socket:
    """Take the port, before anything is promised.

    Raises:
        ServiceError: another program has it.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ServiceError(
            f"{settings.host}:{settings.port} cannot be listened on ({error}); free it, or give another --port"
        ) from error
