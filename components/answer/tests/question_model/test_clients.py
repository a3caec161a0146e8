"""The model behind HTTP and behind SageMaker: what it says, and every way in which it can be down."""

import json
import socket
import time

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from ckgqa_answer.factory import open_model
from ckgqa_answer.question_model.http import HttpModel, endpoint_url
from ckgqa_answer.question_model.prediction import read_predictions
from ckgqa_answer.question_model.sagemaker import SageMakerModel

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.retry import RetryPolicy, TransientError

from ..made import record
from ..stub_server import hang_up, late, serving, status

QUESTION = "战狼2的导演是谁"
SAYS = {QUESTION: record(QUESTION, "list:导演/@value", {"subject": "战狼2"})}
QUICK = RetryPolicy(attempts=3, wait_s=0.01)


@pytest.fixture
def stub():
    with serving(SAYS) as server:
        yield server


@pytest.fixture
def model(stub):
    opened = HttpModel(stub.url, timeout_s=0.5, retries=QUICK)
    yield opened
    opened.close()


def test_a_prediction_is_what_the_model_says(stub, model):
    (one,) = model.predict([QUESTION])
    assert (one.label, one.probability) == ("list:导演/@value", 0.97)
    (slot,) = one.slots
    assert (slot.role, slot.start, slot.end, slot.text, slot.probability) == ("subject", 0, 3, "战狼2", 0.99)
    assert stub.requests == [{"path": "/invocations", "type": "application/json", "body": {"questions": [QUESTION]}}]
    assert len(model.predict([QUESTION, QUESTION])) == 2
    # One connection serves one request after the other.
    assert len(stub.connections) == 1


@pytest.mark.parametrize("failure", [status(503), status(500), status(429, None, Retry_After="0"), late(0.8), hang_up])
def test_what_may_pass_is_tried_again(stub, model, failure):
    stub.failures = [failure]
    assert model.predict([QUESTION])[0].label == "list:导演/@value"
    assert len(stub.requests) == 2


def test_a_model_that_stays_down_is_said_so(stub, model):
    stub.failures = [status(503)] * 3
    with pytest.raises(ServiceError, match=r"/invocations: the model answered 503 \(tried 3 times\)"):
        model.predict([QUESTION])
    stub.failures = [late(0.8)] * 3
    with pytest.raises(ServiceError, match="the model gave no answer in time"):
        model.predict([QUESTION])
    # And answers again when it is back.
    assert len(model.predict([QUESTION])) == 1


def test_a_model_that_is_not_there_is_said_so_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    with pytest.raises(ServiceError, match="the model cannot be reached"):
        HttpModel(f"http://user:hunter2@127.0.0.1:{port}", retries=QUICK).predict([QUESTION])
    assert time.monotonic() - started < 1


def test_an_address_is_told_without_its_password():
    with pytest.raises(ServiceError) as raised:
        HttpModel("http://user:hunter2@127.0.0.1:1", retries=QUICK).predict([QUESTION])
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("code", [400, 413, 415])
def test_what_the_model_refuses_is_not_tried_again(stub, model, code):
    stub.failures = [status(code, {"error": "the question is too long"})]
    with pytest.raises(InputError, match="the model rejected the question: the question is too long"):
        model.predict([QUESTION])
    assert len(stub.requests) == 1


def test_another_server_at_the_address_is_said_so(stub, model):
    stub.failures = [status(404)]
    with pytest.raises(InputError, match="answered 404: expected the address of a model's /invocations"):
        model.predict([QUESTION])


GOOD = SAYS[QUESTION]


@pytest.mark.parametrize(
    "reply",
    [
        None,
        [],
        {"predictions": []},
        {"predictions": ["x"]},
        {"predictions": [{}]},
        {"predictions": [{**GOOD, "probability": "high", "probabilities": {}}]},
        {"predictions": [{**GOOD, "probabilities": {"list:导演/@value": float("nan")}}]},
        {"predictions": [{**GOOD, "slots": [{"role": "subject", "start": 0, "end": 99}]}]},
        {"predictions": [{**GOOD, "slots": [{"role": "subject", "start": 2, "end": 2}]}]},
        {"predictions": [{**GOOD, "slots": "战狼2"}]},
        # The labels of another model.
        {"predictions": [{"predicted_label": "ask_author", "probability": 0.9, "slots": []}]},
    ],
)
def test_a_reply_of_another_model_is_the_services_fault(stub, model, reply):
    stub.failures = [status(200, reply)]
    with pytest.raises(ServiceError, match="question model|expected a reply with 1 predictions"):
        model.predict([QUESTION])


