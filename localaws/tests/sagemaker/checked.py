"""A client of SageMaker that compares every answer with the service model, and other helpers of these tests."""

import json
import time
from pathlib import Path
from typing import Any, Self

import botocore
import pytest
from botocore.exceptions import ClientError
from localaws.service_model import load_service_model

MODEL = load_service_model(Path(botocore.__file__).parent / "data", "sagemaker")
EVENT_S = 30.0


def checked_client(server: Any, keys: dict[str, str] | None = None) -> Any:
    client = server.client("sagemaker", keys=keys)

    def check(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
        if response_dict["status_code"] == 200:
            answer = json.loads(response_dict["body"] or b"{}")
            assert MODEL.check_output(operation_model.name, answer) == []

    client.meta.events.register("before-parse.sagemaker", check)
    return client


class Refusal:
    """The error of the call in a `with` block."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.message = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if error is not None and not isinstance(error, ClientError):
            return False
        assert error is not None, "the call was not refused"
        assert error.response["Error"]["Code"] == self.code, error
        self.message = error.response["Error"]["Message"]
        return True


def refused(code: str = "ValidationException") -> Refusal:
    return Refusal(code)


class Events:
    """The events of one detail type, in a queue."""

    def __init__(self, server: Any, name: str, detail_type: str) -> None:
        self._sqs = server.client("sqs")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events = server.client("events")
        pattern = {"source": ["aws.sagemaker"], "detail-type": [detail_type]}
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])

    def next(self) -> dict[str, Any]:
        deadline = time.monotonic() + EVENT_S
        while time.monotonic() < deadline:
            found = self._sqs.receive_message(QueueUrl=self._url, WaitTimeSeconds=1, MaxNumberOfMessages=1)
            for message in found.get("Messages", ()):
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                return json.loads(message["Body"])
        pytest.fail("no event came")
