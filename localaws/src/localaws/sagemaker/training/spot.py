"""Spot interruptions: how often a spot training is interrupted, and how long it may take in all."""

import time

from localaws.platform import Platform
from localaws.sagemaker.records import get_tags
from localaws.store import Record

TAG = "localaws:spot-interruptions"
"""Tag of a training job that says how often it is interrupted; without it the setting of the localaws holds."""
NEVER = float("inf")


class SpotPlan:
    """The interruptions that one training job has before it."""

    def __init__(self, platform: Platform, request: Record) -> None:
        configuration = platform.configuration
        self._spot = bool(request.get("EnableManagedSpotTraining"))
        tag = get_tags(platform, request["TrainingJobArn"]).get(TAG, "")
        wanted = int(tag) if tag.isdecimal() else configuration.spot_interruptions
        self._left = wanted if self._spot else 0
        self._after_s = configuration.period_s(configuration.spot_interruption_after_s)
        wait_s = request["StoppingCondition"].get("MaxWaitTimeInSeconds")
        self._wait_until = time.monotonic() + configuration.period_s(wait_s) if self._spot and wait_s else NEVER

    def next_at(self, begun: float) -> float:
        """Return when a training that began then is interrupted, by `time.monotonic`; infinity if it is not."""
        return begun + self._after_s if self._left else NEVER

    def wait_until(self) -> float:
        """Return when the waiting time of the whole job ends, by `time.monotonic`."""
        return self._wait_until

    def interrupted(self) -> None:
        """Note an interruption."""
        self._left -= 1
