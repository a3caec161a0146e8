"""Every route of the API over HTTP, in this process."""

import pytest
from ckgqa_answer.api.app import create_app
from ckgqa_answer.api.guard import Limits
from ckgqa_answer.api.journal import Journal
from ckgqa_answer.api.metrics import Metrics
from ckgqa_answer.api.schemas import AskReply
from ckgqa_answer.api.service import Service

from .http import Site

QUESTION = "《战狼2》是谁导演的？"
MEANS = ("list:导演/@value", {"subject": "战狼2"})


@pytest.fixture
def site(application, graph_folder, tmp_path):
    metrics = Metrics()
    service = Service(application, graph_folder, "http://model", Journal(tmp_path, 10_000), metrics)
    return Site(create_app(service, metrics, Limits()))


def test_a_question_is_answered(site, model):
    model.tell(QUESTION, *MEANS)
    reply = site.ask(QUESTION)
    assert reply.status_code == 200
    record = reply.json()
    assert (record["answer"], record["values"]) == ("《战狼2》的导演是吴京。", ["吴京"])
    assert record["request_id"] == reply.headers["x-request-id"]
    AskReply.model_validate(record)
