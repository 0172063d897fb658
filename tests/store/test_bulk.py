"""Many new orders at once: recognised again by their keys, else their number; the same rows as one by one."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.core.ledger import Ledger
from app.core.messages import CreateOrder, NewFee, NewLine
from app.core.model import Address, Customer, FeeKind, LineType
from app.core.ports import Commit, Query, Taken
from tests.store.world import World, everything, new_order


def _line(key: str) -> NewLine:
    return NewLine(sku="S", quantity=1, unit_price=1, keys={"convictional": key})


async def _add(world: World, *commands: CreateOrder) -> list[Any]:
    """For each: None, or what was taken and the number of the order that has it."""
    commits = [world.creation(command) for command in commands]
    answers = await world.store.add_orders("t1", commits)
    numbers = {order.id: order.number for order in await world.store.find("t1", Query(limit=1000))}
    return [answer and (answer.field, numbers[answer.order_id]) for answer in answers]


async def test_new_ones_go_in_and_a_second_run_adds_nothing(world: World):
    await world.subscribe()
    commands = [new_order(2, number=f"N-{n}", keys={"shopline": f"s-{n}"}) for n in range(100)]
    commits = [world.creation(command) for command in commands]
    assert await world.store.add_orders("t1", commits) == [None] * 100
    before = await everything(world.store)
    assert (len(before["orders"]), len(before["events"]), len(before["tasks"])) == (100, 100, 100)
    again = [world.creation(command) for command in commands]
    wanted = [Taken("keys", commit.change.ledger.order.id) for commit in commits]
    assert await world.store.add_orders("t1", again) == wanted
    assert await everything(world.store) == before


async def test_recognised_by_order_key_then_number_then_line_key(world: World):
    await world.create(new_order(number="one", keys={"shopline": "s1", "afosto": "a1"}))
    await world.create(new_order(number="two", lines=(_line("l2"),)))
    assert await _add(
        world,
        new_order(number="two", keys={"afosto": "a1"}, lines=(_line("l2"),)),
        new_order(number="two", keys={"shopline": "a1"}, lines=(_line("l2"),)),
        new_order(number="new", lines=(_line("l0"), _line("l2"))),
        new_order(number="newer", lines=(_line("s1"),)),
    ) == [("keys", "one"), ("number", "two"), ("lines.1.keys", "two"), None]


async def test_duplicates_inside_one_batch(world: World):
    assert await _add(
        world,
        new_order(number="one", keys={"shopline": "s1"}),
        new_order(number="one"),
        new_order(number="two", keys={"shopline": "s1"}),
        new_order(number="three", lines=(_line("l3"),)),
        new_order(number="four", lines=(_line("l3"),)),
        new_order(number="four"),
    ) == [None, ("number", "one"), ("keys", "one"), None, ("lines.0.keys", "three"), None]
    assert [order.number for order in await world.store.find("t1", Query())] == ["one", "three", "four"]


async def test_another_tenants_orders_are_not_recognised(world: World):
    other = await World(world.store, tenant_id="t2").add_tenant()
    command = new_order(number="one", keys={"shopline": "s1"}, lines=(_line("l1"),))
    await other.create(command)
    assert await _add(world, command) == [None]


async def test_an_empty_batch(world: World):
    assert await world.store.add_orders("t1", []) == []


async def test_a_failing_row_takes_its_batch_with_it(world: World):
    good, bad = world.creation(new_order()), world.creation(new_order())
    bad = replace(bad, event_id=good.event_id)
    before = await everything(world.store)
    with pytest.raises(Exception):  # noqa: B017, PT011 - which one does not matter, only that nothing stays
        await world.store.add_orders("t1", [good, bad])
    assert await everything(world.store) == before


FULL = new_order(
    number="N-1",
    keys={"shopline": "s-1", "convictional": "é'\"\\-1"},
    customer=Customer(name="Zoë", email="z@example.com", phone="+31"),
    shipping_address=Address(name="Zoë", address1="Straße 1\nhinten", city="Köln", country_code="DE"),
    billing_address=Address(company="Ünal & Söhne", zip="00123"),
    lines=(
        NewLine(ref="p", sku="P", title="Bundle", quantity=1, unit_price=0, type=LineType.ASSEMBLE_BUNDLE),
        NewLine(
            sku="C", quantity=10**9, unit_price=2**40, tax_rate=Decimal("0.2100"), parent="p", keys={"native": "x"}
        ),
    ),
    fees=(NewFee(kind=FeeKind.SHIPPING, title="Post 🚚", amount=495),),
    prices_include_tax=False,
    note="line one\nline two\t\\",
    tags=("b", "a", "b"),
    metadata={"z": [1, 2.5, None, True, {"a": "ß"}], "a": "\u2028", "n": -3, "big": 12345678901234567890},
    extras={"shopline": {"posted": False, "rate": 0.1}},
)


@pytest.mark.parametrize("subscribed", [False, True])
async def test_a_bulk_loaded_order_is_the_same_as_one_created_singly(world: World, subscribed: bool):
    """Every row of every table, and the order as it is read back, which is the order as it was decided."""
    if subscribed:
        await world.subscribe()
    single = world.creation(FULL)
    await world.write(single)
    alone = await everything(world.store)
    other = await World(world.store, tenant_id="t2").add_tenant()
    assert await other.store.add_orders("t2", [_moved_to("t2", single)]) == [None]
    both = await everything(world.store)
    for name in set(both) - {"tenants", "subscriptions"}:
        bulk = [row for row in both[name] if row["tenant_id"] == "t2"]
        assert [_as_tenant_one(row) for row in bulk] == alone[name], name
    order = single.change.ledger.order
    assert await world.order(order.id) == order
    assert await other.order(order.id) == replace(order, tenant_id="t2")


def _moved_to(tenant_id: str, commit: Commit) -> Commit:
    ledger = Ledger(replace(commit.change.ledger.order, tenant_id=tenant_id))
    return replace(commit, change=replace(commit.change, ledger=ledger))


def _as_tenant_one(row: dict[str, Any]) -> dict[str, Any]:
    changed = {**row, "tenant_id": "t1"}
    if row.get("body") is not None:
        changed["body"] = {**row["body"], "tenant_id": "t1"}
    return changed
