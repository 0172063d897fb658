"""Cases that are not decided yet: whose, in which order, and found without reading the orders that have none."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import pytest

from app.core.answer import decide_answer
from app.core.cancel import decide_cancel
from app.core.finding import CaseQuery
from app.core.fulfil import decide_allocate
from app.core.messages import Allocate, Answer, Cancel, Target
from app.core.model import Order, Scope, Stage
from app.core.policy import Policy
from app.core.ports import Store
from app.store import queries
from app.store.sqlite import SqliteStore
from tests.store.world import World, new_order

_HOUR = Policy(warehouse_deadline=3600)


async def _asked(world: World, *locations: str, units: int = 1, stepwise: bool = False) -> Order:
    """An order of which each location is asked for some of the first line's units."""
    order = await world.create(new_order())
    for location in locations:
        target = Target(ref=order.lines[0].id, quantity=units)
        command = Allocate(location_id=location, connector="manual", targets=(target,), stage=Stage.PICKING)
        order = await world.write(world.decision(decide_allocate, order, command))
    target = Target(ref=order.lines[0].id)
    cancel = Cancel(scope=Scope.LINES, targets=(target,), stepwise=stepwise)
    return await world.write(world.decision(decide_cancel, order, cancel, ctx=world.context(policy=_HOUR)))


async def _cases(store: Store, query: CaseQuery | None = None, tenant_id: str = "t1") -> Sequence[str]:
    return [case for _, case in await store.undecided(tenant_id, query or CaseQuery())]


async def test_who_waits_for_whom(world: World):
    other = await World(world.store, tenant_id="t2").add_tenant()
    theirs = await _asked(other, "w1")
    one, both = await _asked(world, "w1"), await _asked(world, "w1", "w2")
    steps = await _asked(world, stepwise=True)
    first, second, third = (order.cases[0] for order in (one, both, steps))
    assert first.deadline == first.created_at + timedelta(hours=1)
    assert third.deadline is None, "nobody is asked"
    for query, wanted in (
        (CaseQuery(), [first, second, third]),
        (CaseQuery(asked=True), [first, second]),
        (CaseQuery(asked=False), [third]),
        (CaseQuery(location_id="w2"), [second]),
        (CaseQuery(location_id="w3"), []),
        (CaseQuery(limit=1), [first]),
        (CaseQuery(after=(first.created_at, first.id)), [second, third]),
    ):
        assert await _cases(world.store, query) == [case.id for case in wanted], query
    assert await _cases(world.store, tenant_id="t2") == [theirs.cases[0].id]
    command = Answer(case_id=second.id, accepted=True, location_id="w2")
    answered = await world.write(world.decision(decide_answer, both, command))
    assert await _cases(world.store, CaseQuery(location_id="w2")) == []
    assert await _cases(world.store, CaseQuery(location_id="w1")) == [first.id, second.id]
    await world.write(world.decision(decide_answer, answered, Answer(case_id=second.id, accepted=False)))
    assert await _cases(world.store) == [first.id, third.id]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_only_orders_that_wait_are_looked_at(world: World, database_url: str):
    await _asked(world, "w1")
    for _ in range(100):
        await world.create(new_order())
    text, values = queries.undecided("t1", CaseQuery(asked=True), lambda at: at, queries.POSTGRESQL)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("ANALYZE orders")
        await connection.execute("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {text}", *values))
    finally:
        await connection.close()
    assert "orders_undecided" in plan, plan


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_index_serves_sqlite_too(world: World):
    assert isinstance(world.store, SqliteStore)
    text, values = queries.undecided("t1", CaseQuery(asked=True), str, queries.SQLITE)
    plan = [row[3] for row in await world.store.fetch(f"EXPLAIN QUERY PLAN {text}", *values)]
    assert any("orders_undecided" in step for step in plan), plan
