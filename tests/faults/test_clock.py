"""The machine's clock is set back: a running process does not notice, and one that starts then loses nothing."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from app.core.ledger import Ledger, imbalances
from app.core.messages import Cancel, Target
from app.core.model import Scope
from app.core.ports import Store, StoredEvent
from app.core.refusal import Code, Refusal
from app.service.clock import Steady
from app.service.tail import Tail
from tests.store.conftest import second_store
from tests.store.jobs import LEASE
from tests.store.world import START, World, new_order, table

__all__ = ["second_store"]

HOUR = timedelta(hours=1)
_SECOND = 1_000_000_000


class Hardware:
    """Two clocks as machines have them: one that people set, and one that only runs."""

    def __init__(self) -> None:
        self.wall = int(START.timestamp()) * _SECOND
        self.elapsed = 5 * _SECOND

    def run(self, seconds: float) -> None:
        self.wall += int(seconds * _SECOND)
        self.elapsed += int(seconds * _SECOND)

    def steady(self) -> Steady:
        return Steady(lambda: self.wall, lambda: self.elapsed)


@pytest.mark.parametrize("back", [0.004, 0.9, 20, 3600])
def test_it_never_goes_back_and_is_right_again_after_twice_the_time(back: float):
    machine = Hardware()
    clock = machine.steady()
    before = clock()
    machine.wall -= int(back * _SECOND)
    seen = [before]
    for _ in range(40):
        machine.run(back / 20)
        seen.append(clock())
    assert seen == sorted(seen)
    assert seen[1] > before or back < 1
    assert abs((seen[-1] - before).total_seconds() - back) < 0.002
    machine.run(10)
    assert abs((clock() - seen[-1]).total_seconds() - 10) < 0.002


def test_set_forward_it_follows_at_once():
    machine = Hardware()
    clock = machine.steady()
    before = clock()
    machine.run(1)
    machine.wall += 3600 * _SECOND
    assert clock() - before == HOUR + timedelta(seconds=1)


@pytest.fixture
async def world(store: Store) -> World:
    made = await World(store).add_tenant()
    await made.subscribe()
    return made


async def test_an_order_goes_on_where_it_was(world: World):
    """Another machine's clock is an hour behind: versions, times and ids of the order stay in order."""
    order = await world.create(new_order(5))
    one = Cancel(scope=Scope.LINES, targets=(Target(ref=order.lines[0].id, quantity=1),))
    first = await world.act(order.id, one, key="k")
    world.watch.at -= HOUR
    assert (await world.act(order.id, one, key="k")).text == first.text  # it is remembered all the same
    for _ in range(3):
        await world.act(order.id, one)
    after = await world.order(order.id)
    assert (after.version, list(imbalances(Ledger(after)))) == (5, [])
    history = await world.desk.history(world.caller, order.id, 0, 10)
    assert [event.version for event in history] == [1, 2, 3, 4, 5]
    times = [event.at for event in history]
    assert times == sorted(times)
    assert after.updated_at >= order.updated_at
    with pytest.raises(Refusal) as refused:
        await world.act(order.id, Cancel(scope=Scope.LINES, targets=(Target(ref=order.lines[0].id, quantity=2),)))
    assert refused.value.code is Code.QUANTITY_OUT_OF_RANGE


async def test_who_reads_the_feed_misses_nothing(world: World):
    """He polls more often than every thirty seconds, or steps back as far as his own clock was."""
    seen: dict[str, StoredEvent] = {}
    cursor = "00000000-0000-7000-8000-000000000000"

    async def poll() -> None:
        nonlocal cursor
        page: Sequence[StoredEvent] = ()
        while page == () or len(page) == 3:
            page, cursor = await world.desk.feed(world.caller, cursor, 3)
            seen.update({event.id: event for event in page})

    for _ in range(8):
        await world.create(new_order())
    await poll()
    assert len(seen) == 8
    world.watch.at -= HOUR
    await poll()  # a reader at the end is sent back to before this clock's now
    for n in range(1, 9):
        await world.create(new_order())
        world.watch.at += timedelta(seconds=5)
        await poll()
        assert len(seen) == 8 + n
    assert len(await table(world.store, "events")) == 16


async def test_what_is_written_as_late_as_it_may_be_is_found(world: World):
    """By who pages through the feed, and by who follows it."""
    await world.create(new_order())
    tail = Tail(world.store, world.clock, world.tenant_id)
    await tail.start()
    [_], cursor = await world.desk.feed(world.caller, "00000000-0000-7000-8000-000000000000", 3)
    late = world.store.lateness - timedelta(seconds=1)
    world.watch.at -= late
    order = await world.create(new_order())
    world.watch.at += late
    assert order.id in {item.event.order_id for item in await tail.look(whole=True)}
    events, _ = await world.desk.feed(world.caller, cursor, 3)
    assert order.id in {event.order_id for event in events}


async def test_work_that_is_made_now_is_done_now(world: World, second_store: Store):
    """What an hour ahead leased comes back when that hour is over; what is new waits for nothing."""
    await world.create(new_order())
    now = world.watch.at
    [held] = await world.store.claim("t1", now, now + LEASE, 10)
    world.watch.at -= HOUR
    order = await world.on(second_store).create(new_order())
    now = world.watch.at
    assert [job.order_id for job in await second_store.claim("t1", now, now + LEASE, 10)] == [order.id]
    back = now + HOUR + 2 * LEASE
    again = await second_store.claim("t1", back, back + LEASE, 10)
    assert held.id in {job.id for job in again}
