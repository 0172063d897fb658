"""A commit that somebody else overtook, or that fails in any part, writes nothing at all."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from app.core.cancel import decide_cancel
from app.core.messages import Cancel, NewLine, Target
from app.core.model import Order, Scope
from app.core.ports import Commit, Moved, Taken
from app.store.registry import SqlRegistry
from tests.store.world import World, everything, new_order, table

WHOLE = Cancel(scope=Scope.ORDER, restock_to="shelf")
SHOP = {"shopline": "s-1", "convictional": "c-1"}
LINE = NewLine(sku="S0", quantity=1, unit_price=1, keys={"convictional": "line-1"})


async def refused(world: World, commit: Commit, error: type[Exception] = Moved) -> None:
    before = await everything(world.store)
    with pytest.raises(error):
        await world.store.commit(commit)
    assert await everything(world.store) == before


async def test_a_stale_version(world: World):
    order = await world.create(new_order())
    stale = world.decision(decide_cancel, order, WHOLE, key="k", fingerprint="f", reply="r")
    target = Target(ref=order.lines[0].id, quantity=1)
    await world.write(world.decision(decide_cancel, order, Cancel(scope=Scope.LINES, targets=(target,))))
    await refused(world, stale)


async def test_the_same_commit_twice(world: World):
    order = await world.create(new_order())
    commit = world.decision(decide_cancel, order, WHOLE)
    await world.write(commit)
    await refused(world, commit)


async def test_an_order_that_is_not_there(world: World):
    never_written = world.creation(new_order()).change.ledger.order
    await refused(world, world.decision(decide_cancel, never_written, WHOLE))


async def test_an_order_of_another_tenant(world: World):
    other = await World(world.store, tenant_id="t2").add_tenant()
    order = await world.create(new_order())
    await refused(world, other.decision(decide_cancel, replace(order, tenant_id="t2"), WHOLE))


@pytest.mark.parametrize("new", [True, False], ids=["create", "change"])
async def test_a_taken_idempotency_key(world: World, new: bool):
    order = await world.create(new_order())
    await world.write(world.creation(new_order(), key="k"))
    commit = world.creation(new_order(), key="k") if new else world.decision(decide_cancel, order, WHOLE, key="k")
    await refused(world, commit)


async def test_an_idempotency_key_belongs_to_one_credential_of_one_tenant(world: World):
    colleague, other = World(world.store, credential_id="c2"), World(world.store, tenant_id="t2")
    for each in (world, colleague, await other.add_tenant()):
        await each.write(each.creation(new_order(), key="k"))
    assert len(await table(world.store, "replays")) == 3


@pytest.mark.parametrize(
    ("taken", "field"),
    [
        ({"number": "N-1"}, "number"),
        ({"keys": {"shopline": "s-1"}}, "keys"),
        ({"keys": {"shopline": "s-2", "convictional": "c-1"}}, "keys"),
        ({"lines": (replace(LINE, keys={}), LINE)}, "lines.1.keys"),
        ({"number": "N-1", "keys": SHOP, "lines": (LINE,)}, "keys"),
        ({"number": "N-1", "lines": (LINE,)}, "number"),
    ],
)
async def test_a_taken_number_or_key_and_which_it_was(world: World, taken: dict[str, Any], field: str):
    there = await world.create(new_order(number="N-1", keys=SHOP, lines=(LINE,)))
    commit = world.creation(new_order(**taken), key="k")
    assert await world.store.taken("t1", commit.change) == Taken(field, there.id)
    await refused(world, commit)


async def test_nothing_is_taken_by_other_kinds_dialects_or_tenants(world: World):
    other = await World(world.store, tenant_id="t2").add_tenant()
    await other.create(new_order(number="N-2", keys={"shopline": "s-2"}))
    await world.create(new_order(number="N-1", keys=SHOP, lines=(LINE,)))
    free = NewLine(sku="S0", quantity=1, unit_price=1, keys={"convictional": "c-1", "shopline": "line-1"})
    commit = world.creation(new_order(number="N-2", keys={"shopline": "line-1", "convictional": "s-1"}, lines=(free,)))
    assert await world.store.taken("t1", commit.change) is None
    await world.write(commit)


Spoil = Callable[[Commit], Commit]


def _event_of_another_order(commit: Commit, other: Commit) -> Commit:
    return replace(commit, event_id=other.event_id)


def _key_twice(commit: Commit, other: Commit) -> Commit:
    return replace(commit, change=replace(commit.change, keys=other.change.keys))


def _movement_twice(commit: Commit, other: Commit) -> Commit:
    return replace(commit, change=replace(commit.change, movements=commit.change.movements * 2))


def _reply_twice(commit: Commit, other: Commit) -> Commit:
    return replace(commit, replay_key=other.replay_key)


@pytest.mark.parametrize("spoil", [_event_of_another_order, _key_twice, _movement_twice, _reply_twice])
async def test_one_colliding_part_takes_all_with_it(world: World, spoil: Callable[[Commit, Commit], Commit]):
    other = world.creation(new_order(keys=SHOP), key="k")
    await world.write(other)
    order = await world.create(new_order())
    commit = world.decision(decide_cancel, order, WHOLE, key="free")
    await refused(world, spoil(commit, other))
    await world.write(commit)


async def test_a_colliding_task_takes_all_with_it(world: World):
    await world.subscribe()
    order = await world.create(new_order())
    commit = world.decision(decide_cancel, order, WHOLE, key="free")
    sql = cast(SqlRegistry, world.store)
    await sql.execute("UPDATE tasks SET id = $2 WHERE tenant_id = $1", "t1", commit.event_id)
    await refused(world, commit)


def _broken(world: World, order: Order) -> Commit:
    """A column that may not be null is: a fault of the program, which nothing translates."""
    commit = world.decision(decide_cancel, order, WHOLE, key="broken")
    assert commit.change.event is not None
    event = replace(commit.change.event, type=cast(Any, None))
    return replace(commit, change=replace(commit.change, event=event))


async def test_a_fault_of_the_program_writes_nothing(world: World):
    order = await world.create(new_order())
    broken = _broken(world, order)
    before = await everything(world.store)
    with pytest.raises(Exception, match=r"(?i)null") as raised:
        await world.store.commit(broken)
    assert not isinstance(raised.value, Moved)
    assert await everything(world.store) == before
    await world.write(world.decision(decide_cancel, order, WHOLE))


async def test_a_failing_commit_leaves_its_neighbours_alone(world: World):
    orders = [await world.create(new_order()) for _ in range(9)]
    commits = [world.decision(decide_cancel, order, WHOLE) for order in orders]
    commits[4] = _broken(world, orders[4])
    commits[7] = replace(commits[7], change=commits[6].change)  # the same version of the same order twice
    results = await asyncio.gather(*(world.store.commit(c) for c in commits), return_exceptions=True)
    failed = {n for n, result in enumerate(results) if result is not None}
    assert failed in ({4, 7}, {4, 6})
    cancelled = {row["id"] for row in await table(world.store, "orders") if row["cancelled"]}
    assert cancelled == {order.id for n, order in enumerate(orders) if n not in {4, 7}}
    assert len(await table(world.store, "events")) == 9 + 7
    assert len(await table(world.store, "stock_movements")) == 7
