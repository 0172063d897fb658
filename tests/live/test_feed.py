"""Readers: each gets what it asked for from where it left off, without a gap or a double, and ends for a reason."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from app.core import ids
from app.core.ports import StoredEvent
from app.service import live, reader, tail
from app.service.reader import Ended, Reader
from tests.live.feed import NOW, PATIENCE, TENANT, Feed, event, nothing, take


async def test_from_now_on(feed: Feed) -> None:
    feed.make()
    reader = await feed.open()
    made = feed.make()
    assert await take(reader, 1) == [made]
    another = await feed.open()
    await nothing(reader, 0.3)
    later = feed.make()
    assert [await take(each, 1) for each in (reader, another)] == [[later], [later]]


async def test_one_made_right_before_is_not_new(feed: Feed) -> None:
    await feed.open()
    feed.make()  # still held back for the first reader
    reader = await feed.open()
    made = feed.make()
    assert await take(reader, 1) == [made]


async def test_from_where_it_left_off(feed: Feed) -> None:
    made = [feed.earlier(100 - n / 20) for n in range(1990)]
    assert made == sorted(made, key=lambda each: each.id)
    reader = await feed.open(after=made[700].id)
    assert await take(reader, 1289) == made[701:]
    live_one = feed.make()
    assert await take(reader, 1) == [live_one]


async def test_a_cursor_from_the_future_waits_for_what_comes(feed: Feed) -> None:
    feed.make()
    reader = await feed.open(after=ids.first_of(feed.clock.now() + timedelta(hours=1)))
    await nothing(reader)
    made = feed.make()
    assert await take(reader, 1) == [made]


async def test_only_what_it_asked_for(feed: Feed) -> None:
    past = [feed.earlier(90, order=order, type_=type_) for order in "ab" for type_ in ("x", "y")]
    begin = event(NOW - timedelta(days=99)).id
    order_b = await feed.open(after=begin, orders=["b"])
    type_y = await feed.open(after=begin, types=["y", "z"])
    both = await feed.open(after=begin, orders=["b"], types=["y"])
    now = [feed.make(order=order, type_=type_) for order in "ab" for type_ in ("x", "y")]
    made = sorted(past + now, key=lambda each: each.id)
    assert await take(order_b, 4) == [each for each in made if each.order_id == "b"]
    assert await take(type_y, 4) == [each for each in made if each.type == "y"]
    assert await take(both, 2) == [each for each in made if each.order_id == "b" and each.type == "y"]


async def test_another_tenants_events_are_not_seen(feed: Feed) -> None:
    reader = await feed.open()
    feed.signals.changed("t2", "o9")
    await nothing(reader)
    assert len(feed.events.asked) == 2  # its own start


@pytest.mark.usefixtures("soon")
async def test_what_no_signal_told_of_is_found_all_the_same(feed: Feed) -> None:
    reader = await feed.open()
    made = feed.earlier(0.3)
    assert await take(reader, 1) == [made]


async def test_a_signal_of_nobody_in_particular_is_everybodys(feed: Feed) -> None:
    reader = await feed.open()
    made = feed.earlier(0.3)
    feed.signals.heard("")
    assert await take(reader, 1) == [made]


async def test_many_signals_are_one_look_and_many_readers_too(feed: Feed) -> None:
    readers = [await feed.open() for _ in range(100)]
    await asyncio.sleep(0.3)
    before = len(feed.events.asked)
    made = [feed.earlier(0.1) for _ in range(50)]
    for _ in made:
        feed.signals.changed(TENANT, "o1")
    shared = [await reader.take(5) for reader in readers]
    assert len(feed.events.asked) - before == 1
    assert [item.event for item in shared[0] or []] == sorted(made, key=lambda each: each.id)
    assert all(items is not None and [*map(id, items)] == [*map(id, shared[0] or [])] for items in shared)


async def _write(feed: Feed, made: list[StoredEvent], random: Random) -> None:
    """For a second, each visible when its commit is done: mostly at once, sometimes much later than younger ones."""

    async def commit(number: int) -> None:
        await asyncio.sleep(number / 1000)
        one = event(feed.clock.now())
        await asyncio.sleep(random.choice([0, 0.001, 0.005, 0.02, 0.4]))
        made.append(one)
        feed.events.show(one)
        feed.signals.changed(TENANT, "o1")

    await asyncio.gather(*(commit(number) for number in range(1000)))


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("seed", range(3))
async def test_without_a_gap_or_a_double(feed: Feed, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers come at any time, from any position, while others write; a few stay for all of it."""
    monkeypatch.setattr(tail, "_REMEMBERED", 300)
    monkeypatch.setattr(tail, "PAGE", 50)
    monkeypatch.setattr(live, "PAGE", 50)
    random = Random(seed)
    made = [feed.earlier(20 - n / 50) for n in range(900)]
    await feed.open()
    known = {each.id for each in made}
    writing = asyncio.create_task(_write(feed, made, random))
    opened: list[tuple[str, Reader]] = []
    while not writing.done():
        await asyncio.sleep(random.random() / 20)
        settled = [each.id for each in made if each.at < feed.clock.now() - timedelta(seconds=1)]
        after = random.choice(settled)
        opened.append((after, await feed.open(after=after)))
    await writing
    for after, opened_one in opened:
        wanted = sorted(each.id for each in made if each.id > after)
        found = [each.id for each in await take(opened_one, len(wanted))]
        assert sorted(found) == wanted
        assert [id_ for id_ in found if id_ in known] == [id_ for id_ in wanted if id_ in known]
    for _, opened_one in opened:
        await nothing(opened_one, 0.01)


async def test_a_slow_one_is_dropped_and_no_other(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_MOST_WAITING", 120)
    slow, quick = await feed.open(), await feed.open()
    told: list[Ended] = []
    slow.on_end = told.append
    for _ in range(3):
        assert slow.ended is None
        made = [feed.make() for _ in range(50)]
        assert await take(quick, 50) == sorted(made, key=lambda each: each.id)
    assert (slow.ended, told, await slow.take(1)) == (Ended.SLOW, [Ended.SLOW], None)
    assert (feed.meter.now, feed.meter.dropped_ones) == (1, 1)
    assert quick.ended is None


async def test_a_great_many_at_once_drop_nobody_who_reads(feed: Feed) -> None:
    reader = await feed.open()
    taking = asyncio.create_task(take(reader, 5000))
    made = [feed.make() for _ in range(5000)]
    assert await taking == sorted(made, key=lambda each: each.id)


async def test_catching_up_slowly_is_not_too_slow(feed: Feed) -> None:
    """However far it is behind, the store keeps it."""
    made = [feed.earlier(10 - n / 500) for n in range(4000)]
    reader = await feed.open(after=event(NOW - timedelta(days=99)).id)
    found: list[StoredEvent] = []
    for _ in range(20):
        made += [feed.make() for _ in range(20)]
        found += [item.event for item in await reader.take(PATIENCE) or []]
    found += await take(reader, len(made) - len(found))
    assert found == sorted(made, key=lambda each: each.id)
