"""An id that a client gave to the contra item of a unit belongs to one unit of one order, also among many at once."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from app.core import units as u
from app.core.aftersales import AnnounceReturn, StepTarget, TakeStep
from app.core.ledger import Ledger
from app.core.messages import Cancel, Fulfil, Target
from app.core.model import Order, Scope, Step
from app.core.ports import Store
from app.core.refusal import Code, Refusal
from app.service.desk import Reply
from tests.store.world import World, everything, new_order, table

DUPLICATE = (Code.DUPLICATE, {"field": "contra"})


@pytest.fixture(params=["one process", "two processes"])
def worlds(request: pytest.FixtureRequest, world: World, second_store: Store) -> list[World]:
    """Whom to send requests to in turn."""
    return [world, world.on(second_store) if request.param == "two processes" else world]


def cancel(order: Order, **contra_ids: int) -> Cancel:
    """Units of the first line, by number, under these ids."""
    return Cancel(scope=Scope.LINES, targets=targets(order, **contra_ids), stepwise=True)


def targets(order: Order, **contra_ids: int) -> tuple[Target, ...]:
    line = order.lines[0].id
    return tuple(Target(ref=line, units=u.of([n]), contra_ids={str(n): id_}) for id_, n in contra_ids.items())


async def outcome(world: World, order: Order, command: Any, dialect: str = "afosto") -> Any:
    try:
        return await world.act(order.id, command, dialect=dialect)
    except Refusal as no:
        return no.code, no.facts


async def test_another_orders_id_is_refused_and_changes_nothing(world: World):
    first, second = [await world.create(new_order(5)) for _ in range(2)]
    await world.act(first.id, cancel(first, c1=1, c2=2), dialect="afosto")
    await world.act(second.id, Fulfil())
    before = await everything(world.store)

    returned = AnnounceReturn(targets=targets(second, c9=3, c2=1))

    assert await outcome(world, second, returned) == DUPLICATE
    assert await outcome(world, second, AnnounceReturn(targets=targets(second, c1=1))) == DUPLICATE
    assert await everything(world.store) == before
    assert isinstance(await outcome(world, second, AnnounceReturn(targets=targets(second, c1=1)), "native"), Reply)
    keys = {(row["dialect"], row["key"]): row["order_id"] for row in await table(world.store, "order_keys")}
    assert keys == {("afosto", "c1"): first.id, ("afosto", "c2"): first.id, ("native", "c1"): second.id}


async def test_of_many_orders_that_take_one_id_at_once_exactly_one_gets_it(worlds: list[World]):
    world = worlds[0]
    orders = [await world.create(new_order(3)) for _ in range(12)]

    results = await asyncio.gather(
        *(outcome(worlds[n % 2], order, cancel(order, c1=1)) for n, order in enumerate(orders))
    )

    won = [order for order, result in zip(orders, results, strict=True) if isinstance(result, Reply)]
    assert Counter(result for result in map(str, results) if "DUPLICATE" in result) == {str(DUPLICATE): 11}
    assert len(won) == 1
    pending = {order.id: Ledger(await world.order(order.id)).pending_units for order in orders}
    assert pending == {order.id: int(order.id == won[0].id) for order in orders}
    assert [row["order_id"] for row in await table(world.store, "order_keys")] == [won[0].id]


async def test_ids_taken_crosswise(worlds: list[World]):
    """Each has one of the other's: whoever was later gets none, not half."""
    world = worlds[0]
    for n in range(5):
        one, other = [await world.create(new_order(3)) for _ in range(2)]
        crossed = {f"a{n}": 1, f"b{n}": 2}

        results = await asyncio.gather(
            outcome(worlds[0], one, cancel(one, **crossed)),
            outcome(worlds[1], other, cancel(other, **dict(reversed(crossed.items())))),
        )

        assert sorted(isinstance(result, Reply) for result in results) == [False, True]
        assert DUPLICATE in results
        counted = [Ledger(await world.order(order.id)).pending_units for order in (one, other)]
        assert sorted(counted) == [0, 2]


async def test_the_same_request_many_times_at_once_takes_its_units_once(worlds: list[World]):
    """Without an idempotency key: the ids themselves make a retry harmless."""
    world = worlds[0]
    order = await world.create(new_order(9))
    command = cancel(order, c1=1, c2=2, c3=3)

    results = await asyncio.gather(*(outcome(worlds[n % 2], order, command) for n in range(10)))

    assert [type(result) for result in results] == [Reply] * 10
    after = await world.order(order.id)
    assert (after.version, len(after.cases), Ledger(after).pending_units) == (2, 1, 3)
    assert len(await table(world.store, "order_keys")) == 3
    assert len(await table(world.store, "events")) == 2


async def test_racing_steps_of_units_of_one_entry_each_count_once(worlds: list[World]):
    """Each unit parts from the others in its own request; whoever lost a race parts from what is left."""
    world = worlds[0]
    await world.add_location("shelf")
    order = await world.create(new_order(6))
    await world.act(order.id, cancel(order, **{f"c{n}": n for n in range(1, 7)}), dialect="afosto")
    await world.act(order.id, _step(Step.APPROVED, *(f"c{n}" for n in range(1, 7))), dialect="afosto")
    done: set[str] = set()
    while len(done) < 6:
        calls = {f"c{n}": _step(Step.RESTOCKED, f"c{n}") for n in range(1, 7) if f"c{n}" not in done}
        results = await asyncio.gather(
            *(outcome(worlds[n % 2], order, command) for n, command in enumerate(calls.values()))
        )
        assert {result[0] for result in results if not isinstance(result, Reply)} <= {Code.BUSY}
        done |= {id_ for id_, result in zip(calls, results, strict=True) if isinstance(result, Reply)}

    after = await world.order(order.id)
    movements = await table(world.store, "stock_movements")
    assert sorted(number for a in after.adjustments for number in u.numbers(a.units)) == [1, 2, 3, 4, 5, 6]
    assert {a.origin for a in after.adjustments} == {after.adjustments[0].id}
    assert sorted(row["adjustment_id"] for row in movements) == sorted(a.id for a in after.adjustments)
    assert sum(row["delta"] for row in movements) == 6


def _step(step: Step, *refs: str) -> TakeStep:
    return TakeStep(step=step, targets=tuple(StepTarget(ref=ref, location_id="shelf") for ref in refs))
