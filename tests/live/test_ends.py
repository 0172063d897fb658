"""Why a reader gets no more, and what is left behind then: nothing."""

import asyncio
from datetime import timedelta

import pytest

from app.core.ports import StoredEvent
from app.core.refusal import Refusal
from app.service.reader import Ended
from tests.live.feed import NOW, TENANT, Feed, caller, event, nothing, take


def _tasks() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("live ")]


@pytest.mark.parametrize(
    "facts", [{"revoked_at": NOW}, {"expires_at": NOW}, {"tenant_active": False}], ids=lambda facts: next(iter(facts))
)
async def test_a_key_that_is_no_good_any_more_ends_its_streams(facts: dict[str, object]) -> None:
    feed = Feed(check_every=1)
    feed.add_key("c2")
    ending, staying = await feed.live.open(caller("c2")), await feed.open()
    feed.add_key("c2", **facts)
    assert await ending.take(5) is None
    assert (ending.ended, staying.ended) == (Ended.KEY, None)


async def test_a_key_that_is_gone_ends_its_streams() -> None:
    feed = Feed(check_every=1)
    ending = await feed.live.open(caller("c3"))
    assert await ending.take(5) is None
    assert ending.ended is Ended.KEY


async def test_a_caller_of_limited_time_ends_with_it() -> None:
    """A token may end before its key does."""
    feed = Feed(check_every=1)
    ending = await feed.live.open(caller(expires_at=feed.clock.now() + timedelta(seconds=0.5)))
    staying = await feed.live.open(caller(expires_at=feed.clock.now() + timedelta(hours=1)))
    assert await ending.take(5) is None
    assert (ending.ended, staying.ended) == (Ended.KEY, None)


async def test_a_revocation_here_holds_at_once(feed: Feed) -> None:
    ending, staying = await feed.live.open(caller("c2")), await feed.open()
    feed.live.forget("c2")
    assert await ending.take(5) is None
    assert (ending.ended, staying.ended) == (Ended.KEY, None)


async def test_at_shutdown_all_get_what_is_there_and_nothing_more(feed: Feed) -> None:
    reader, other, behind = await feed.open(), await feed.open(), await feed.open(after=feed.earlier(60).id)
    made = sorted((feed.earlier(1) for _ in range(50)), key=lambda each: each.id)
    feed.signals.changed(TENANT)
    assert await take(other, 50) == made
    feed.live.end()
    assert await take(reader, 50) == made
    assert [await each.take(5) for each in (reader, behind, await feed.open())] == [None] * 3
    assert (reader.ended, behind.ended) == (Ended.SHUTDOWN, Ended.SHUTDOWN)
    assert feed.meter.now == 0


async def test_the_tail_ends_with_the_last_reader(feed: Feed) -> None:
    first, second = await feed.open(), await feed.open()
    assert _tasks() == [f"live {TENANT}"]
    first.close()
    await asyncio.sleep(0)
    assert _tasks() == [f"live {TENANT}"]
    second.close()
    second.close()
    await asyncio.sleep(0.01)
    assert _tasks() == []
    assert feed.meter.now == 0
    asked = len(feed.events.asked)
    feed.make()
    await asyncio.sleep(0.3)
    assert len(feed.events.asked) == asked


async def test_leaving_a_loop_over_it_closes_it(feed: Feed) -> None:
    following = aiter(await feed.open())
    made = feed.make()
    assert (await anext(following)).event == made
    await following.aclose()  # type: ignore[attr-defined]
    assert feed.meter.now == 0


async def test_nobody_starts_without_a_database(feed: Feed) -> None:
    feed.events.away = True
    for after in (None, event(NOW).id):
        with pytest.raises(Refusal):
            await feed.open(after=after)
    assert feed.meter.now == 0
    feed.events.away = False
    reader = await feed.open()
    made = feed.make()
    assert await take(reader, 1) == [made]


@pytest.mark.usefixtures("soon")
async def test_an_outage_is_waited_out(feed: Feed) -> None:
    reader = await feed.open()
    feed.events.away = True
    made = [feed.make() for _ in range(3)]
    await nothing(reader)
    feed.events.away = False
    assert await take(reader, 3) == sorted(made, key=lambda each: each.id)


async def test_who_catches_up_in_an_outage_has_to_come_back(feed: Feed) -> None:
    reader = await feed.open(after=feed.earlier(60).id)
    feed.events.away = True
    assert await reader.take(5) is None
    assert reader.ended is Ended.FAULT


async def test_a_fault_ends_all_streams_and_is_logged(
    feed: Feed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reader = await feed.open()

    async def fail(*_: object) -> list[StoredEvent]:
        raise KeyError

    with monkeypatch.context() as patched:
        patched.setattr(feed.events, "events", fail)
        feed.make()
        assert await reader.take(5) is None
    assert reader.ended is Ended.FAULT
    assert "broke off" in caplog.text
    again = await feed.open()
    made = feed.make()
    assert await take(again, 1) == [made]
