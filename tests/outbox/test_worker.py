"""From a change to a message: once, in order, with the order as it then was."""

import asyncio
import json
import time
from dataclasses import replace

from tests.outbox.receiver import Receiver
from tests.outbox.world import LIMITS, World


async def test_every_change_is_told_in_order(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(f"{receiver.url}/hook?x=1")
    async with world.working():
        order_id = await world.order()
        for n in range(5):
            await world.note(order_id, f"note {n}")
        requests = await receiver.got(6)
        await world.settled()
    told = [json.loads(request.body) for request in requests]
    assert [each["data"]["version"] for each in told] == [1, 2, 3, 4, 5, 6]
    assert [each["data"]["note"] for each in told] == [None, *(f"note {n}" for n in range(5))]
    assert {request.path for request in requests} == {"/hook?x=1"}
    assert [each["id"] for each in told] == [request.id for request in requests]
    log = await world.log(subscription)
    assert [each.id for each in reversed(log)] == [each["id"] for each in told]
    assert {each.state for each in log} == {"delivered"}
    assert world.meter.outcomes == [("tiny", "delivered")] * 6


async def test_it_is_quick_when_idle(world: World, receiver: Receiver) -> None:
    await world.subscribe(receiver.url)
    waits = []
    async with world.working(replace(LIMITS, look=5.0)):
        await world.order()
        await receiver.got(1)
        for n in range(2, 22):
            await asyncio.sleep(0.03)
            await world.order()
            written = time.monotonic()
            waits.append((await receiver.got(n))[-1].at - written)
    # A tenth of that on a machine with nothing else to do; without a hint it would be seconds.
    assert sorted(waits)[len(waits) // 2] < 0.25, waits
