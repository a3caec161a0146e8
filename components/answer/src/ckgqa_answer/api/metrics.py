"""The counts of `/metrics`, in Prometheus' text format."""

from collections.abc import Callable, Iterable
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from ckgqa_answer.api.schemas import ServiceName, Verdict
from ckgqa_answer.generation.reply import Status

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS_S = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Upper bounds of the histogram, dense around the 20 and 60 ms that an answer may take."""
OTHER = "other"
"""The route of every path without one, so that clients cannot create labels without end."""


class ServiceMetrics:
    """Counts for one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "ckgqa_http_requests", "Requests by route and status.", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "ckgqa_http_request_seconds",
            "Seconds from a whole request to its reply, by route.",
            ["route"],
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        self._answers = Counter("ckgqa_answers", "Replies by their status.", ["status"], registry=self._registry)
        self._failures = Counter(
            "ckgqa_failures", "Requests that failed since a service was down.", ["service"], registry=self._registry
        )
        self._verdicts = Counter("ckgqa_feedback", "Verdicts on answers.", ["verdict"], registry=self._registry)
        self.in_progress = Gauge("ckgqa_requests_under_way", "Requests being answered.", registry=self._registry)

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_reply(self, status: Status) -> None:
        """Count a reply."""
        self._answers.labels(status).inc()

    def count_failure(self, service: ServiceName | Literal["own"]) -> None:
        """Count a request that failed since a service, or the answerer itself, was down."""
        self._failures.labels(service).inc()

    def count_verdict(self, verdict: Verdict) -> None:
        """Count a verdict."""
        self._verdicts.labels(verdict).inc()

    def watch_index(self, reload_failures: Callable[[], int]) -> None:
        """Show the number of failed reloads of the linking index."""
        self._registry.register(_IndexCollector(reload_failures))

    def text(self) -> bytes:
        """Return all counts."""
        return generate_latest(self._registry)


class _IndexCollector(Collector):
    """Reads the counter of the linking index when `/metrics` is asked."""

    def __init__(self, reload_failures: Callable[[], int]) -> None:
        self._reload_failures = reload_failures

    def collect(self) -> Iterable[CounterMetricFamily]:
        """Yield the counter."""
        text = "Failed reloads of a changed graph's names; answers continue from the last good index."
        yield CounterMetricFamily("ckgqa_index_reload_failures", text, value=self._reload_failures())
