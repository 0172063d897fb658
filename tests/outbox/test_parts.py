"""The worker's parts on their own: whom to ask when, how many at once, results that go together."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.outbox import Job, Settled
from app.core.refusal import Code, Refusal
from app.outbox.channels import Channels, Work
from app.outbox.hints import Hints
from app.outbox.limits import Limits
from app.outbox.settling import Settling
from app.service import outgoing
from tests.outbox.world import until

_NOW = datetime(2026, 3, 4, tzinfo=UTC)


async def _reached(what: Sequence[object], length: int) -> bool:
    return len(what) == length


def _job(n: int, channel: str = "c") -> Job:
    return Job(
        tenant_id="t1", id=f"{n}", order_id="o", kind="webhook", payload="{}", due_at=_NOW, channel=channel
    )  # fmt: skip


def test_a_hint_is_good_at_once_and_then_after_a_gap() -> None:
    hints = Hints(Limits(gap=0.01, longest_gap=0.5))
    assert hints.next_at() is None
    hints.add("t1", 100.0)
    hints.add("t1", 100.0)
    assert hints.ready(100.0) == ["t1"]
    assert hints.ready(100.0) == []
    hints.claimed("t1", 100.0, found=True)
    hints.add("t1", 100.001)
    hints.add("t2", 100.001)
    assert hints.ready(100.001) == ["t2"]
    assert hints.next_at() == 100.01
    assert hints.ready(100.01) == ["t1"]


def test_one_that_never_has_anything_is_asked_less_and_less() -> None:
    hints, now, claims = Hints(Limits(gap=0.01, longest_gap=0.5)), 100.0, 0
    while now < 110.0:
        hints.add("t1", now)
        for tenant_id in hints.ready(now):
            hints.claimed(tenant_id, now, found=False)
            claims += 1
        now += 0.001
    assert claims < 30
    hints.claimed("t1", now, found=True)
    hints.add("t1", now)
    assert hints.ready(now + 0.011) == ["t1"]


async def test_a_channel_that_fails_is_careful_until_it_works_again() -> None:
    channels, at_once = Channels(Limits(per_channel=4, in_flight=10)), [0]
    seen: list[int] = []

    def work(n: int) -> Work:
        async def run() -> bool:
            at_once[0] += 1
            seen.append(at_once[0])
            await asyncio.sleep(0.002)
            at_once[0] -= 1
            return n >= 10

        return Work(_job(n), run)

    for n in range(40):
        channels.put("c", work(n))
    await until(lambda: _reached(seen, 40))
    await channels.finish(5)
    assert max(seen[:4]) == 4
    assert max(seen[5:11]) <= 4
    assert set(seen[7:11]) == {1}, "after failures one at a time"
    assert max(seen[20:]) == 4


async def test_channels_share_what_may_run_in_all() -> None:
    channels = Channels(Limits(per_channel=4, in_flight=5))
    order: list[str] = []
    running = 0

    def work(n: int, channel: str) -> Work:
        async def run() -> bool:
            nonlocal running
            running += 1
            assert running <= 5
            order.append(channel)
            await asyncio.sleep(0.001)
            running -= 1
            return True

        return Work(_job(n, channel), run)

    for n in range(20):
        channels.put("a", work(n, "a"))
    for n in range(3):
        channels.put("b", work(n, "b"))
    for n in range(3):
        channels.put("c", work(n, "c"))
    await until(lambda: _reached(order, 26))
    await channels.finish(1)
    assert order.index("c") < 12, "those who came later had to wait for all of the first"


async def test_a_channel_with_enough_waiting_is_busy() -> None:
    channels = Channels(Limits(per_channel=1, waiting_per_channel=3))

    async def run() -> bool:
        await asyncio.sleep(60)
        return True

    for n in range(3):
        channels.put("a", Work(_job(n, "a"), run))
        channels.put("b", Work(_job(n + 10, "b"), run))
    assert channels.busy() == []
    channels.put("a", Work(_job(3, "a"), run))
    assert channels.busy() == ["a"]
    assert {job.id for job in channels.clear()} == {"1", "2", "3", "11", "12"}
    await channels.finish(0)


class _Store:
    """Takes what is not poison; what is said to be away raises."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.errors: list[Exception] = []
        self.poison = ""

    async def settle(self, tenant_id: str, settled: Sequence[Settled]) -> None:
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop()
        ids = [each.job.id for each in settled]
        if self.poison in ids:
            raise ValueError("cannot be written")
        self.batches.append(ids)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.outbox.settling._PAUSE", 0.01)


