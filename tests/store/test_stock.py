"""Stock: movements by orders and by hand, levels that are their sums, page by page, and all of it for one tenant."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.aftersales import StepTarget, TakeStep
from app.core.messages import Cancel, Target
from app.core.model import Scope, Step
from app.core.ports import Kept, Moved, ReplayKey, Store
from app.core.stock import Level, LevelQuery, MovementQuery, StockMovement
from app.service.desk import Reply
from tests.store.world import START, World, new_order, table

ROWS = [("b", "S1", 4), ("a", "S2", -1), ("a", "S1", 2), ("b", "S1", 3), ("a", "S2", 1), ("c", "S0", 10)]
"""In the order of time: location, sku, delta."""


def movement(world: World, location: str = "a", sku: str = "S1", delta: int = 1, minutes: int = 0) -> StockMovement:
    at = START + timedelta(minutes=minutes)
    return StockMovement(
        tenant_id=world.tenant_id,
        id=world.clock.new_id(at),
        location_id=location,
        sku=sku,
        delta=delta,
        credential_id="c1",
        note="Zählung",
        at=at,
    )


def level(location: str, sku: str, number: int) -> Level:
    return Level(location_id=location, sku=sku, level=number)


@pytest.fixture
async def booked(world: World) -> list[StockMovement]:
    for location in "abc":
        await world.add_location(location)
    made = [movement(world, *row, minutes=n) for n, row in enumerate(ROWS)]
    for each in made:
        await world.store.add_movement(each)
    return made


async def test_levels_are_sums_by_location_and_sku(world: World, booked: list[StockMovement]):
    """What came to nothing is there, too: the sku is known, and there is none of it."""
    everything = [level("a", "S1", 2), level("a", "S2", 0), level("b", "S1", 7), level("c", "S0", 10)]
    assert await world.store.levels("t1", LevelQuery()) == everything
    assert await world.store.levels("t1", LevelQuery(location_id="a")) == everything[:2]
    assert await world.store.levels("t1", LevelQuery(sku="S1")) == [everything[0], everything[2]]
    assert await world.store.levels("t1", LevelQuery(location_id="b", sku="S1")) == everything[2:3]
    assert await world.store.levels("t1", LevelQuery(location_id="b", sku="S2")) == []
    assert await world.store.levels("t1", LevelQuery(location_id="z")) == []


async def test_movements_read_back_newest_first(world: World, booked: list[StockMovement]):
    newest = booked[::-1]
    assert await world.store.movements("t1", MovementQuery()) == newest
    for location, sku in ((None, "S1"), ("a", None), ("a", "S2"), ("z", None)):
        wanted = [m for m in newest if location in {None, m.location_id} and sku in {None, m.sku}]
        assert await world.store.movements("t1", MovementQuery(location_id=location, sku=sku)) == wanted


@pytest.mark.parametrize(("location", "sku"), [(None, None), ("a", None), (None, "S1"), ("a", "S2")])
async def test_pages_hang_together(world: World, booked: list[StockMovement], location: str | None, sku: str | None):
    twin = replace(booked[-1], id=world.clock.new_id(booked[-1].at))  # at the very same time
    await world.store.add_movement(twin)
    store = world.store
    levels, movements = LevelQuery(location_id=location, sku=sku), MovementQuery(location_id=location, sku=sku)
    wanted = await store.levels("t1", levels), await store.movements("t1", movements)
    found: tuple[list[Level], list[StockMovement]] = ([], [])
    while page := await store.levels("t1", replace(levels, limit=1)):
        found[0].extend(page)
        levels = replace(levels, after=(page[-1].location_id, page[-1].sku))
    while some := await store.movements("t1", replace(movements, limit=1)):
        found[1].extend(some)
        movements = replace(movements, after=(some[-1].at, some[-1].id))
    assert found == wanted
    assert all(wanted)


async def test_nobody_sees_another_tenants(world: World, booked: list[StockMovement]):
    other = await World(world.store, tenant_id="t2").add_tenant()
    await other.add_location("a")
    await other.store.add_movement(replace(movement(other, delta=100), id=booked[0].id))
    assert await world.store.levels("t2", LevelQuery()) == [level("a", "S1", 100)]
    assert await world.store.levels("t2", LevelQuery(sku="S1")) == [level("a", "S1", 100)]
    assert len(await world.store.movements("t2", MovementQuery())) == 1
    assert await world.store.levels("t1", LevelQuery(location_id="a", sku="S1")) == [level("a", "S1", 2)]


async def test_a_movement_and_its_reply_are_written_together_or_neither(world: World):
    kept = Kept(key=ReplayKey("c1", "k"), fingerprint="f", reply="r", at=START)
    await world.store.add_movement(movement(world), kept)
    assert [row["reply"] for row in await table(world.store, "replays")] == ["r"]
    with pytest.raises(Moved):
        await world.store.add_movement(movement(world), kept)
    [only] = await world.store.movements("t1", MovementQuery())
    with pytest.raises(Moved):
        await world.store.add_movement(only)
    assert await world.store.levels("t1", LevelQuery()) == [level("a", "S1", 1)]


async def test_what_an_order_puts_back_is_a_movement(world: World):
    await world.add_location("shelf")
    order = await world.create(new_order(5))
    await world.act(order.id, Cancel(scope=Scope.ORDER, restock_to="shelf"))
    order = await world.order(order.id)
    assert await world.store.movements("t1", MovementQuery(sku="S0")) == [
        StockMovement(
            tenant_id="t1",
            id=order.adjustments[0].id,
            location_id="shelf",
            sku="S0",
            delta=5,
            adjustment_id=order.adjustments[0].id,
            at=order.updated_at,
        )
    ]


@pytest.fixture(params=["one process", "two processes"])
async def worlds(request: pytest.FixtureRequest, world: World, second_store: Store) -> list[World]:
    await world.add_location("a")
    await world.add_location("b")
    return [world, world.on(second_store) if request.param == "two processes" else world]


async def test_many_restocks_and_corrections_at_once_add_up(worlds: list[World]):
    """Step by step in thirty orders, two units each at two locations; every one is tried twice."""
    world = worlds[0]
    orders = [await world.create(new_order(4)) for _ in range(30)]
    restocks = []
    for order in orders:
        target = Target(ref=order.lines[0].id)
        await world.act(order.id, Cancel(scope=Scope.LINES, targets=(target,), stepwise=True))
        cancelled = (await world.order(order.id)).adjustments[0].id
        await world.act(order.id, TakeStep(step=Step.APPROVED, targets=(StepTarget(ref=cancelled),)))
        places = {1: "a", 2: "a", 3: "b", 4: "b"}
        units = tuple(StepTarget(ref=f"{cancelled}.{n}", location_id=place) for n, place in places.items())
        restocks.append((order.id, TakeStep(step=Step.RESTOCKED, targets=units)))
    results = await asyncio.gather(
        *(worlds[n % 2].act(id_, restock) for n, (id_, restock) in enumerate(restocks * 2)),
        *(worlds[n % 2].store.add_movement(movement(world, "a", "S0", -1)) for n in range(20)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Reply) for result in results) == 30
    assert await world.store.levels("t1", LevelQuery()) == [level("a", "S0", 40), level("b", "S0", 60)]
    movements = await world.store.movements("t1", MovementQuery(limit=250))
    assert sorted(each.delta for each in movements) == [-1] * 20 + [2] * 60
    assert len({each.id for each in movements}) == 80
