"""An order's history and a tenant's feed."""

from app.core.cancel import decide_cancel
from app.core.create import decide_edit
from app.core.messages import Cancel, EditOrder
from app.core.model import Order, Reason, Scope
from app.core.ports import StoredEvent
from tests.store.world import Watch, World, new_order, table

FROM_THE_START = "00000000-0000-0000-0000-000000000000"


async def _edited(world: World, order: Order, times: int) -> Order:
    for n in range(times):
        order = await world.write(world.decision(decide_edit, order, EditOrder(note=f"{n}")))
    return order


async def test_history_is_in_the_order_of_versions_whatever_the_ids(world: World):
    order = await world.create(new_order())
    other = await world.create(new_order())
    for n in range(5):
        edit = world.decision(decide_edit, order, EditOrder(note=f"{n}"))
        early = world.clock.new_id(Watch()())  # an id from the start of the day
        order = await world.write(world.commit(edit.change, event_id=early))
    await _edited(world, other, 2)
    history = await world.store.order_events("t1", order.id, 0, 100)
    assert [event.version for event in history] == [1, 2, 3, 4, 5, 6]
    assert {event.order_id for event in history} == {order.id}
    assert [event.version for event in await world.store.order_events("t1", order.id, 0, 2)] == [1, 2]
    assert [event.version for event in await world.store.order_events("t1", order.id, 4, 100)] == [5, 6]
    assert await world.store.order_events("t1", order.id, 6, 100) == []
    assert await world.store.order_events("t2", order.id, 0, 100) == []
    assert await world.store.order_events("t1", FROM_THE_START, 0, 100) == []


async def test_an_event_says_what_when_who_and_through_which_dialect(world: World):
    order = await world.create(new_order(1))
    ctx = world.context(dialect="shopline")
    commit = world.decision(decide_cancel, order, Cancel(scope=Scope.ORDER, reason=Reason("x", "é\n")), ctx=ctx)
    changed = await world.write(commit)
    created, cancelled = await world.store.order_events("t1", order.id, 0, 100)
    assert (created.type, created.version, created.case_id, created.dialect) == ("order.created", 1, None, "native")
    (row,) = [row for row in await table(world.store, "events") if row["version"] == 2]
    assert cancelled == StoredEvent(
        id=commit.event_id,
        order_id=order.id,
        version=2,
        type="cancellation.accepted",
        at=ctx.now,
        credential_id="c1",
        dialect="shopline",
        party="seller",
        case_id=changed.cases[0].id,
        before=cancelled.before,
        after=cancelled.after,
    )
    assert (row["before"]["state"], row["after"]["state"]) == ("open", "completed")


async def test_the_feed_goes_on_after_an_id(world: World):
    other = await World(world.store, tenant_id="t2").add_tenant()
    await other.create(new_order())
    orders = [await world.create(new_order()) for _ in range(3)]
    for order in orders:
        await _edited(world, order, 2)
    feed = await world.store.events("t1", FROM_THE_START, 100)
    assert len(feed) == 9
    assert [event.id for event in feed] == sorted(event.id for event in feed)
    assert [event.at for event in feed] == sorted(event.at for event in feed)
    assert await world.store.events("t1", feed[3].id, 100) == feed[4:]
    assert await world.store.events("t1", feed[3].id, 2) == feed[4:6]
    assert await world.store.events("t1", feed[-1].id, 100) == []
    walked: list[StoredEvent] = []
    while page := await world.store.events("t1", walked[-1].id if walked else FROM_THE_START, 4):
        walked += page
    assert walked == feed
    assert len(await world.store.events("t2", FROM_THE_START, 100)) == 1
