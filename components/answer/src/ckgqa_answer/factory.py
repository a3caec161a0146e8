"""Builds an application from a graph's folder and a model's address."""

import re
from pathlib import Path
from typing import Any

from ckgqa.runtime.artefacts import GRAPH, GRAPH_ADDRESS_JSON, GRAPH_DB
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.jsonlines import read_json
from ckgqa.runtime.manifest import Manifest, read_manifest
from ckgqa.runtime.retry import RetryPolicy
from ckgqa.runtime.settings import refusal
from ckgqa_answer.application import Application
from ckgqa_answer.confidence.calibration import Calibration
from ckgqa_answer.linking.index import Index
from ckgqa_answer.linking.lexicon import Lexicon
from ckgqa_answer.linking.sentences import SentenceStore
from ckgqa_answer.question_model.http import HttpModel
from ckgqa_answer.question_model.prediction import QuestionModel
from ckgqa_answer.retrieval.graph_client import GraphClient
from ckgqa_answer.settings import REQUEST_RETRIES, AnswerSettings

ENDPOINT_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
"""The names that SageMaker's CreateEndpoint allows."""


def read_graph_manifest(folder: Path) -> Manifest:
    """Read the manifest of a graph's folder.

    Raises:
        InputError: the folder is not a graph, or one of another version.
    """
    return read_manifest(folder, GRAPH)


def graph_url(folder: Path, url: str = "") -> str:
    """Return the address of a folder's graph: `url` if it is not empty, the file in the folder, or the server it names.

    Raises:
        InputError: there is neither.
    """
    if url:
        return url
    if (folder / GRAPH_DB).is_file():
        return str(folder / GRAPH_DB)
    if (folder / GRAPH_ADDRESS_JSON).is_file():
        return str(read_json(folder / GRAPH_ADDRESS_JSON).get("url", ""))
    raise InputError(
        f"{folder}: neither {GRAPH_DB} nor {GRAPH_ADDRESS_JSON} is there; a graph's folder (ckgqa/graph) has one"
    )


def open_model(
    endpoint: str,
    timeout_s: float = 5.0,
    retries: RetryPolicy = REQUEST_RETRIES,
    client: Any = None,  # noqa: ANN401 -- boto3
) -> QuestionModel:
    """Return the client of a model.

    Args:
        endpoint: http://HOST:PORT of a server, or the name of a SageMaker endpoint.
        timeout_s: seconds that one attempt may take.
        retries: how often a request is tried.
        client: boto3's client for `sagemaker-runtime`; None makes one if the endpoint is SageMaker's.

    Raises:
        InputError: the address is wrong.
        ServiceError: no client of AWS can be made here.
    """
    expected = "http://HOST:PORT, or the name of a SageMaker endpoint"
    if not endpoint.strip():
        raise InputError(f"the model's address is empty: expected {expected}")
    if "://" in endpoint:
        return HttpModel(endpoint, timeout_s, retries)
    if not ENDPOINT_NAME.fullmatch(endpoint):
        raise InputError(refusal("model address", endpoint, expected))
    # Only a SageMaker endpoint needs boto3, whose import is slow.
    from ckgqa_answer.question_model.sagemaker import SageMakerModel  # noqa: PLC0415

    return SageMakerModel(client or _runtime_client(timeout_s), endpoint, retries)


def open_application(
    folder: Path,
    model: QuestionModel,
    *,
    url: str = "",
    settings: AnswerSettings | None = None,
    calibration: Calibration | None = None,
    index: Path | None = None,
    graph_timeout_s: float = 5.0,
    connections: int = 8,
) -> Application:
    """Open a graph's folder, and build an application that answers from it.

    Args:
        folder: an output of `neptune_load load` (ckgqa/graph).
        model: predicts intents and slots.
        url: address of the graph, if it is not the folder's own.
        settings: of the answerer.
        calibration: of the confidence.
        index: file of the linking index; None keeps it in the user's cache.
        graph_timeout_s: seconds that one traversal may take.
        connections: traversals that run at once.

    Raises:
        InputError: the folder is not a graph, or one of another version.
        ServiceError: the index cannot be written.
    """
    read_graph_manifest(folder)
    opened = Index(folder, index)
    graph = GraphClient(graph_url(folder, url), graph_timeout_s, connections)
    return Application(model, graph, Lexicon(opened), SentenceStore(opened), settings, calibration)


def _runtime_client(timeout_s: float) -> Any:  # noqa: ANN401 -- boto3 is not typed
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    config = Config(read_timeout=timeout_s, connect_timeout=timeout_s, retries={"total_max_attempts": 1})
    try:
        return boto3.client("sagemaker-runtime", config=config)
    except BotoCoreError as error:
        raise ServiceError(f"AWS cannot be asked from here: {error}; expected a region and credentials") from error
