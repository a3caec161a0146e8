"""Waiting for a model that is just coming up, as beside a command that started it."""

import time

import urllib3

from ckgqa.runtime.errors import ServiceError
from ckgqa_answer.http_model import endpoint_url

POLL_S = 0.03
OK = 200


def wait_for(endpoint: str, seconds: float) -> None:
    """Wait until the server of a model answers its /ping; an endpoint of SageMaker's is never waited for.

    Raises:
        InputError: the address is wrong.
        ServiceError: it does not answer in time.
    """
    if "://" not in endpoint:
        return
    place = endpoint_url(endpoint).rpartition("/")[0] + "/ping"
    deadline = time.monotonic() + seconds
    with urllib3.PoolManager(retries=False) as pool:
        while time.monotonic() < deadline:
            try:
                if pool.request("GET", place, timeout=max(deadline - time.monotonic(), POLL_S)).status == OK:
                    return
            except urllib3.exceptions.HTTPError:
                pass  # nobody listens yet
            time.sleep(POLL_S)
    raise ServiceError(f"the model at {place} did not come up in {seconds:g} s")
