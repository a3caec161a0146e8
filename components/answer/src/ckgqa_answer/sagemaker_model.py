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
from ckgqa_answer.prediction import Prediction, read_predictions
from ckgqa_answer.retries import PassingError, Retries

# Names of AWS's errors. `ModelError` is what the container itself answered; its status tells which way it failed.
PASSING = frozenset(
    {
        "ThrottlingException",
        "ServiceUnavailable",
        "InternalFailure",
        "InternalDependencyException",
        "ModelNotReadyException",
    }
)
REFUSED = frozenset({400, 413, 415, 422})


class SageMakerModel:
    """Asks an endpoint by `invoke_endpoint`.

    Args:
        client: boto3's client for `sagemaker-runtime`, made once at the entrance, with its own timeouts; threads may
            share it.
        endpoint: name of the endpoint.
        retries: how often it is tried.
    """

    def __init__(self, client: Any, endpoint: str, retries: Retries | None = None) -> None:  # noqa: ANN401 -- boto3
        self._client = client
        self.endpoint = endpoint
        self._retries = retries or Retries()

    def predict(self, questions: Sequence[str]) -> list[Prediction]:
        """Read questions; see `Model.predict`."""
        body = json.dumps({"questions": list(questions)}, ensure_ascii=False).encode()
        place = f"endpoint {self.endpoint}"
        reply = self._retries.run(place, lambda: self._invoke(body))
        return read_predictions(reply, questions, place)

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def _invoke(self, body: bytes) -> object:
        """Send one request.

        Raises:
            PassingError: the endpoint may answer later.
            InputError: the model refuses the question.
            ServiceError: there is no such endpoint, or we may not ask it, or have no credentials.
        """
        try:
            answer = self._client.invoke_endpoint(
                EndpointName=self.endpoint, ContentType="application/json", Accept="application/json", Body=body
            )
            content: bytes = answer["Body"].read()
        except ClientError as error:
            raise _meaning(error) from error
        except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
            expected = "credentials that may invoke the endpoint are expected"
            raise ServiceError(f"endpoint {self.endpoint}: AWS cannot be asked: {error}; {expected}") from error
        except BotoCoreError as error:
            raise PassingError(f"the endpoint cannot be reached ({type(error).__name__})") from error
        try:
            value: object = json.loads(content)
        except ValueError:
            return None
        return value


def _meaning(error: ClientError) -> Exception:
    """Say what a refusal of AWS means for us."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code == "ModelError":
        status = int(error.response.get("OriginalStatusCode", 0))
        words = str(error.response.get("OriginalMessage", ""))[:300]
        if status in REFUSED:
            return InputError(f"the model refused the question: {words}")
        return PassingError(f"the model answered {status}")
    if code in PASSING:
        return PassingError(f"the endpoint is busy or not ready ({code})")
    return ServiceError(f"the endpoint refused: {error}; an endpoint in service, and leave to invoke it, are expected")
