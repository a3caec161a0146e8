"""The question model behind a SageMaker endpoint."""

import json
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
)

from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.retry import RetryPolicy, TransientError
from ckgqa_answer.question_model.prediction import REJECTION_STATUSES, Prediction, read_predictions
from ckgqa_answer.settings import REQUEST_RETRIES

# Names of AWS's errors. `ModelError` is the container's own answer; its status says which way it failed.
TRANSIENT = frozenset(
    {
        "ThrottlingException",
        "ServiceUnavailable",
        "InternalFailure",
        "InternalDependencyException",
        "ModelNotReadyException",
    }
)


class SageMakerModel:
    """Sends questions to an endpoint by `invoke_endpoint`.

    Args:
        client: boto3's client for `sagemaker-runtime`, made once at the entrance, with its own timeouts; threads may
            share it.
        endpoint: name of the endpoint.
        retries: how often a request is tried.
    """

    def __init__(self, client: Any, endpoint: str, retries: RetryPolicy = REQUEST_RETRIES) -> None:  # noqa: ANN401 -- boto3
        self._client = client
        self.endpoint = endpoint
        self._retries = retries

    def predict(self, questions: Sequence[str]) -> list[Prediction]:
        """Return predictions; see `QuestionModel.predict`."""
        body = json.dumps({"questions": list(questions)}, ensure_ascii=False).encode()
        service = f"endpoint {self.endpoint}"
        reply = self._retries.run(service, lambda _: self._invoke(body))
        return read_predictions(reply, questions, service)

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _invoke(self, body: bytes) -> object:
        """Send one request.

        Raises:
            TransientError: the endpoint may answer later.
            InputError: the model rejects the question.
            ServiceError: the endpoint does not exist, or AWS denies access, or credentials are missing.
        """
        try:
            answer = self._client.invoke_endpoint(
                EndpointName=self.endpoint, ContentType="application/json", Accept="application/json", Body=body
            )
            content: bytes = answer["Body"].read()
        except ClientError as error:
            raise _translated(error) from error
        except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
            expected = "expected credentials that may invoke the endpoint"
            raise ServiceError(f"endpoint {self.endpoint}: AWS cannot be asked: {error}; {expected}") from error
        except BotoCoreError as error:
            raise TransientError(f"the endpoint cannot be reached ({type(error).__name__})") from error
        try:
            value: object = json.loads(content)
        except ValueError:
            return None
        return value


def _translated(error: ClientError) -> Exception:
    """Translate a refusal of AWS into an error of ours."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code == "ModelError":
        status = int(error.response.get("OriginalStatusCode", 0))
        reason = str(error.response.get("OriginalMessage", ""))[:300]
        if status in REJECTION_STATUSES:
            return InputError(f"the model rejected the question: {reason}")
        return TransientError(f"the model answered {status}")
    if code in TRANSIENT:
        return TransientError(f"the endpoint is busy or not ready ({code})")
    return ServiceError(f"the endpoint refused: {error}; expected an endpoint in service, and permission to invoke it")