@pytest.mark.parametrize(
    ("given", "complete"),
    [
        ("http://localhost:8080", "http://localhost:8080/invocations"),
        ("https://models/", "https://models/invocations"),
        ("http://localhost/a/invocations", "http://localhost/a/invocations"),
    ],
)
def test_an_address_is_completed(given, complete):
    assert endpoint_url(given) == complete


@pytest.mark.parametrize("wrong", ["ftp://host", "http://", "", "  "])
def test_a_wrong_address_is_refused(wrong):
    with pytest.raises(InputError, match="expected http://HOST:PORT"):
        open_model(wrong or " ") if not wrong.strip() else HttpModel(wrong)


def test_retries_wait_longer_each_time_and_never_past_their_deadline(monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)

    def fail(_: int) -> None:
        raise TransientError("busy", 0.3 if len(waits) == 2 else 0.0)

    with pytest.raises(ServiceError, match=r"the model: busy \(tried 4 times\)"):
        RetryPolicy(attempts=4, wait_s=0.1, jitter=0.25).run("the model", fail)
    assert [round(wait / low, 1) >= 1 and wait <= low * 1.26 for wait, low in zip(waits, [0.1, 0.2, 0.4], strict=True)]
    waits.clear()
    with pytest.raises(ServiceError, match="tried 1 times"):
        RetryPolicy(attempts=4, wait_s=2, deadline_s=1).run("the model", fail)
    assert waits == []


# SageMaker


@pytest.fixture
def client():
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-west-1"}
    made = boto3.client("sagemaker-runtime", **keys)
    with Stubber(made) as stubber:
        yield made, stubber
    made.close()


def body(content: bytes) -> dict[str, object]:
    import io

    return {"Body": StreamingBody(io.BytesIO(content), len(content)), "ContentType": "application/json"}


ASKED = {
    "EndpointName": "qa",
    "ContentType": "application/json",
    "Accept": "application/json",
    "Body": json.dumps({"questions": [QUESTION]}, ensure_ascii=False).encode(),
}


def test_an_endpoint_of_sagemakers_is_asked(client):
    made, stubber = client
    stubber.add_response("invoke_endpoint", body(json.dumps({"predictions": [GOOD]}).encode()), ASKED)
    model = open_model("qa", client=made)
    assert model.predict([QUESTION])[0].slots[0].text == "战狼2"
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    "error", [("ThrottlingException", {}), ("ServiceUnavailable", {}), ("ModelError", {"OriginalStatusCode": 503})]
)
def test_an_endpoint_that_is_busy_is_asked_again(client, error):
    made, stubber = client
    code, more = error
    stubber.add_client_error("invoke_endpoint", code, modeled_fields=more, expected_params=ASKED)
    stubber.add_response("invoke_endpoint", body(json.dumps({"predictions": [GOOD]}).encode()), ASKED)
    assert len(SageMakerModel(made, "qa", QUICK).predict([QUESTION])) == 1


def test_an_endpoint_that_is_not_there_or_refuses(client):
    made, stubber = client
    stubber.add_client_error("invoke_endpoint", "ValidationError", "Endpoint qa not found", 400)
    with pytest.raises(ServiceError, match="Endpoint qa not found"):
        SageMakerModel(made, "qa", QUICK).predict([QUESTION])
    refused = {"OriginalStatusCode": 400, "OriginalMessage": "too long"}
    stubber.add_client_error("invoke_endpoint", "ModelError", modeled_fields=refused)
    with pytest.raises(InputError, match="the model rejected the question: too long"):
        SageMakerModel(made, "qa", QUICK).predict([QUESTION])
    stubber.add_response("invoke_endpoint", body(b"not json"), ASKED)
    with pytest.raises(ServiceError, match="expected a reply with 1 predictions"):
        SageMakerModel(made, "qa", QUICK).predict([QUESTION])


@pytest.fixture
def no_waiting(monkeypatch):
    """Fail a test that waits for another attempt."""
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("tried again, though it would fail the same way"))


def test_without_credentials_that_is_said_at_once(no_waiting, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    made = boto3.Session(region_name="eu-west-1").client("sagemaker-runtime")
    with pytest.raises(
        ServiceError, match="endpoint qa: AWS cannot be asked: Unable to locate credentials; expected cred"
    ):
        SageMakerModel(made, "qa", QUICK).predict([QUESTION])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "half of them")
    with pytest.raises(ServiceError, match="Partial credentials found"):
        open_model("qa", client=None).predict([QUESTION])
    made.close()


def test_predictions_are_ranked():
    reply = {"predictions": [{**GOOD, "probabilities": {"outside": 0.01, "list:导演/@value": 0.97}}]}
    (one,) = read_predictions(reply, [QUESTION], "a test")
    assert list(one.probabilities) == ["list:导演/@value", "outside"]
