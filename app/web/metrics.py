"""Prometheus metrics: requests by dialect, operation and outcome, version conflicts, and what happens behind them."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from app.service.metering import Meter

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

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
    buckets=BOUNDS,
    registry=REGISTRY,
)
CONFLICTS = Counter(
    "dragoman_version_conflicts",
    "Commits that found the order changed, or a key taken, and were decided again.",
    registry=REGISTRY,
)

DUE = Gauge(
    "dragoman_tasks_due",
    "Tasks that are due and not done: messages to send, warehouses to ask.",
    registry=REGISTRY,
    multiprocess_mode="mostrecent",  # all processes look at one queue
)
OLDEST = Gauge(
    "dragoman_tasks_oldest_seconds",
    "For how long the oldest of them has been due.",
    registry=REGISTRY,
    multiprocess_mode="mostrecent",
)
DELIVERIES = Counter(
    "dragoman_deliveries",
    "Tries of webhooks by dialect and outcome: `delivered`, `failed` (to be tried again), `lost` (the last try).",
    ("dialect", "outcome"),
    registry=REGISTRY,
)
DELIVERY_SECONDS = Histogram(
    "dragoman_delivery_seconds",
    "Time that a receiver took to answer, or not to.",
    ("dialect",),
    buckets=(*BOUNDS, 30.0, 60.0),
    registry=REGISTRY,
)
ANSWERS = Counter(
    "dragoman_warehouse_answers",
    "Calls of warehouses, and their call backs, by connector and outcome.",
    ("connector", "outcome"),
    registry=REGISTRY,
)
MAILS = Counter(
    "dragoman_mails",
    "Tries of mail to customers by outcome: `sent`, `failed` (to be tried again), `refused` (for good).",
    ("outcome",),
    registry=REGISTRY,
)
READERS = Gauge(
    "dragoman_live_readers",
    "Who follows events live now.",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
DROPPED = Counter(
    "dragoman_live_readers_dropped",
    "Live readers that were too slow.",
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


class _Counting(Meter):
    def delivered(self, dialect: str, outcome: str, seconds: float) -> None:
        DELIVERIES.labels(dialect, outcome).inc()
        DELIVERY_SECONDS.labels(dialect).observe(seconds)

    def answered(self, connector: str, outcome: str) -> None:
        ANSWERS.labels(connector, outcome).inc()

    def mailed(self, outcome: str) -> None:
        MAILS.labels(outcome).inc()

    def reading(self, change: int) -> None:
        READERS.inc(change)

    def dropped(self) -> None:
        DROPPED.inc()


METER = _Counting()


def waiting(due: int | float, oldest: float) -> None:
    """Of the queue as it is now."""
    DUE.set(due)
    OLDEST.set(oldest)


def gone(process: int) -> None:
    """A web process has ended: what it had open counts no longer."""
    mark_process_dead(process)  # type: ignore[no-untyped-call]


def text() -> bytes:
    return generate_latest(_all())


def families() -> list[Metric]:
    """All that there is, as numbers."""
    return list(_all().collect())


def _all() -> CollectorRegistry:
    """Of this process, or of all web processes together when they share a folder for it."""
    if MULTIPROCESS not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together
