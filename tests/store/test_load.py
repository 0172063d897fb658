"""One statement reads all that a command needs: the order by any of its names, the policy, the stored reply."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.cancel import decide_cancel
from app.core.messages import Cancel, NewLine, Target
from app.core.model import Order, Scope
from app.core.policy import OnSilence, Policy
from app.core.ports import MAX_KEY, Ref, ReplayKey, Store
from tests.store.world import START, World, new_order, table

LINES = (
    NewLine(sku="A", quantity=2, unit_price=5, keys={"convictional": "line-a", "shopline": "77"}),
    NewLine(sku="B", quantity=3, unit_price=7, keys={"convictional": "line-b"}),
)


@pytest.fixture
async def order(world: World) -> Order:
    return await world.create(new_order(number="N-1", lines=LINES, keys={"shopline": "633130-1", "afosto": "77"}))


async def loaded(world: World, ref: Ref) -> Order | None:
    found = await world.store.load(world.tenant_id, ref, None)
    assert found is not None
    assert found.active
    assert found.replay is None
    return found.order


async def test_by_core_id(world: World, order: Order):
    assert await loaded(world, Ref.to_order("native", order.id)) == order
    assert await loaded(world, Ref.to_order("shopline", order.id)) == order


async def test_by_order_key_of_the_asking_dialect_only(world: World, order: Order):
    assert await loaded(world, Ref.to_order("shopline", "633130-1")) == order
    assert await loaded(world, Ref.to_order("afosto", "77")) == order
    assert await loaded(world, Ref.to_order("native", "633130-1")) is None
    assert await loaded(world, Ref.to_order("shopline", "77")) is None


async def test_by_line_key(world: World, order: Order):
    assert await loaded(world, Ref.through("convictional", "line", "line-b")) == order
    assert await loaded(world, Ref.through("shopline", "line", "77")) == order
    assert await loaded(world, Ref.through("convictional", "order", "line-b")) is None
    assert await loaded(world, Ref.through("convictional", "line", "line-c")) is None


async def test_by_the_id_of_anything_inside(world: World, order: Order):
    target = Target(ref=order.lines[0].id, quantity=1)
    commit = world.decision(decide_cancel, order, Cancel(scope=Scope.LINES, targets=(target,)))
    changed = await world.write(commit)
    for id_ in (order.lines[1].id, changed.cases[0].id, changed.adjustments[0].id):
        assert await loaded(world, Ref.through("native", "line", id_)) == changed
        assert await loaded(world, Ref.to_order("native", id_)) is None


async def test_by_a_contra_key_given_with_a_change(world: World, order: Order):
    target = Target(ref=order.lines[0].id, units=((2, 2),), contra_ids={"2": "contra-2"})
    commit = world.decision(
        decide_cancel, order, Cancel(scope=Scope.LINES, targets=(target,)), ctx=world.context(dialect="afosto")
    )
    changed = await world.write(commit)
    assert await loaded(world, Ref.through("afosto", "contra", "contra-2")) == changed
    assert await loaded(world, Ref.through("native", "contra", "contra-2")) is None


async def test_a_key_that_looks_like_a_core_id_wins_over_it(world: World, order: Order):
    other = await world.create(new_order(keys={"shopline": order.id}))
    assert await loaded(world, Ref.to_order("shopline", order.id)) == other
    assert await loaded(world, Ref.to_order("native", order.id)) == order


@pytest.mark.parametrize("text", ["", "nope", "01890000-0000-7000-8000-000000000000", "é" * MAX_KEY, "%' OR 1=1 --"])
async def test_unknown(world: World, order: Order, text: str):
    assert await loaded(world, Ref.to_order("shopline", text)) is None
    assert await loaded(world, Ref.through("shopline", "line", text)) is None


async def test_another_tenants_order_does_not_exist(world: World, order: Order):
    other = await World(world.store, tenant_id="t2").add_tenant()
    assert await loaded(other, Ref.to_order("native", order.id)) is None
    assert await loaded(other, Ref.to_order("shopline", "633130-1")) is None
    assert await loaded(other, Ref.through("convictional", "line", "line-a")) is None
    assert await loaded(other, Ref.through("native", "line", order.lines[0].id)) is None


async def test_tenants_may_use_the_same_number_and_keys(world: World, order: Order):
    other = await World(world.store, tenant_id="t2").add_tenant()
    theirs = await other.create(new_order(number="N-1", lines=LINES, keys={"shopline": "633130-1", "afosto": "77"}))
    assert await loaded(world, Ref.to_order("shopline", "633130-1")) == order
    assert await loaded(other, Ref.to_order("shopline", "633130-1")) == theirs


async def test_unknown_and_inactive_tenant(store: Store):
    assert await store.load("nobody", Ref.to_order("native", "x"), ReplayKey("c1", "k")) is None
    await World(store).add_tenant(active=False)
    found = await store.load("t1", None, None)
    assert found is not None
    assert not found.active


async def test_the_policy_is_read_with_every_load(world: World):
    assert (await world.store.load("t1", None, None)).policy == Policy()  # type: ignore[union-attr]
    changed = Policy(
        track_inventory=False,
        approve_returns=False,
        restock_on_cancel=True,
        warehouse_deadline=90,
        on_silence=OnSilence.REJECT,
        sync_wait=1.5,
        return_window_hours=48,
        reasons=("damaged", "späť"),
    )
    tenant = await world.store.tenant("t1")
    assert tenant is not None
    await world.store.save_tenant(replace(tenant, policy=changed))
    found = await world.store.load("t1", None, None)
    assert found is not None
    assert (found.policy, found.order, found.replay) == (changed, None, None)


async def test_the_stored_reply_comes_with_the_load(world: World, order: Order):
    commit = world.decision(
        decide_cancel, order, Cancel(scope=Scope.ORDER), key="clé 1", fingerprint="f1", reply='{"ok": "é"}\n'
    )
    changed = await world.write(commit)
    ref = Ref.to_order("native", order.id)
    found = await world.store.load("t1", ref, ReplayKey("c1", "clé 1"))
    assert found is not None
    assert found.order == changed
    assert found.replay is not None
    assert (found.replay.fingerprint, found.replay.reply) == ("f1", '{"ok": "é"}\n')
    assert (found.replay.order_id, found.replay.case_id) == (order.id, None)
    assert found.replay.created_at == changed.updated_at > START
    for key in (ReplayKey("c2", "clé 1"), ReplayKey("c1", "clé")):
        found = await world.store.load("t1", ref, key)
        assert found is not None
        assert found.replay is None


async def test_a_forgotten_reply_is_gone_and_no_other(world: World, order: Order):
    written = (await world.write(world.creation(new_order(), key="a"))).created_at
    await world.write(world.creation(new_order(), key="b"))
    await world.store.forget_replay("t1", ReplayKey("c1", "a"), written)
    assert len(await table(world.store, "replays")) == 2
    await world.store.forget_replay("t1", ReplayKey("c1", "a"), written + timedelta(milliseconds=1))
    await world.store.forget_replay("t1", ReplayKey("c1", "never there"), world.watch())
    found = [await world.store.load("t1", None, ReplayKey("c1", key)) for key in "ab"]
    assert [each is not None and each.replay is not None for each in found] == [False, True]
