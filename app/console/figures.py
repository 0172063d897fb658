"""What Health draws: the server's own counters, looked at every ten seconds and kept for an hour.

They are those of `/metrics`, so of all web processes together where there are several, and of all tenants.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import Metric

from app.core.refusal import Refusal
from app.web import metrics

log = logging.getLogger("dragoman.console")

STEP = 10
"""Seconds between two looks."""
KEPT = 3600 // STEP
_MOST_ROWS = 50
_NOT_TRAFFIC = {"none", "console"}  # probes, and the console's own page
_INFINITE = float("inf")

Backlog = Callable[[], Awaitable[tuple[int, float]]]
"""How many tasks are due, and for how many seconds the oldest has been."""
Counts = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Totals:
    """Since the start: `requests` by dialect and outcome, `took` by dialect and upper bound in seconds, not summed up;
    `deliveries` by dialect, `answers` by connector, both by outcome."""

    requests: Counts
    took: Counts
    deliveries: Counts
    answers: Counts


@dataclass(frozen=True, slots=True)
class Sample:
    """What came in the `seconds` before `at`, and the queue as it was then; None: nobody knows."""

    at: float
    seconds: float
    new: Totals
    due: int | None
    oldest: float | None


class Figures:
    """Bounded: what it counts by are dialects, codes, connectors and outcomes, and there are few of each."""

    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._before: tuple[float, Totals] | None = None

    async def run(self) -> None:
        """Until cancelled. A look that fails is a gap: nobody's orders wait for it."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("the figures could not be looked at")
            await asyncio.sleep(STEP)

    async def look(self) -> None:
        try:
            due, oldest = await self._backlog()
        except Refusal:
            due, oldest = None, None
        now, totals = time.monotonic(), await asyncio.to_thread(_totals)
        if self._before is not None:
            then, before = self._before
            self._samples.append(Sample(time.time(), now - then, _new(before, totals), due, oldest))
        self._before = (now, totals)

    def shown(self) -> Mapping[str, Any]:
        """Rates a second, times in milliseconds, the queue's in seconds; null where nothing happened."""
        samples = list(self._samples)
        dialects = sorted({key[0] for sample in samples for key in sample.new.requests})
        whole = _sum(sample.new.requests for sample in samples)
        took = _sum(sample.new.took for sample in samples)
        return {
            "step": STEP,
            "at": [round(sample.at) for sample in samples],
            "requests": {name: [_rate(sample, dialect=name) for sample in samples] for name in dialects},
            "refused": [_rate(sample, refused=True) for sample in samples],
            "p50": [_quantile(sample.new.took, 0.5) for sample in samples],
            "p99": [_quantile(sample.new.took, 0.99) for sample in samples],
            "due": [sample.due for sample in samples],
            "oldest": [None if sample.oldest is None else round(sample.oldest, 1) for sample in samples],
            "dialects": [
                {
                    "dialect": name,
                    "requests": int(sum(n for key, n in whole.items() if key[0] == name)),
                    "refused": int(sum(n for key, n in whole.items() if key[0] == name and key[1] != "ok")),
                    "p50": _quantile({key: n for key, n in took.items() if key[0] == name}, 0.5),
                    "p99": _quantile({key: n for key, n in took.items() if key[0] == name}, 0.99),
                }
                for name in dialects
            ],
            "refusals": _rows(("dialect", "code"), {key: n for key, n in whole.items() if key[1] != "ok"}),
            "deliveries": _rows(("dialect", "outcome"), _sum(sample.new.deliveries for sample in samples)),
            "answers": _rows(("connector", "outcome"), _sum(sample.new.answers for sample in samples)),
        }


def _totals() -> Totals:
    found = {family.name: family for family in metrics.families()}
    return Totals(
        requests=_by(found.get("dragoman_requests"), "dialect", "outcome"),
        took=_apart(_by(found.get("dragoman_request_seconds"), "dialect", "le", of="_bucket")),
        deliveries=_by(found.get("dragoman_deliveries"), "dialect", "outcome"),
        answers=_by(found.get("dragoman_warehouse_answers"), "connector", "outcome"),
    )


def _by(family: Metric | None, *labels: str, of: str = "_total") -> Counts:
    counts: dict[tuple[str, ...], float] = {}
    for sample in family.samples if family is not None else ():
        if sample.name.endswith(of) and sample.labels.get("dialect") not in _NOT_TRAFFIC:
            key = tuple(sample.labels[label] for label in labels)
            counts[key] = counts.get(key, 0) + sample.value
    return counts


def _apart(took: Counts) -> Counts:
    """A bucket of Prometheus counts those below it, too."""
    apart: dict[tuple[str, ...], float] = {}
    for name in {key[0] for key in took}:
        below = 0.0
        for bound in sorted((key[1] for key in took if key[0] == name), key=float):
            apart[name, bound] = took[name, bound] - below
            below = took[name, bound]
    return apart


def _new(before: Totals, now: Totals) -> Totals:
    return Totals(
        _more(before.requests, now.requests),
        _more(before.took, now.took),
        _more(before.deliveries, now.deliveries),
        _more(before.answers, now.answers),
    )


def _more(before: Counts, now: Counts) -> Counts:
    return {key: n - before.get(key, 0) for key, n in now.items() if n > before.get(key, 0)}


def _sum(parts: Iterable[Counts]) -> Counts:
    total: dict[tuple[str, ...], float] = {}
    for part in parts:
        for key, n in part.items():
            total[key] = total.get(key, 0) + n
    return total


def _rate(sample: Sample, dialect: str | None = None, *, refused: bool = False) -> float:
    n = sum(
        count
        for key, count in sample.new.requests.items()
        if dialect in {None, key[0]} and (not refused or key[1] != "ok")
    )
    return round(n / sample.seconds, 3) if sample.seconds else 0.0


def _quantile(took: Counts, part: float) -> float | None:
    """Within a bucket as Prometheus' `histogram_quantile` guesses it; beyond the last bound, that one."""
    by_bound: dict[float, float] = {}
    for (_, text), n in took.items():
        by_bound[float(text)] = by_bound.get(float(text), 0) + n
    wanted = sum(by_bound.values()) * part
    below = 0.0
    for bound, n in sorted(by_bound.items()):
        if n and below + n >= wanted:
            lower = max((each for each in metrics.BOUNDS if each < bound), default=0.0)
            seconds = lower if bound == _INFINITE else lower + (bound - lower) * (wanted - below) / n
            return round(seconds * 1000, 2)
        below += n
    return None


def _rows(names: Sequence[str], counts: Counts) -> Sequence[Mapping[str, Any]]:
    """The most frequent first."""
    often = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_ROWS]
    return [{**dict(zip(names, key, strict=True)), "count": int(n)} for key, n in often]
