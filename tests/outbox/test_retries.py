"""Receivers that fail: the schedule, what is said of it, who waits for whom, and when it ends."""

import asyncio
import json
import time
from dataclasses import replace

from app.core.ports import Store
from app.service.vault import new_key
from tests.outbox.receiver import HANG, OK, Receiver, raw, receiving, status
from tests.outbox.world import LIMITS, TinyHooks, World, until


async def test_it_is_tried_again_as_the_schedule_says_and_under_the_same_id(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = (0.2, 0.5)
    subscription = await world.subscribe(receiver.url)
    receiver.script = [status(500, b"sorry"), raw(b"HTTP/1.1 200 O", close=True), OK]
    async with world.working():
        await world.order()
        first, second, third = await receiver.got(3)
        await world.settled()
    assert len({first.id, second.id, third.id}) == 1
    assert len({first.body, second.body, third.body}) == 1
    assert 0.2 <= second.at - first.at < 0.5
    assert 0.5 <= third.at - second.at < 1.0
    [delivery] = await world.log(subscription)
    assert delivery.state == "delivered"
    assert [(each.status, each.response) for each in delivery.attempts] == [(500, "sorry"), (None, ""), (200, "{}")]
    assert delivery.attempts[1].error == "the connection was closed before the whole answer came"
    assert all(each.seconds < 1 for each in delivery.attempts)
    assert world.meter.outcomes == [("tiny", "failed"), ("tiny", "failed"), ("tiny", "delivered")]


async def test_after_the_last_try_it_has_failed(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url)
    receiver.answer = status(503)
    async with world.working():
        await world.order()
        await world.settled()
    assert len(receiver.requests) == 3
    [delivery] = await world.log(subscription)
    assert (delivery.state, len(delivery.attempts)) == ("failed", 3)
    assert world.meter.outcomes[-1] == ("tiny", "lost")
    assert (await world.subscription(subscription)).failing_since is not None


async def test_retry_after_is_waited_for_where_it_is_longer(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = (0.05, 0.05)
    await world.subscribe(receiver.url)
    receiver.script = [status(429, Retry_After="1"), status(503, Retry_After="0"), OK]
    async with world.working():
        await world.order()
        first, second, third = await receiver.got(3)
        await world.settled()
    assert 1.0 <= second.at - first.at < 1.5
    assert third.at - second.at < 0.5


async def test_what_comes_later_of_the_same_order_waits(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = (0.3, 0.3)
    await world.subscribe(receiver.url)
    async with world.working():
        order_id = await world.order()
        await receiver.got(1)
        receiver.script = [status(500)]
        await world.note(order_id, "second")
        await receiver.got(2)
        await world.note(order_id, "third")
        other = await world.order()
        await receiver.got(5)
        await world.settled()
    told = [(json.loads(body)["data"]["order"], json.loads(body)["data"]["version"]) for body in receiver.bodies]
    assert [version for order, version in told if order == order_id] == [1, 2, 2, 3]
    assert told.index((other, 1)) < len(told) - 2, "the other order waited, too"


async def test_what_comes_later_goes_on_after_the_last_try(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url)
    order_id = await world.order()
    await world.note(order_id, "second")
    receiver.script = [status(500)] * 3
    async with world.working():
        await world.settled()
    versions = [json.loads(body)["data"]["version"] for body in receiver.bodies]
    assert versions == [1, 1, 1, 2]
    assert [each.state for each in await world.log(subscription)] == ["delivered", "failed"]


async def test_several_messages_of_one_event_keep_their_order(world: World, receiver: Receiver) -> None:
    world.tiny.extra = True
    await world.subscribe(receiver.url)
    receiver.script = [status(500), OK, status(500)]
    async with world.working():
        await world.order()
        await world.settled()
    assert [json.loads(body)["topic"] for body in receiver.bodies] == ["order.created"] * 2 + ["extra"] * 2


async def test_a_slow_receiver_does_not_delay_a_quick_one(store: Store, receiver: Receiver) -> None:
    world = await World(store, timeout=3.0).open()
    async with receiving() as slow:
        slow.answer = HANG
        await world.subscribe(slow.url)
        quick = await world.subscribe(receiver.url)
        async with world.working(replace(LIMITS, finish=0.1)):
            started = time.monotonic()
            await world.orders(40)
            requests = await receiver.got(40)
            assert requests[-1].at - started < 2.0
            assert 1 <= slow.most_at_once <= LIMITS.per_channel
            states = {each.state for each in await world.log(quick)}
        assert states <= {"delivered", "pending"}


async def test_no_more_than_a_few_at_once_go_to_one_place(world: World, receiver: Receiver) -> None:
    async def slowly(*_: object) -> None:
        await asyncio.sleep(0.02)
        await OK(*_)  # type: ignore[arg-type]

    receiver.answer = slowly
    await world.subscribe(receiver.url)
    await world.orders(60)
    async with world.working():
        await world.settled()
    assert len(receiver.requests) == 60
    assert 4 < receiver.most_at_once <= LIMITS.per_channel


async def test_a_secret_that_cannot_be_opened_is_a_failed_try(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url)
    other = World(world.store, tenant_id=world.tenant_id)
    other.vault = type(world.vault)([new_key()])
    async with other.working():
        await world.order()
        await other.settled()
    [delivery] = await world.log(subscription)
    assert (delivery.state, {each.error for each in delivery.attempts}) == ("failed", {"it could not be signed"})
    assert receiver.requests == []


async def test_a_fault_in_one_dialects_mapping_stays_with_it(store: Store, receiver: Receiver) -> None:
    broken = TinyHooks()
    world = await World(store, hooks={"tiny": TinyHooks(), "broken": broken}).open()
    broken.broken = lambda occasion: occasion.event.version == 1
    good = await world.subscribe(f"{receiver.url}/good")
    bad = await world.subscribe(f"{receiver.url}/bad", dialect="broken")
    order_id = await world.order()
    await world.note(order_id, "second")
    async with world.working():
        await receiver.got(2, "/good")
        await receiver.got(1, "/bad")
        await until(lambda: _aside(world, 1))
        [job] = await store.tasks_aside(world.tenant_id, "", 10)
        assert (job.kind, job.error) == ("publish", "ValueError")
        broken.broken = lambda _: False
        assert await store.retry_task(world.tenant_id, job.id, world.clock.now())
        await world.settled()
    assert [each.state for each in await world.log(good)] == ["delivered"] * 2
    assert [json.loads(each.body)["data"]["version"] for each in await world.log(bad)] == [2, 1]


async def _aside(world: World, count: int) -> bool:
    return len(await world.store.tasks_aside(world.tenant_id, "", 10)) == count
