"""Workers that die between any two steps, databases that go away, processes that are asked to stop: nothing is lost."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.ports import Store
from app.core.refusal import Code, Refusal
from app.store import open_store
from tests.outbox.receiver import HANG, OK, Receiver, after, status
from tests.outbox.world import LIMITS, World

_SHORT = replace(LIMITS, lease=0.6)


class Dying:
    """A store that its worker loses for good at one of its verbs, before or after that has done its work."""

    def __init__(self, store: Store, verb: str, *, done: bool) -> None:
        self._store = store
        self._verb = verb
        self._done = done
        self.dead = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def call(*args: Any, **facts: Any) -> Any:
            if not self.dead.is_set() and name != self._verb:
                return await found(*args, **facts)
            if not self.dead.is_set() and self._done:
                await found(*args, **facts)
            self.dead.set()
            return await asyncio.sleep(3600)

        return call


@asynccontextmanager
async def _dying(world: World, dying: Dying) -> AsyncIterator[None]:
    """A worker that is killed once it is dead: it gets no chance to clean up."""
    worker: Any = world.make_worker(_SHORT, store=dying)
    task = asyncio.create_task(worker.run())
    yield
    await asyncio.wait_for(dying.dead.wait(), 10)
    doomed = [task, *worker._batches, *worker._channels._tasks, worker._settling._task]
    worker._finish = _nothing
    for each in filter(None, doomed):
        each.cancel()
    await asyncio.gather(*filter(None, doomed), return_exceptions=True)


async def _nothing() -> None: ...


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("verb", ["claim", "published", "hand_on", "settle"])
async def test_killed_at_a_step(store: Store, receiver: Receiver, verb: str, done: bool) -> None:
    world = await World(store, timeout=0.2).open()
    subscription = await world.subscribe(receiver.url)
    order_id = await world.order()
    await world.note(order_id, "second")
    async with _dying(world, Dying(store, verb, done=done)):
        pass
    async with world.working(_SHORT):
        await world.settled()
    times = Counter(request.id for request in receiver.requests)
    assert len(times) == 2
    assert max(times.values()) <= 2, "more than once only where nobody knows whether it arrived"
    first_seen = list(dict.fromkeys(json.loads(body)["data"]["version"] for body in receiver.bodies))
    assert first_seen == [1, 2]
    assert [each.state for each in await world.log(subscription)] == ["delivered", "delivered"]


async def test_an_abandoned_lease_ends(store: Store, receiver: Receiver) -> None:
    world = await World(store).open()
    await world.subscribe(receiver.url)
    await world.order()
    now, ends = world.clock.now(), time.monotonic() + 0.7
    [job] = await store.claim(world.tenant_id, now, now + timedelta(seconds=0.7), 10)
    assert job.kind == "publish"
    async with world.working():
        await world.settled()
    [request] = receiver.requests
    assert ends - 0.01 <= request.at < ends + 5


async def test_two_workers_send_each_message_once(world: World, receiver: Receiver, database_url: str) -> None:
    subscription = await world.subscribe(receiver.url)
    other = await open_store(database_url)
    order_ids = await world.orders(60)
    async with world.working(), world.working(store=other):
        for order_id in order_ids[:20]:
            await world.note(order_id, "changed")
        await world.settled()
    await other.close()
    times = Counter(request.id for request in receiver.requests)
    assert (len(times), set(times.values())) == (80, {1})
    assert {each.state for each in await world.log(subscription)} == {"delivered"}
    told = [json.loads(body)["data"] for body in receiver.bodies]
    for order_id in order_ids[:20]:
        assert [each["version"] for each in told if each["order"] == order_id] == [1, 2]


class Away:
    """A store whose database is out of reach while `away`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def call(*args: Any, **facts: Any) -> Any:
            if self.away:
                raise Refusal(Code.UNAVAILABLE)
            return await found(*args, **facts)

        return call


