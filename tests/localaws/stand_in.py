"""A stand-in for the server: python stand_in.py [BEHAVIOUR ...] CONFIGURATION.

`exit CODE TEXT` prints `error: TEXT` and ends; `hang` never listens; `deaf` ignores SIGTERM; `child` starts a process
that outlives it; `slow` is not ready when it is asked first; `undocked` has no Docker engine; `dies` ends with exit
code 75 as soon as it is ready.
"""

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def main(behaviour: list[str], configuration: dict) -> None:
    sys.stderr.write("INFO the stand-in starts\n")
    if behaviour[:1] == ["exit"]:
        sys.stderr.write(f"error: {behaviour[2]}\n")
        sys.exit(int(behaviour[1]))
    signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in behaviour else lambda *_: os._exit(0))
    if "child" in behaviour:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(configuration["state"], "child").write_text(str(child.pid))
    if "hang" in behaviour:
        time.sleep(600)
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status = {
                "instance": f"localaws-{configuration['port']}",
                "state": configuration["state"],
                "ready": "slow" not in behaviour or len(asked) > 2,
                "jobs": {"InProgress": 1, "Completed": 2},
                "running_jobs": ["arn:aws:sagemaker:us-east-1:000000000000:training-job/first"],
                "docker": None if "undocked" in behaviour else "20.10.24",
                "registry": f"127.0.0.1:{configuration['port']}",
            }
            body = json.dumps(status).encode()
            self.send_response(200 if self.path == "/localaws/status" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", configuration["port"]), Handler) as server:
        while "dies" not in behaviour or not asked:
            server.handle_request()
    time.sleep(1)
    sys.exit(75)


if __name__ == "__main__":
    main(sys.argv[1:-1], json.loads(Path(sys.argv[-1]).read_text()))
