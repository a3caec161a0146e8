"""What the API does, without HTTP: asks the application, keeps what people say, and looks round in the graph."""

import logging
from importlib.metadata import version
from pathlib import Path

from ckgqa.runtime.artefacts import REPORT_JSON
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.jsonlines import read_json
from ckgqa_answer.api.examples import Examples
from ckgqa_answer.api.journal import FEEDBACK, UNANSWERED, Journal
from ckgqa_answer.api.metrics import Metrics
from ckgqa_answer.api.receipts import Receipt, Receipts
from ckgqa_answer.api.schemas import FeedbackRequest
from ckgqa_answer.application import Application
from ckgqa_answer.lookup import neighbourhood

logger = logging.getLogger(__name__)

PROBE = "谁"
"""A question that any model reads."""


class Service:
    """Does what the routes say. Threads may share it.

    Args:
        application: answers.
        folder: the graph's.
        model: names the model to people.
        journal: keeps what was not answered, and verdicts.
        metrics: counts answers.
    """

    def __init__(self, application: Application, folder: Path, model: str, journal: Journal, metrics: Metrics) -> None:
        self._application, self._folder, self._model = application, folder, model
        self._journal, self._metrics = journal, metrics
        self._examples = Examples(application)
        self._receipts = Receipts(application.settings.context_key)

    def ask(self, question: str, context: str | None, request_id: str) -> dict[str, object]:
        """Answer a question; give the reply's record.

        Raises:
            InputError: the question or the context is none.
            ServiceError: the model or the graph is down.
        """
        reply = self._application.ask(question, context)
        self._metrics.answered(reply.status)
        record = reply.as_record()
        if reply.status != "answered":
            said = {"question": reply.question, "status": reply.status, "understood": record["understood"]}
            self._keep_unanswered({"request_id": request_id, **said})
        receipt = Receipt(request_id, reply.question, reply.status, reply.answer)
        return {**record, "request_id": request_id, "receipt": self._receipts.write(receipt)}

    def judge(self, feedback: FeedbackRequest) -> str:
        """Keep a verdict; give the id of the request that it is about.

        Raises:
            InputError: the receipt is none of ours.
            ServiceError: it cannot be kept.
        """
        receipt = self._receipts.read(feedback.receipt)
        said = {"question": receipt.question, "status": receipt.status, "answer": receipt.answer}
        record = {"request_id": receipt.request_id, "verdict": feedback.verdict, "comment": feedback.comment, **said}
        self._journal.keep(FEEDBACK, record)
        self._metrics.judged(feedback.verdict)
        return receipt.request_id

    def around(self, vertex: str, limit: int) -> dict[str, object] | None:
        """Give what stands round a vertex; None where there is none of this id.

        Raises:
            GraphError: the graph is down.
        """
        vertices, edges = neighbourhood(self._application.graph, vertex, limit + 1)
        kept = edges[:limit]
        ends = {vertex, *(end for edge in kept for end in (edge.start, edge.end))}
        if not vertices:
            return None
        return {
            "vertices": [{"id": v.id, "name": v.name, "types": v.types} for v in vertices if v.id in ends],
            "edges": [{"id": e.id, "from": e.start, "to": e.end, "label": e.label} for e in kept],
            "more": len(edges) > limit,
        }

    def examples(self, count: int) -> list[str]:
        """Give questions that are answered.

        Raises:
            ServiceError: the model or the graph is down.
        """
        return self._examples.give(count)

    def info(self) -> dict[str, object]:
        """Say what answers here."""
        try:
            report = read_json(self._folder / REPORT_JSON)
        except InputError:  # a graph that was loaded by others has none
            report = {}
        size = {"vertices": report.get("vertices"), "edges": report.get("edges")}
        return {"version": version("ckgqa"), "graph": size, "model": self._model}

    def down(self) -> list[str]:
        """Ask the model and the graph; name those that do not answer."""
        found = []
        try:
            self._application.model.predict([PROBE])
        except (ServiceError, InputError) as error:
            logger.warning("%s", error)
            found.append("model")
        try:
            self._application.graph.run(lambda g: g.V().limit(1).id_().to_list())
        except ServiceError as error:
            logger.warning("%s", error)
            found.append("graph")
        return found

    def _keep_unanswered(self, record: dict[str, object]) -> None:
        """Note a question that was not answered; its reply goes out, whether that can be noted or not."""
        try:
            self._journal.keep(UNANSWERED, record)
        except ServiceError as error:
            logger.error("%s", error)  # noqa: TRY400 -- nobody needs the traceback of a full disk