async def test_it_outlives_an_outage_of_the_database(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.outbox.worker._PAUSES", (0.05,))
    monkeypatch.setattr("app.outbox.settling._PAUSE", 0.05)
    world = await World(store).open()
    subscription = await world.subscribe(receiver.url)
    proxy = Away(store)
    async with world.working(store=proxy):
        receiver.answer = after(0.1, OK)
        await world.orders(3)
        await receiver.got(1)
        proxy.away = True
        await world.orders(3)
        await asyncio.sleep(0.4)
        proxy.away = False
        await world.settled()
    assert len({request.id for request in receiver.requests}) == 6
    assert {each.state for each in await world.log(subscription)} == {"delivered"}


async def test_one_exception_does_not_end_it(world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.outbox.worker._PAUSES", (0.01,))
    await world.subscribe(receiver.url)
    troubles = [ValueError("what nobody expects")] * 2

    class Odd(Away):
        def __getattr__(self, name: str) -> Any:
            found = super().__getattr__(name)

            async def claim(*args: Any, **facts: Any) -> Any:
                if troubles:
                    raise troubles.pop()
                return await found(*args, **facts)

            return claim if name == "claim" else found

    async with world.working(store=Odd(world.store)):
        await world.order()
        await world.settled()
    assert troubles == []
    assert len(receiver.requests) == 1


async def test_when_stopped_it_finishes_what_is_in_hand(world: World, receiver: Receiver) -> None:
    receiver.answer = after(0.3, OK)
    subscription = await world.subscribe(receiver.url)
    await world.orders(30)
    async with world.working():
        await receiver.got(8)
    sent = len(receiver.requests)
    assert sent < 30
    log = await world.log(subscription)
    assert [each.state.value for each in log].count("delivered") == sent
    due, _ = await world.store.backlog(world.clock.now())
    assert due == 30 - sent, "what was not begun can be had at once by others"


async def test_when_stopped_it_does_not_wait_for_ever(store: Store, receiver: Receiver) -> None:
    world = await World(store, timeout=5.0).open()
    receiver.answer = HANG
    await world.subscribe(receiver.url)
    await world.order()
    async with world.working(replace(LIMITS, finish=0.2)):
        await receiver.got(1)
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 2.0
    assert await world.queue() == 1


async def test_it_starts_with_what_others_left(world: World, receiver: Receiver) -> None:
    """Nobody signals it: the work is older than the worker."""
    await world.subscribe(receiver.url)
    await world.orders(5)
    async with world.working():
        await receiver.got(5)
        await world.settled()


async def test_it_looks_by_itself_now_and_then(world: World, receiver: Receiver) -> None:
    """A signal may be lost: here the other process has none."""
    await world.subscribe(receiver.url)
    other = World(world.store, tenant_id=world.tenant_id)
    async with world.working():
        await asyncio.sleep(0.2)
        await other.order()
        await receiver.got(1)
        await world.settled()


async def test_idle_it_asks_the_database_seldom(world: World, receiver: Receiver) -> None:
    calls: Counter[str] = Counter()

    class Counted(Away):
        def __getattr__(self, name: str) -> Any:
            calls[name] += 1
            return super().__getattr__(name)

    await world.subscribe(receiver.url)
    async with world.working(replace(LIMITS, look=2.0), store=Counted(world.store)):
        await world.order()
        await world.settled()
        await asyncio.sleep(0.6)
        calls.clear()
        await asyncio.sleep(1.0)
        assert sum(calls.values()) <= 3, calls


async def test_a_busy_tenant_without_listeners_costs_little(world: World) -> None:
    calls: Counter[str] = Counter()

    class Counted(Away):
        def __getattr__(self, name: str) -> Any:
            calls[name] += 1
            return super().__getattr__(name)

    async with world.working(replace(LIMITS, look=5.0), store=Counted(world.store)):
        for _ in range(40):
            await world.order()
            await asyncio.sleep(0.02)
        assert calls["claim"] <= 10, calls


async def test_a_receiver_that_fails_gets_one_at_a_time(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = ()
    receiver.answer = after(0.02, status(500))
    await world.subscribe(receiver.url)
    async with world.working():
        await world.orders(20)
        await receiver.got(12)
        receiver.most_at_once = 0
        await world.settled()
    assert receiver.most_at_once == 1
