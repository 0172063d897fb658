"""The figures of the last hour: counted, and bounded. Apart from the tests with a browser, whose loop is another."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.console import figures
from app.core.refusal import Code, Refusal
from app.web import metrics


class Queue:
    def __init__(self) -> None:
        self.due: tuple[int, float] | None = (3, 12.5)

    async def backlog(self) -> tuple[int, float]:
        if self.due is None:
            raise Refusal(Code.UNAVAILABLE)
        return self.due


def _of(shown: Mapping[str, Any], dialect: str) -> Mapping[str, Any]:
    return next(each for each in shown["dialects"] if each["dialect"] == dialect)


async def test_what_is_new_since_the_look_before():
    queue = Queue()
    seen = figures.Figures(queue.backlog)
    metrics.observe("figured", "one", "ok", 0.002)
    await seen.look()
    assert seen.shown()["at"] == [], "what was before the first look belongs to no time"
    for _ in range(98):
        metrics.observe("figured", "one", "ok", 0.004)
    metrics.observe("figured", "two", "order_not_found", 0.4)
    metrics.observe("figured", "two", "order_not_found", 40.0)
    metrics.observe("console", "page", "ok", 9.0)
    metrics.observe("none", "none", "404", 9.0)
    metrics.METER.delivered("figured", "lost", 0.1)
    metrics.METER.answered("figured", "failed")
    await seen.look()
    queue.due = None
    await seen.look()
    shown = seen.shown()
    assert (shown["due"], shown["oldest"]) == ([3, None], [12.5, None])
    assert len(shown["at"]) == len(shown["p50"]) == len(shown["requests"]["figured"]) == 2
    assert (shown["requests"]["figured"][0] > 0, shown["requests"]["figured"][1]) == (True, 0.0)
    assert not {"console", "none"} & set(shown["requests"])
    of = _of(shown, "figured")
    assert (of["requests"], of["refused"]) == (100, 2)
    # 50 of the 98 in the bucket from 2.5 to 5 ms; the 99th in that from 250 to 500 ms, to its end.
    assert (of["p50"], of["p99"]) == (pytest.approx(3.78, abs=0.01), 500.0)
    assert {"dialect": "figured", "code": "order_not_found", "count": 2} in shown["refusals"]
    assert {"dialect": "figured", "outcome": "lost", "count": 1} in shown["deliveries"]
    assert {"connector": "figured", "outcome": "failed", "count": 1} in shown["answers"]


async def test_an_hour_is_kept_and_no_more():
    seen = figures.Figures(Queue().backlog)
    seen._samples.extend([figures.Sample(0.0, 1.0, figures.Totals({}, {}, {}, {}), 0, 0.0)] * 1_000)
    assert len(seen.shown()["at"]) == figures.KEPT
