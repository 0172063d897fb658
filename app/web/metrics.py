"""Prometheus metrics: requests by dialect, operation and outcome, their latencies, and version conflicts."""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "dragoman_requests",
    "Requests by dialect, operation and outcome (`ok`, or the code of the refusal).",
    ("dialect", "operation", "outcome"),
    registry=REGISTRY,
)
SECONDS = Histogram(
    "dragoman_request_seconds",
    "Time from the request's headers to the last byte of the answer.",
    ("dialect", "operation"),
    buckets=_BUCKETS,
    registry=REGISTRY,
)
CONFLICTS = Counter(
    "dragoman_version_conflicts",
    "Commits that found the order changed, or a key taken, and were decided again.",
    registry=REGISTRY,
)

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"

_known: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}


def observe(dialect: str, operation: str, outcome: str, seconds: float) -> None:
    """All three labels come from fixed sets, so the number of series is bounded."""
    key = (dialect, operation, outcome)
    held = _known.get(key)
    if held is None:
        held = _known[key] = REQUESTS.labels(dialect, operation, outcome), SECONDS.labels(dialect, operation)
    held[0].inc()
    held[1].observe(seconds)


def text() -> bytes:
    """Of this process, or of all web processes together when they share a folder for it."""
    if MULTIPROCESS not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)
