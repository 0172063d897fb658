"""The log of messages, and events with the order as it stood then."""

import json
from datetime import timedelta

from app.core.cancel import decide_cancel
from app.core.create import decide_edit
from app.core.fulfil import decide_fulfil
from app.core.messages import Cancel, Command, EditOrder, Fulfil, FulfilItem
from app.core.model import Order, Scope
from app.core.outbox import Attempt, DeliveryState, Published
from app.store import codec
from tests.store.jobs import at, delivery, job, new_id
from tests.store.world import START, Decide, World, new_order


async def test_a_message_is_read_back_byte_for_byte(world: World):
    body = json.dumps({"é": "ü 1.0", "n": 1.0, "z": 1e5}, ensure_ascii=False, indent=1)
    tried = (Attempt(at=at(1), seconds=0.5, status=500, response="no"), Attempt(at=at(2), seconds=30, error="late"))
    one = delivery(body=body, attempts=tried, state=DeliveryState.FAILED, topic="order.cancelled", place=1 << 60)
    await world.store.hand_on((), (), [one, delivery()])
    assert await world.store.delivery("t1", one.id) == one
    assert await world.store.delivery("t2", one.id) is None
    assert await world.store.delivery("t1", new_id()) is None
    assert await world.store.deliveries("t1", [one.id, new_id()]) == [one]
    assert await world.store.deliveries("t1", []) == []


async def test_the_log_of_a_subscription_newest_first(world: World):
    states = [DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.PENDING]
    log = [delivery(id=new_id(n), state=states[n % 3]) for n in range(9)]
    others = [delivery(id=new_id(4), subscription_id="s2"), delivery(job(tenant_id="t2"), id=new_id(4))]
    for each in (*log[::2], *others, *log[1::2]):
        await world.store.hand_on((), (), [each])
    store, newest = world.store, log[::-1]
    assert await store.delivery_log("t1", "s1", None, "", 100) == newest
    assert await store.delivery_log("t1", "s1", None, "", 4) == newest[:4]
    assert await store.delivery_log("t1", "s1", None, newest[3].id, 4) == newest[4:8]
    assert await store.delivery_log("t1", "s1", None, newest[8].id, 4) == []
    for state in states:
        wanted = [each for each in newest if each.state is state]
        assert await store.delivery_log("t1", "s1", state, "", 2) == wanted[:2]
        assert await store.delivery_log("t1", "s1", state, wanted[1].id, 2) == wanted[2:]
    assert await store.delivery_log("t1", "s3", None, "", 100) == []


async def test_what_failed_or_is_tried_again(world: World):
    tried = (Attempt(at=at(1), seconds=0.5, status=500),)
    failing = [(DeliveryState.FAILED, tried), (DeliveryState.FAILED, ()), (DeliveryState.PENDING, tried)]
    well = [(DeliveryState.PENDING, ()), (DeliveryState.DELIVERED, tried)]
    log = [delivery(id=new_id(n), state=state, attempts=tries) for n, (state, tries) in enumerate((*failing, *well))]
    other = delivery(id=new_id(9), subscription_id="s2", state=DeliveryState.FAILED)
    await world.store.hand_on((), (), [*log, other])
    wanted = log[2::-1]
    assert await world.store.delivery_log("t1", "s1", "failing", "", 100) == wanted
    assert await world.store.delivery_log("t1", "s1", "failing", "", 2) == wanted[:2]
    assert await world.store.delivery_log("t1", "s1", "failing", wanted[1].id, 2) == wanted[2:]


async def changed(world: World) -> list[Order]:
    """An order as it stood after each of its changes, the second of which nobody was to hear of."""
    order = await world.create(new_order(3, number="N-1", keys={"shopline": "s"}))
    orders = [order]
    one = FulfilItem(line=order.lines[0].id, quantity=1)
    steps: list[tuple[Decide, Command]] = [
        (decide_edit, EditOrder(note="n")),
        (decide_fulfil, Fulfil(items=(one,))),
        (decide_cancel, Cancel(scope=Scope.REST)),
    ]
    for n, (decide, command) in enumerate(steps):
        world.watch.at += timedelta(seconds=10)
        world.subscribed = n != 0
        orders.append(await world.write(world.decision(decide, orders[-1], command)))
    return orders


def then(published: Published) -> Order | None:
    if published.body is None or published.format is None:
        assert (published.format, published.body) == (None, None)
        return None
    return codec.decode_order(published.format, published.body)


async def test_events_come_with_the_order_as_it_stood_then(world: World):
    await world.subscribe()
    orders = await changed(world)
    events = await world.store.order_events("t1", orders[0].id, 0, 10)
    found = await world.store.published("t1", [each.id for each in events])
    assert [each.event for each in found] == events
    assert [then(each) for each in found] == [orders[0], None, *orders[2:]]
    assert [each.event.version for each in await world.store.published("t1", [events[2].id, new_id()])] == [3]
    assert await world.store.published("t2", [events[0].id]) == []


async def test_events_of_a_time(world: World):
    await world.subscribe()
    orders = await changed(world)
    await (await World(world.store, tenant_id="t2").add_tenant()).create(new_order())
    times = [order.updated_at for order in orders]
    end = START + timedelta(days=1)
    events = await world.store.order_events("t1", orders[0].id, 0, 10)
    whole = await world.store.published_between("t1", START, end, "", 10)
    assert [each.event for each in whole] == events
    assert then(whole[3]) == orders[3]

    async def versions(first: int, last: int, after: str = "", limit: int = 10) -> list[int]:
        found = await world.store.published_between("t1", times[first], times[last], after, limit)
        return [each.event.version for each in found]

    assert await versions(0, 3) == [1, 2, 3]
    assert await versions(1, 1) == []
    assert await versions(0, 3, limit=2) == [1, 2]
    assert await versions(0, 3, after=events[1].id, limit=2) == [3]
    assert await versions(2, 3, after=events[0].id) == [3]
    assert await world.store.published_between("t1", START, end, events[3].id, 10) == []
