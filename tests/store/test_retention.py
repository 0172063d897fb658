"""What was kept long enough goes, a bounded number of rows at a time, and nothing else does."""

from datetime import timedelta

from app.core.create import decide_edit
from app.core.messages import EditOrder
from app.core.outbox import DeliveryState, Settled
from app.outbox import Keep, Purging
from app.service.desk import Once
from tests.store.jobs import at, delivery, job, new_id
from tests.store.world import START, World, new_order

DAY = timedelta(days=1)
FOREVER = timedelta(days=36_500)


async def test_events_go_oldest_first_and_bounded_and_the_order_stays(world: World):
    order = await world.create(new_order(3))
    for n in range(4):
        world.watch.at += DAY
        order = await world.write(world.decision(decide_edit, order, EditOrder(note=str(n))))
    other = await World(world.store, watch=world.watch, tenant_id="t2").add_tenant()
    kept = await other.create(new_order(1))
    before = START + timedelta(days=2, hours=12)
    assert await world.store.purge_events("t1", before, 2) == 2
    assert [e.version for e in await world.store.order_events("t1", order.id, 0, 10)] == [3, 4, 5]
    assert await world.store.purge_events("t1", before, 2) == 1
    assert await world.store.purge_events("t1", before, 2) == 0
    assert [e.version for e in await world.store.order_events("t1", order.id, 0, 10)] == [4, 5]
    assert len(await world.store.order_events("t2", kept.id, 0, 10)) == 1
    assert await world.order(order.id) == order


async def test_an_event_that_is_still_to_be_told_stays(world: World):
    """Whoever subscribed hears of it, however long no worker was there, and after a fault in one dialect's words."""
    await world.subscribe()
    told, apart, aside, untold = [await world.create(new_order(1)) for _ in range(4)]
    jobs = {each.order_id: each for each in await world.store.claim("t1", START + DAY, START + 2 * DAY, 10)}
    own = job(order_id=apart.id, kind="publish", channel="publish", lane=f"{apart.id}:native", payload="{}")
    await world.store.hand_on([jobs[told.id]], (), ())
    await world.store.hand_on([jobs[apart.id]], [own], ())
    await world.store.settle("t1", [Settled(job=jobs[aside.id], aside_at=at(5), error="no")])

    assert await world.store.purge_events("t1", START + 9 * DAY, 10) == 1
    for order in (apart, aside, untold):
        assert len(await world.store.order_events("t1", order.id, 0, 10)) == 1
    assert await world.store.order_events("t1", told.id, 0, 10) == []
    await world.store.hand_on([own, jobs[untold.id]], (), ())
    assert await world.store.purge_tasks_aside("t1", at(6), 10) == 1
    assert await world.store.purge_events("t1", START + 9 * DAY, 10) == 3


async def test_the_log_goes_but_for_what_is_still_to_be_sent(world: World):
    log = [delivery(id=new_id(n), state=state) for n, state in enumerate([*DeliveryState, DeliveryState.DELIVERED])]
    for each in log:
        await world.store.hand_on((), (), [each])
    assert await world.store.purge_deliveries("t1", at(-1), 10) == 0
    assert await world.store.purge_deliveries("t1", START + DAY, 2) == 2
    assert await world.store.purge_deliveries("t1", START + DAY, 2) == 1
    assert await world.store.delivery_log("t1", "s1", None, "", 10) == [
        each for each in log if each.state is DeliveryState.PENDING
    ]


async def test_tasks_set_aside_go_and_waiting_ones_stay(world: World):
    waiting, aside = job(), job()
    await world.store.hand_on((), [waiting, aside], ())
    await world.store.settle("t1", [Settled(job=aside, aside_at=at(5), error="no")])
    assert await world.store.purge_tasks_aside("t1", at(5), 10) == 0
    assert await world.store.purge_tasks_aside("t1", at(6), 10) == 1
    assert await world.store.tasks_aside("t1", "", 10) == []
    claimed = await world.store.claim("t1", START + DAY, START + 2 * DAY, 10)
    assert [each.id for each in claimed] == [waiting.id]


async def test_replies_go_by_age_wherever_a_walk_meets_them(world: World):
    for n in range(7):
        if n == 4:
            world.watch.at += 3 * DAY
        await world.desk.create(world.caller, "native", new_order(1), lambda _: "said", once=Once(f"key-{n}", "f"))
    seen, after = [], ("", "")
    while (after := await world.store.purge_replays("t1", START + DAY, after, 3) or ("", "")) != ("", ""):
        seen.append(after)
    assert seen == [("c1", "key-2"), ("c1", "key-5")]
    again = [await world.desk.recall(world.caller, Once(f"key-{n}", "f")) for n in range(7)]
    assert [reply is not None for reply in again] == [False] * 4 + [True] * 3


async def test_one_turn_removes_what_each_setting_says_of_every_tenant(world: World):
    other = await World(world.store, watch=world.watch, tenant_id="t2").add_tenant()
    orders = [await each.create(new_order(1)) for each in (world, other)]
    await world.store.hand_on((), (), [delivery(id=new_id(1), state=DeliveryState.DELIVERED)])
    world.watch.at += 40 * DAY
    keep = Keep(deliveries=30 * DAY, tasks_aside=FOREVER)
    assert await Purging(world.store, world.clock, keep).purge() == 1
    assert await Purging(world.store, world.clock, keep).purge() == 0
    assert await Purging(world.store, world.clock, Keep(events=30 * DAY)).purge() == 2
    for each, order in zip((world, other), orders, strict=True):
        assert await each.store.order_events(each.tenant_id, order.id, 0, 10) == []