async def test_results_go_together() -> None:
    store: Any = _Store()
    heard: list[tuple[str, datetime | None]] = []
    settling = Settling(store, lambda *facts: heard.append(facts))
    for n in range(3):
        settling.put(Settled(job=_job(n)))
    await asyncio.sleep(0)
    for n in range(3, 300):
        settling.put(Settled(job=_job(n), again_at=_NOW + timedelta(seconds=n)))
    await settling.finish(5)
    assert [len(batch) for batch in store.batches] == [3, 250, 47]
    assert heard == [("t1", None), ("t1", _NOW + timedelta(seconds=3)), ("t1", _NOW + timedelta(seconds=253))]


@pytest.mark.usefixtures("quick")
async def test_results_wait_for_the_database() -> None:
    store: Any = _Store()
    store.errors = [Refusal(Code.UNAVAILABLE), Refusal(Code.TIMED_OUT)]
    settling = Settling(store, lambda *_: None)
    settling.put(Settled(job=_job(1)))
    await asyncio.sleep(0.005)
    settling.put(Settled(job=_job(2)))
    await settling.finish(5)
    assert [id_ for batch in store.batches for id_ in batch] == ["1", "2"]


async def test_one_that_nobody_can_write_does_not_keep_the_others() -> None:
    store: Any = _Store()
    store.poison = "1"
    settling = Settling(store, lambda *_: None)
    for n in range(3):
        settling.put(Settled(job=_job(n)))
    await settling.finish(5)
    assert store.batches == [["0"], ["2"]]


async def test_with_the_database_away_it_ends_all_the_same() -> None:
    store: Any = _Store()
    store.errors = [Refusal(Code.UNAVAILABLE)] * 1000
    settling = Settling(store, lambda *_: None)
    settling.put(Settled(job=_job(1)))
    await asyncio.wait_for(settling.finish(0.05), 2)


def test_message_ids_follow_from_what_they_are_about() -> None:
    parts = ("event", "subscription", 0)
    first = outgoing.message_id(_NOW, *parts)
    assert first == outgoing.message_id(_NOW, *parts)
    others = {outgoing.message_id(_NOW, *other) for other in (("event", "subscription", 1), ("event", "other", 0))}
    assert first not in others
    assert first < outgoing.message_id(_NOW + timedelta(milliseconds=1), *parts)
    assert outgoing.message_id(_NOW, "a", "b") != outgoing.message_id(_NOW, "ab", "")


def test_message_ids_of_one_millisecond_sort_by_place() -> None:
    places = [outgoing.place_of(_NOW, version, n) for version in (1, 2, 998, 999) for n in (0, 1, 998, 999)]
    made = [outgoing.message_id(_NOW, "event", place, place=place) for place in places]
    assert made == sorted(made)
    assert made[-1] < outgoing.message_id(_NOW + timedelta(milliseconds=1), "event")


def test_places_sort_by_time_then_version_then_number() -> None:
    later = _NOW + timedelta(milliseconds=1)
    places = [
        outgoing.place_of(_NOW, 7, 0),
        outgoing.place_of(_NOW, 7, 1),
        outgoing.place_of(_NOW, 8, 0),
        outgoing.place_of(later, 9, 0),
        outgoing.place_of(later + timedelta(days=36_500), 1, 0),
    ]
    assert places == sorted(set(places))
    assert places[-1] < 2**63
    assert replace(_job(1), place=places[-1]).place == places[-1]
