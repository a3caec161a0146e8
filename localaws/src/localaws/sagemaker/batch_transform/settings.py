"""How a transform job invokes its model: what the request says, else what the container says, else AWS's defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localaws.store import Record

DEFAULT_PAYLOAD_MB = 6
MAX_PAYLOAD_MB = 100
STRATEGIES = {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}
"""`BatchStrategy` in the API -> in the environment, in `/execution-parameters` and in the data log."""
MAX_NUMBER = 100
"""Most MB of a payload, and most invocations at the same time, that a container may ask for."""
MIB = 1 << 20


@dataclass(frozen=True)
class TransformSettings:
    """The settings of the invocations of one instance."""

    max_concurrent: int
    payload_mb: int
    strategy: str
    """`MultiRecord` or `SingleRecord`."""

    @property
    def limit(self) -> int:
        """Largest payload in bytes; 0: any size."""
        return self.payload_mb * MIB

    def __str__(self) -> str:
        """Return the first line of the data log."""
        return (
            f"MaxConcurrentTransforms={self.max_concurrent}, MaxPayloadInMB={self.payload_mb}, "
            f"BatchStrategy={STRATEGIES[self.strategy]}"
        )


def resolve_settings(request: Record, parameters: Mapping[str, Any]) -> TransformSettings:
    """Return the settings of a job.

    Args:
        request: its record.
        parameters: what its container answers to `GET /execution-parameters`; values that make no sense are ignored.
    """
    named = {value: name for name, value in STRATEGIES.items()}
    payload = _number(parameters.get("MaxPayloadInMB"), 0, DEFAULT_PAYLOAD_MB)
    concurrent = _number(parameters.get("MaxConcurrentTransforms"), 1, 1)
    return TransformSettings(
        max_concurrent=request.get("MaxConcurrentTransforms") or concurrent,
        payload_mb=request.get("MaxPayloadInMB", payload),
        strategy=request.get("BatchStrategy") or named.get(str(parameters.get("BatchStrategy")), "MultiRecord"),
    )


def transform_environment(request: Record, model: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a job's containers: that of the model, of the job, and SageMaker's own."""
    environment = {**model, **request.get("Environment", {}), "SAGEMAKER_BATCH": "true"}
    if "MaxPayloadInMB" in request:
        environment["SAGEMAKER_MAX_PAYLOAD_IN_MB"] = str(request["MaxPayloadInMB"])
    if "BatchStrategy" in request:
        environment["SAGEMAKER_BATCH_STRATEGY"] = STRATEGIES[request["BatchStrategy"]]
    if "MaxConcurrentTransforms" in request:
        environment["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] = str(request["MaxConcurrentTransforms"])
    return environment


def _number(value: object, least: int, default: int) -> int:
    return value if type(value) is int and least <= value <= MAX_NUMBER else default
