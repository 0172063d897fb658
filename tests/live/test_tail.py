"""What a tail finds new: each event once, in order, also when it becomes visible late; and what it remembers."""

from datetime import timedelta

import pytest

from app.core import ids
from app.core.ports import StoredEvent
from app.core.refusal import Refusal
from app.service.clock import Clock
from app.service.tail import Item, Tail
from tests.live.feed import NOW, TENANT, Events, event
from tests.store.world import Watch


class World:
    def __init__(self) -> None:
        self.events = Events()
        self.watch = Watch(NOW, step=timedelta(0))
        self.tail = Tail(self.events.store, Clock(self.watch), TENANT)

    def show(self, *ages: float) -> list[StoredEvent]:
        """Events that are so many seconds old now."""
        made = [event(self.watch.at - timedelta(seconds=age)) for age in ages]
        self.events.show(*made)
        return made

    async def look(self, *, whole: bool = False) -> list[str]:
        return _ids(await self.tail.look(whole=whole))

    def wait(self, seconds: float) -> None:
        self.watch.at += timedelta(seconds=seconds)


@pytest.fixture
async def world() -> World:
    made = World()
    await made.tail.start()
    return made


def _ids(items: list[Item]) -> list[str]:
    return [item.event.id for item in items]


async def test_what_is_there_at_the_start_is_not_new() -> None:
    world = World()
    [old, recent, young] = world.show(60, 5, 0)
    await world.tail.start()
    assert await world.look(whole=True) == []
    assert _ids(world.tail.since("")) == [recent.id, young.id]
    assert old.id < world.tail.floor < recent.id


async def test_new_ones_come_in_order_and_once(world: World) -> None:
    made = world.show(1, 0.3, 0.5)
    assert await world.look() == sorted(event.id for event in made)
    assert await world.look() == []
    assert await world.look(whole=True) == []


async def test_a_young_one_is_held_back_for_those_of_its_time(world: World) -> None:
    [young] = world.show(0.1)
    assert await world.look() == []
    assert world.tail.young == {young.id}
    [before] = world.show(0.15)  # committed after it
    world.wait(0.2)
    assert await world.look() == [before.id, young.id]
    assert world.tail.young == frozenset()


async def test_one_of_a_fast_clock_is_not_waited_for(world: World) -> None:
    [ahead] = world.show(-5)
    assert await world.look() == [ahead.id]


async def test_one_that_was_long_in_coming_is_told_late_and_once(world: World) -> None:
    [told] = world.show(1)
    assert await world.look() == [told.id]
    [late] = world.show(9)
    assert await world.look() == [late.id]
    assert await world.look(whole=True) == []


async def test_a_busy_tenant_is_not_read_all_over_again(world: World) -> None:
    world.show(*(3 + n / 1000 for n in range(1000)))
    assert len(await world.look()) == 1000
    before = world.events.read
    world.show(0.3)
    assert len(await world.look()) == 1
    assert world.events.read - before <= 258
    # One far back among so many is found by the next look over everything.
    [late] = world.show(10)
    assert await world.look() == []
    assert await world.look(whole=True) == [late.id]


async def test_it_remembers_seconds_and_reads_nothing_before_them_again(world: World) -> None:
    [first] = world.show(1)
    await world.look()
    world.wait(60)
    [second] = world.show(2)
    assert await world.look(whole=True) == [second.id]
    assert _ids(world.tail.since("")) == [second.id]
    assert first.id < world.tail.floor < second.id
    assert world.tail.floor == ids.first_of(world.watch.at - timedelta(seconds=15))


async def test_its_memory_is_bounded(world: World) -> None:
    made = sorted(event.id for event in world.show(*(1 + n / 1000 for n in range(7000))))
    assert await world.look() == made
    assert _ids(world.tail.since("")) == made[2000:]
    assert world.tail.floor == made[1999]
    assert await world.look(whole=True) == []


async def test_after_an_outage_nothing_is_missing(world: World) -> None:
    made = world.show(1)
    world.events.away = True
    with pytest.raises(Refusal):
        await world.look()
    world.wait(120)
    made += world.show(100, 50, 1)
    world.events.away = False
    assert await world.look(whole=True) == sorted(event.id for event in made)


def test_an_event_is_rendered_once_for_each_face() -> None:
    calls = []

    def render(event: StoredEvent) -> bytes:
        calls.append(event.id)
        return event.type.encode()

    item = Item(event(NOW))
    assert [item.shown("a", render), item.shown("a", render), item.shown("b", render)] == [b"order.updated"] * 3
    assert len(calls) == 2
