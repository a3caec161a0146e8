"""Measures the time of the serving image from `docker run` to its first 200 on /ping; the image must exist.

    python components/train_jointbert/benchmarks/serve_start.py --model build/question-model

Prints each round and the median.
"""

import argparse
import http.client
import socket
import statistics
import subprocess
import time
from pathlib import Path

IMAGE = "ckgqa/train-jointbert-serve"
ROUNDS = 5
DEADLINE_S = 60
PAUSE_S = 0.02


def main() -> None:
    """Start the image several times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a model folder that `train` wrote")
    parser.add_argument("--image", default=IMAGE, help="the image that is started")
    arguments = parser.parse_args()
    spent = [start(arguments.image, arguments.model.resolve()) for _ in range(ROUNDS)]
    print(", ".join(f"{seconds:.2f} s" for seconds in spent), f"median {statistics.median(spent):.2f} s")  # noqa: T201


def start(image: str, model: Path) -> float:
    """Start a container, wait for its first answer, remove it, and return the seconds until that answer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    volume = f"{model}:/opt/ml/model:ro"
    command = ["docker", "run", "--detach", "--publish", f"127.0.0.1:{port}:8080", "--volume", volume, image, "serve"]
    started = time.monotonic()
    container = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    try:
        while not answers(port):
            if time.monotonic() - started > DEADLINE_S:
                raise SystemExit(f"{image} does not answer; see `docker logs {container}`")
            time.sleep(PAUSE_S)
        return time.monotonic() - started
    finally:
        subprocess.run(["docker", "rm", "--force", container], check=True, capture_output=True)


def answers(port: int) -> bool:
    """Return whether /ping answers with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
