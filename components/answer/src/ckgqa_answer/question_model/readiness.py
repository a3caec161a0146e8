"""Waits for a question model that is starting, such as one that `ckgqa ask` started beside the answerer."""

import time
from http import HTTPStatus

import urllib3

from ckgqa.runtime.errors import ServiceError
from ckgqa_answer.question_model.http import endpoint_url

POLL_S = 0.03


def wait_until_ready(endpoint: str, timeout_s: float) -> None:
    """Wait until the server of a model answers its /ping; return at once for the name of a SageMaker endpoint.

    Raises:
        InputError: the address is wrong.
        ServiceError: the server does not answer in time.
    """
    if "://" not in endpoint:
        return
    url = endpoint_url(endpoint).rpartition("/")[0] + "/ping"
    deadline = time.monotonic() + timeout_s
    with urllib3.PoolManager(retries=False) as pool:
        while time.monotonic() < deadline:
            try:
                if pool.request("GET", url, timeout=max(deadline - time.monotonic(), POLL_S)).status == HTTPStatus.OK:
                    return
            except urllib3.exceptions.HTTPError:
                pass  # nothing listens yet
            time.sleep(POLL_S)
    raise ServiceError(f"the model at {url} did not come up in {timeout_s:g} s")
