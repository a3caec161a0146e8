"""The work of the routes, without HTTP: answers, feedback, neighbourhoods, examples and health."""

import logging
from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

from ckgqa.runtime.artefacts import REPORT_JSON
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.jsonlines import read_json
from ckgqa_answer.api.event_log import EventLog
from ckgqa_answer.api.examples import Examples
from ckgqa_answer.api.metrics import ServiceMetrics
from ckgqa_answer.api.receipts import Receipt, ReceiptCodec
from ckgqa_answer.api.schemas import (
    AskReply,
    FeedbackRequest,
    GraphSize,
    InfoReply,
    NeighbourhoodReply,
    NeighbourVertex,
    ServiceName,
)
from ckgqa_answer.application import Application
from ckgqa_answer.errors import GraphError
from ckgqa_answer.generation.reply import PathEdge, Reply
from ckgqa_answer.retrieval.queries import neighbourhood

logger = logging.getLogger(__name__)

PROBE = "谁"
"""A question that every model accepts."""
STALE_NAMES = "the graph's names have changed and cannot be loaded; answers use the ones before"


class Service:
    """Does the work of the routes. Threads may share it.

    Args:
        application: answers.
        folder: the graph's.
        model: names the model to people.
        event_log: stores unanswered questions and verdicts.
        metrics: counts answers.
    """

    def __init__(
        self, application: Application, folder: Path, model: str, event_log: EventLog, metrics: ServiceMetrics
    ) -> None:
        self._application, self._folder, self._model = application, folder, model
        self._event_log, self._metrics = event_log, metrics
        self._examples = Examples(application)
        self._receipts = ReceiptCodec(application.settings.context_key)
        metrics.watch_index(lambda: application.lexicon.reload_failures)

    def ask(self, question: str, context: str | None, request_id: str) -> AskReply:
        """Answer a question.

        Raises:
            InputError: the question or the context is rejected.
            ServiceError: the model or the graph is down.
        """
        reply = self._application.ask(question, context)
        self._metrics.count_reply(reply.status)
        if reply.status != "answered":
            self._log_unanswered(reply, request_id)
        receipt = self._receipts.encode(Receipt(request_id, reply.question, reply.status, reply.answer))
        own = {field.name: getattr(reply, field.name) for field in fields(reply)}
        return AskReply(**own, request_id=request_id, receipt=receipt)

    def store_feedback(self, feedback: FeedbackRequest) -> str:
        """Store a verdict; return the id of the request that it is about.

        Raises:
            InputError: the receipt is not one of ours.
            ServiceError: the verdict cannot be stored.
        """
        receipt = self._receipts.decode(feedback.receipt)
        self._event_log.append(
            "feedback",
            {
                "request_id": receipt.request_id,
                "verdict": feedback.verdict,
                "comment": feedback.comment,
                "question": receipt.question,
                "status": receipt.status,
                "answer": receipt.answer,
            },
        )
        self._metrics.count_verdict(feedback.verdict)
        return receipt.request_id

    def neighbourhood(self, vertex: str, limit: int) -> NeighbourhoodReply | None:
        """Return the neighbourhood of a vertex; None if there is no vertex of this id.

        Raises:
            GraphError: the graph is down.
        """
        vertices, edges = neighbourhood(self._application.graph, vertex, limit + 1)
        shown = edges[:limit]
        ends = {vertex, *(end for edge in shown for end in (edge.start, edge.end))}
        if not vertices:
            return None
        return NeighbourhoodReply(
            tuple(NeighbourVertex(each.id, each.name, each.types) for each in vertices if each.id in ends),
            tuple(PathEdge(each.id, each.start, each.end, each.label) for each in shown),
            more=len(edges) > limit,
        )

    def examples(self, count: int) -> list[str]:
        """Return questions that have an answer.

        Raises:
            ServiceError: the model or the graph is down.
        """
        return self._examples.first(count)

    def info(self) -> InfoReply:
        """Describe the program, its graph and its model.

        Raises:
            GraphError: the graph's report is broken.
        """
        path = self._folder / REPORT_JSON
        try:
            report = read_json(path) if path.is_file() else {}  # a graph that another program loaded has no report
        except InputError as error:
            raise GraphError(str(error)) from error
        return InfoReply(version("ckgqa"), GraphSize(_count(report, "vertices"), _count(report, "edges")), self._model)

    def unhealthy_dependencies(self) -> list[ServiceName]:
        """Try the model and the graph; return those that do not answer."""
        down: list[ServiceName] = []
        try:
            self._application.model.predict([PROBE])
        except (ServiceError, InputError) as error:
            logger.warning("%s", error)
            down.append("model")
        try:
            self._application.graph.run(lambda g: g.V().limit(1).id_().to_list())
        except ServiceError as error:
            logger.warning("%s", error)
            down.append("graph")
        return down

    def warnings(self) -> tuple[str, ...]:
        """Return what is wrong though questions are answered."""
        return (STALE_NAMES,) if self._application.lexicon.is_stale else ()

    def _log_unanswered(self, reply: Reply, request_id: str) -> None:
        """Log an unanswered question; the reply is sent even if that fails."""
        understood = reply.as_record()["understood"]
        record = {
            "request_id": request_id, "question": reply.question, "status": reply.status, "understood": understood
        }  # fmt: skip
        try:
            self._event_log.append("unanswered", record)
        except ServiceError as error:
            logger.error("%s", error)  # noqa: TRY400 -- a full disk needs no traceback


def _count(report: Mapping[str, object], name: str) -> int | None:
    """Return a count of the graph's report; None if it is missing."""
    value = report.get(name)
    return value if isinstance(value, int) else None
