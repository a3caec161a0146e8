"""`serve`: the answerer over HTTP, with the page.

python -m ckgqa_answer serve --graph build/graph --endpoint http://127.0.0.1:8080
"""

import logging
import os
from pathlib import Path

from fastapi import FastAPI

from ckgqa.runtime.log import without_credentials
from ckgqa.serving.http import serve_http
from ckgqa_answer.api.app import create_app
from ckgqa_answer.api.event_log import EventLog
from ckgqa_answer.api.metrics import ServiceMetrics
from ckgqa_answer.api.middleware import ServiceLimits
from ckgqa_answer.api.service import Service
from ckgqa_answer.commands.logging_config import silence_noisy_loggers
from ckgqa_answer.commands.settings import ServeSettings
from ckgqa_answer.confidence.calibration import load_calibration
from ckgqa_answer.dialogue.signing import KEY_VARIABLE
from ckgqa_answer.factory import open_application, open_model
from ckgqa_answer.settings import AnswerSettings

logger = logging.getLogger(__name__)


def serve(settings: ServeSettings) -> None:
    """Answer questions over HTTP, and serve the page, until stopped."""
    serve_http(make_app(settings), settings.host, settings.port, settings.drain_s)


def make_app(settings: ServeSettings) -> FastAPI:
    """Open the graph and make the HTTP application.

    Raises:
        InputError: the graph, the calibration or an address is wrong.
        ServiceError: the index cannot be written.
    """
    silence_noisy_loggers()
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        logger.warning("%s is not set: contexts and receipts are signed with a public default key", KEY_VARIABLE)
    application = open_application(
        settings.graph,
        open_model(settings.endpoint, settings.model_timeout_s),
        url=settings.graph_url,
        settings=AnswerSettings(context_key=key),
        calibration=load_calibration(settings.calibration),
        index=Path(settings.index) if settings.index else None,
        graph_timeout_s=settings.graph_timeout_s,
        connections=settings.threads,
    )
    event_log = EventLog(Path(settings.log_dir) if settings.log_dir else None, settings.max_log_bytes)
    event_log.open()
    metrics = ServiceMetrics()
    service = Service(application, settings.graph, without_credentials(settings.endpoint), event_log, metrics)
    limits = ServiceLimits(settings.threads, settings.max_requests, settings.max_body_bytes, settings.body_timeout_s)
    return create_app(service, metrics, limits)
