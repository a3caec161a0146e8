"""What `/metrics` counts, in Prometheus' text format."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SECONDS = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Borders of the histogram, round the 20 and 60 ms that an answer may take."""
OTHER = "other"
"""The route of what is asked for and is not there, so that nobody makes up routes without end."""


class Metrics:
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
            buckets=SECONDS,
            registry=self._registry,
        )
        self._answers = Counter("ckgqa_answers", "Replies by their status.", ["status"], registry=self._registry)
        self._failures = Counter(
            "ckgqa_failures", "Requests that failed since a service was down.", ["service"], registry=self._registry
        )
        self._verdicts = Counter("ckgqa_feedback", "Verdicts on answers.", ["verdict"], registry=self._registry)
        self.under_way = Gauge("ckgqa_requests_under_way", "Requests being answered.", registry=self._registry)

    def seen(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, status: str) -> None:
        """Count a reply."""
        self._answers.labels(status).inc()

    def failed(self, service: str) -> None:
        """Count a request that failed since a service was down."""
        self._failures.labels(service).inc()

    def judged(self, verdict: str) -> None:
        """Count a verdict."""
        self._verdicts.labels(verdict).inc()

    def text(self) -> bytes:
        """Write all counts."""
        return generate_latest(self._registry)
