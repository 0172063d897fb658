"""Lists by what came after an order was shipped: archived, in after-sales, refunded; and the list of refunds."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.core.aftersales import AnnounceReturn, Archive, GiveBack
from app.core.decide import decide
from app.core.messages import Fulfil, Target
from app.core.model import Order, Payment, PaymentStatus, Step
from app.core.ports import Query, Ref, RefundQuery
from tests.store.world import START, World, new_order

PAID = Payment(status=PaymentStatus.PAID)


@pytest.fixture
async def made(world: World) -> dict[str, Order]:
    """A is untouched, B archived, C comes back, D was refunded twice and E once, between C's moments."""
    other = await World(world.store, tenant_id="t2").add_tenant()
    theirs = await _act(other, await other.create(new_order(2, payment=PAID)), GiveBack(amount=1), 3)
    assert theirs.refunds
    made = {
        name: await world.create(new_order(2, number=f"N-{name}", keys={"shopline": f"s-{name}"}, payment=PAID))
        for name in "ABCDE"
    }
    for name in "BC":
        made[name] = await _act(world, made[name], Fulfil(), 1)
    made["B"] = await _act(world, made["B"], Archive(), 2)
    back = Target(ref=made["C"].lines[0].id)
    made["C"] = await _act(world, made["C"], AnnounceReturn(targets=(back,), until=Step.ANNOUNCED), 4)
    for name, seconds in (("D", 5), ("E", 5.25), ("D", 6)):
        made[name] = await _act(world, made[name], GiveBack(amount=100), seconds)
    return made


async def _act(world: World, order: Order, command: object, seconds: float) -> Order:
    world.watch.at = _at(seconds)
    return await world.write(world.decision(decide, order, command))  # type: ignore[arg-type]


def _at(seconds: float) -> datetime:
    """A moment without a fraction for whole seconds: those have fewer digits where they are stored."""
    return START.replace(microsecond=0) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (Query(archived=True), "B"),
        (Query(archived=False), "ACDE"),
        (Query(after_sales=["pending"]), "C"),
        (Query(after_sales=["processing"]), ""),
        (Query(after_sales=["pending", "finished"]), "CDE"),
        (Query(after_sales=[]), ""),
        (Query(after_sales_from=_at(5.25)), "DE"),
        (Query(after_sales_before=_at(5.25)), "C"),
        (Query(after_sales=["finished"], after_sales_from=_at(4), after_sales_before=_at(6)), "E"),
        (Query(progress=["returning"]), "C"),
        (Query(payments=[PaymentStatus.PARTIALLY_REFUNDED]), "DE"),
    ],
)
async def test_filters(world: World, made: dict[str, Order], query: Query, names: str):
    assert [order.number for order in await world.store.find("t1", query)] == [f"N-{name}" for name in names]
    assert await world.store.count("t1", query) == len(names)


async def test_what_was_archived_and_comes_out_again(world: World, made: dict[str, Order]):
    await _act(world, made["B"], Archive(archived=False), 7)
    assert await world.store.count("t1", Query(archived=True)) == 0


async def test_refunds_by_when_they_were_made(world: World, made: dict[str, Order]):
    first, last = ((made["D"], refund.id) for refund in made["D"].refunds)
    between = made["E"], made["E"].refunds[0].id
    keys = [Ref.to_order("shopline", text) for text in ("s-D", "s-A", "none")]

    async def found(**asked: object) -> list[tuple[Order, str]]:
        return await world.store.refunds("t1", RefundQuery(**asked))  # type: ignore[arg-type]

    assert await found() == [first, between, last]
    assert await found(descending=True) == [last, between, first]
    assert await found(limit=1, offset=1) == [between]
    assert await found(orders=keys) == [first, last]
    assert await found(orders=keys[1:]) == await found(orders=[]) == await found(ids=[]) == []
    assert await found(ids=[last[1], between[1], made["A"].id]) == [between, last]
    assert await found(ids=[last[1]], orders=keys) == [last]
    assert await found(created_from=_at(5)) == [first, between, last]
    assert await found(created_from=_at(5.001)) == await found(created_from=_at(5.25)) == [between, last]
    assert await found(created_from=_at(5), created_before=_at(5.25)) == [first]
    assert await found(created_before=_at(6.001), created_from=_at(6)) == [last]


async def test_another_tenants_refunds_are_in_no_list(world: World, made: dict[str, Order]):
    [theirs] = await world.store.refunds("t2", RefundQuery())
    assert await world.store.refunds("t1", RefundQuery(ids=[theirs[1]])) == []
    assert await world.store.refunds("t1", replace(RefundQuery(), orders=[Ref.to_order("native", theirs[0].id)])) == []
