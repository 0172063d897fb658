"""Many at once on one order: one effect, whole or not at all, from one process or two. Lessons 41 to 43."""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from app.core.ledger import Ledger, imbalances
from app.core.messages import Cancel, Command, Fulfil, FulfilItem, Target
from app.core.model import Order, Scope
from app.core.ports import Ref, Store
from app.core.refusal import Code, Refusal
from app.service.desk import Once, Reply
from tests.store.world import World, new_order, table, told

WHOLE = Cancel(scope=Scope.ORDER, restock_to="shelf")
OVERTAKEN = {Code.ALREADY_CANCELLED, Code.BUSY}


@pytest.fixture(params=["one process", "two processes"])
async def worlds(request: pytest.FixtureRequest, world: World, second_store: Store) -> list[World]:
    """Whom to send requests to in turn."""
    await world.add_location("shelf")
    await world.subscribe()
    return [world, world.on(second_store) if request.param == "two processes" else world]


async def _all(calls: Sequence[Coroutine[Any, Any, Reply]]) -> tuple[list[Reply], Counter[Code]]:
    """The replies, and how often each refusal; anything else is an error of the test."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in results if isinstance(result, Refusal)]
    replies = [result for result in results if isinstance(result, Reply)]
    assert len(refused) + len(replies) == len(calls), results
    return replies, Counter(refusal.code for refusal in refused)


async def test_of_fifty_whole_cancels_exactly_one_takes_effect(worlds: list[World]):
    world = worlds[0]
    order = await world.create(new_order(5, 3))
    calls = [worlds[n % 2].act(order.id, WHOLE, key=f"k{n}") for n in range(50)]
    replies, refused = await _all(calls)
    assert [reply.replayed for reply in replies] == [False]
    assert refused.total() == 49
    assert set(refused) <= OVERTAKEN
    cancelled = await world.order(order.id)
    assert (cancelled.version, len(cancelled.cases), len(cancelled.adjustments)) == (2, 1, 2)
    assert list(imbalances(Ledger(cancelled))) == []
    assert [event["version"] for event in await table(world.store, "events")] == [1, 2]
    assert len(await table(world.store, "tasks")) == 2
    assert [row["reply"] for row in await table(world.store, "replays")] == [replies[0].text]
    movements = await table(world.store, "stock_movements")
    assert [(row["id"], row["delta"]) for row in movements] == [
        (cancelled.adjustments[0].id, 5),
        (cancelled.adjustments[1].id, 3),
    ]


async def test_twenty_with_one_key_are_one(worlds: list[World]):
    world = worlds[0]
    order = await world.create(new_order(50))
    one = Cancel(scope=Scope.LINES, targets=(Target(ref=order.lines[0].id, quantity=1),))
    replies, refused = await _all([worlds[n % 2].act(order.id, one, key="same") for n in range(20)])
    assert refused == {}
    assert len({reply.text for reply in replies}) == 1
    assert Counter(reply.replayed for reply in replies) == {False: 1, True: 19}
    assert Ledger(await world.order(order.id)).cancelled_units == 1
    assert len(await table(world.store, "events")) == 2
    assert len(await table(world.store, "replays")) == 1


async def test_twenty_creations_with_one_key_are_one(worlds: list[World]):
    command = new_order(keys={"shopline": "s-1"})
    calls = [
        worlds[n % 2].desk.create(worlds[0].caller, "shopline", command, told, once=Once("k", "f")) for n in range(20)
    ]
    replies, refused = await _all(calls)
    assert refused == {}
    assert len({reply.text for reply in replies}) == 1
    assert Counter(reply.replayed for reply in replies) == {False: 1, True: 19}
    for name in ("orders", "events", "tasks", "replays", "order_keys"):
        assert len(await table(worlds[0].store, name)) == 1, name


async def test_of_creations_with_one_number_or_key_one_goes_in(worlds: list[World]):
    commands = [new_order(number="N-1"), new_order(keys={"shopline": "s-1", "afosto": "a-1"})]
    commands.append(new_order(keys={"afosto": "a-1", "shopline": "s-1"}))
    calls = [worlds[n % 2].desk.create(worlds[0].caller, "shopline", commands[n % 3], told) for n in range(30)]
    replies, refused = await _all(calls)
    assert len(replies) == 2
    assert set(refused) <= {Code.DUPLICATE, Code.BUSY}
    assert len(await table(worlds[0].store, "orders")) == 2
    assert len(await table(worlds[0].store, "events")) == 2


async def test_one_key_for_two_requests_at_once(worlds: list[World]):
    world = worlds[0]
    orders = [await world.create(new_order()) for _ in range(2)]
    calls = [worlds[n % 2].act(orders[n % 2].id, WHOLE, key="k", fingerprint=f"{n % 2}") for n in range(20)]
    replies, refused = await _all(calls)
    assert (len({reply.text for reply in replies}), len(replies), refused) == (1, 10, {Code.KEY_REUSED: 10})
    assert sorted([order.version for order in [await world.order(each.id) for each in orders]]) == [1, 2]


async def test_cancel_and_fulfil_racing(worlds: list[World]):
    """Every unit goes one way, every reply that was given is in the ledger, and no other."""
    world = worlds[0]
    order = await world.create(new_order(12, 12))
    line = order.lines[0].id
    cancel_one = Cancel(scope=Scope.LINES, targets=(Target(ref=line, quantity=1),))
    cancel_all = Cancel(scope=Scope.LINES, targets=(Target(ref=order.lines[1].id),))
    commands: list[Command] = [cancel_one, Fulfil(items=(FulfilItem(line=line, quantity=1),))] * 10
    commands += [cancel_all, Fulfil(items=(FulfilItem(sku="S1"),))] * 3
    random.shuffle(commands)
    results = await asyncio.gather(
        *(worlds[n % 2].act(order.id, command, key=f"k{n}") for n, command in enumerate(commands)),
        return_exceptions=True,
    )
    done = [command for command, result in zip(commands, results, strict=True) if isinstance(result, Reply)]
    refused = {result.code for result in results if isinstance(result, Refusal)}
    assert refused <= OVERTAKEN | {Code.ALREADY_FULFILLED, Code.QUANTITY_OUT_OF_RANGE, Code.NOTHING_TO_FULFIL}
    after = await world.order(order.id)
    assert list(imbalances(Ledger(after))) == []
    assert after.version == 1 + len(done) == len(await table(world.store, "events"))
    assert len(await table(world.store, "replays")) == len(done) > 0
    assert (len(after.cases), len(after.fulfillments)) == (
        sum(isinstance(command, Cancel) for command in done),
        sum(isinstance(command, Fulfil) for command in done),
    )


async def test_stock_of_one_product_over_many_orders_adds_up(worlds: list[World]):
    world = worlds[0]
    orders = [await world.create(new_order(3)) for _ in range(60)]
    twice = [order for order in orders for _ in range(2)]
    replies, refused = await _all([worlds[n % 2].act(order.id, WHOLE) for n, order in enumerate(twice)])
    assert len(replies) == 60
    assert set(refused) <= OVERTAKEN
    movements = await table(world.store, "stock_movements")
    assert (len(movements), sum(row["delta"] for row in movements)) == (60, 180)


async def test_two_imports_of_the_same_orders(worlds: list[World]):
    """One may have to load again, as the importer does; nothing goes in twice."""
    commands = [new_order(number=f"N-{n}", keys={"shopline": f"s-{n}"}) for n in range(50)]

    async def run(world: World) -> int:
        commits = [world.creation(command) for command in commands]
        return (await world.store.add_orders("t1", commits)).count(None)

    added = await asyncio.gather(*(run(world) for world in worlds * 2), return_exceptions=True)
    assert sum(n for n in added if isinstance(n, int)) == 50
    for name in ("orders", "events", "tasks", "order_keys"):
        assert len(await table(worlds[0].store, name)) == 50, name
    assert await run(worlds[1]) == 0


async def test_readers_never_see_half_a_change(worlds: list[World]):
    world, reader = worlds
    order = await world.create(new_order(40))
    one = Cancel(scope=Scope.LINES, targets=(Target(ref=order.lines[0].id, quantity=1),))
    seen: list[Order] = []

    async def read() -> None:
        while not seen or seen[-1].version < 21:
            seen.append((await reader.desk.read(reader.caller, Ref.to_order("native", order.id))).order)
            await asyncio.sleep(0)

    async def write() -> None:
        for _ in range(20):
            await world.act(order.id, one)

    await asyncio.gather(read(), read(), write())
    assert {each.version for each in seen} >= {21}
    for each in seen:
        assert list(imbalances(Ledger(each))) == []
        assert Ledger(each).cancelled_units == each.version - 1
