"""Puts an application together from a graph's folder and a model's address."""

import re
from pathlib import Path
from typing import Any

from ckgqa.runtime.artefacts import GRAPH, GRAPH_ADDRESS_JSON, GRAPH_DB
from ckgqa.runtime.errors import InputError, ServiceError
from ckgqa.runtime.jsonlines import read_json
from ckgqa.runtime.manifest import Manifest, read_manifest
from ckgqa_answer.application import Application
from ckgqa_answer.confidence import Calibration
from ckgqa_answer.graph import Graph
from ckgqa_answer.http_model import HttpModel
from ckgqa_answer.index import Index
from ckgqa_answer.names import Names
from ckgqa_answer.prediction import Model
from ckgqa_answer.retries import Retries
from ckgqa_answer.settings import AnswerSettings
from ckgqa_answer.texts import Texts

ENDPOINT_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
"""What SageMaker's CreateEndpoint takes."""


def read_graph_manifest(folder: Path) -> Manifest:
    """Read what a graph's folder is.

    Raises:
        InputError: it is none, or one of another version.
    """
    return read_manifest(folder, GRAPH)


def graph_url(folder: Path, url: str = "") -> str:
    """Give the address of a folder's graph: `url` where it is given, the file in the folder, or the server it names.

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
    retries: Retries | None = None,
    client: Any = None,  # noqa: ANN401 -- boto3
) -> Model:
    """Give the client of a model.

    Args:
        endpoint: http://HOST:PORT of a server, or the name of a SageMaker endpoint.
        timeout_s: seconds that one attempt may take.
        retries: how often it is tried.
        client: boto3's client for `sagemaker-runtime`; None makes one where the endpoint is SageMaker's.

    Raises:
        InputError: the address is wrong.
        ServiceError: AWS cannot be asked from here.
    """
    if not endpoint.strip():
        raise InputError("no model is named: http://HOST:PORT, or the name of a SageMaker endpoint, would be right")
    if "://" in endpoint:
        return HttpModel(endpoint, timeout_s, retries)
    if not ENDPOINT_NAME.fullmatch(endpoint):
        raise InputError(f"model {endpoint!r}: http://HOST:PORT, or the name of a SageMaker endpoint, would be right")
    # Only who asks an endpoint of SageMaker's waits for boto3 to be imported.
    from ckgqa_answer.sagemaker_model import SageMakerModel  # noqa: PLC0415

    return SageMakerModel(client or _runtime_client(timeout_s), endpoint, retries)


def open_application(
    folder: Path,
    model: Model,
    *,
    url: str = "",
    settings: AnswerSettings | None = None,
    calibration: Calibration | None = None,
    index: Path | None = None,
    graph_timeout_s: float = 5.0,
    connections: int = 8,
) -> Application:
    """Open a graph's folder and answer from it.

    Args:
        folder: as `neptune_load load` wrote it (ckgqa/graph).
        model: reads the questions.
        url: address of the graph where it is not the folder's own.
        settings: how far it looks.
        calibration: of the confidence.
        index: file of the linking index; None keeps it in the user's cache.
        graph_timeout_s: seconds that one traversal may take.
        connections: traversals that run at once.

    Raises:
        InputError: the folder is none of a graph's, or of another version.
        ServiceError: the index cannot be written.
    """
    read_graph_manifest(folder)
    names = Index(folder, index)
    graph = Graph(graph_url(folder, url), graph_timeout_s, connections)
    return Application(model, graph, Names(names), Texts(names), settings, calibration)


def _runtime_client(timeout_s: float) -> Any:  # noqa: ANN401 -- boto3 is not typed
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    config = Config(read_timeout=timeout_s, connect_timeout=timeout_s, retries={"total_max_attempts": 1})
    try:
        return boto3.client("sagemaker-runtime", config=config)
    except BotoCoreError as error:
        raise ServiceError(f"AWS cannot be asked from here: {error}; a region and credentials are expected") from error
