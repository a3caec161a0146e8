"""Foreign clients: programs of another environment, which know an address, a key and a region alone."""

import importlib.util
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .world import REGION, World

CONFORMANCE = Path(__file__).parents[2] / "conformance"
CLIENT_S = 240.0
"""Longest run of one client."""
SDK_BUCKET = "sdk-bucket"
"""The SDK creates it. Without a name it asks for the account's number at sts.REGION.amazonaws.com, whatever
`AWS_ENDPOINT_URL` says, to make one up."""
SDK_SETTINGS = f"""
SchemaVersion: "1.0"
SageMaker:
  PythonSDK:
    Modules:
      TelemetryOptOut: true
      Session:
        DefaultS3Bucket: {SDK_BUCKET}
"""


def clients_python() -> Path:
    """Return the Python of their environment, which is made if it is not there."""
    file = CONFORMANCE / "environment.py"
    specification = importlib.util.spec_from_file_location("conformance_environment", file)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.clients_python()


@dataclass(frozen=True)
class Foreign:
    """Runs foreign clients against one localaws."""

    world: World
    python: Path
    home: Path
    """Home directory of the clients."""

    def environment(self) -> dict[str, str]:
        """Return their whole environment."""
        (self.home / "sagemaker.yaml").write_text(SDK_SETTINGS)
        root = self.world.server.configuration
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "AWS_ENDPOINT_URL": self.world.server.url,
            "AWS_ACCESS_KEY_ID": root.access_key,
            "AWS_SECRET_ACCESS_KEY": root.secret_key,
            "AWS_DEFAULT_REGION": REGION,
            "SAGEMAKER_USER_CONFIG_OVERRIDE": str(self.home / "sagemaker.yaml"),
        }

    def start(self, client: str, settings: dict[str, str]) -> subprocess.Popen[bytes]:
        """Start a client of localaws/conformance/clients."""
        given, seen, log = self._files(client)
        given.write_text(json.dumps(settings))
        with given.open() as stdin, seen.open("w") as stdout, log.open("w") as stderr:
            return subprocess.Popen(
                [self.python, CONFORMANCE / "clients" / f"{client}.py"],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=self.environment(),
            )

    def seen(self, client: str, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """Return what a started client saw."""
        _, seen, log = self._files(client)
        assert process.wait(CLIENT_S) == 0, log.read_text()[-6000:]
        return json.loads(seen.read_text())

    def _files(self, client: str) -> tuple[Path, ...]:
        return tuple(self.home / f"{client}.{kind}" for kind in ("settings", "seen", "log"))

    def aws(self, *words: str, **more: Any) -> str:
        """Run the AWS CLI and return its output."""
        done = subprocess.run(
            [self.python, "-m", "awscli", *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=CLIENT_S,
            check=False,
            **more,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
