"""The views for people who report in SQL say what the ledger says, in the same words on both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from app.core.aftersales import AnnounceReturn, StepTarget, TakeStep
from app.core.answer import decide_answer
from app.core.cancel import decide_cancel
from app.core.fulfil import decide_allocate, decide_fulfil
from app.core.ledger import Ledger
from app.core.messages import Allocate, Answer, Cancel, Fulfil, FulfilItem, NewLine, Target
from app.core.model import CaseKind, FulfillmentState, Order, Reason, Scope, Stage, Step
from app.core.returns import decide_return
from app.core.steps import decide_step
from app.core.units import count
from app.core.write import settle
from app.store.registry import SqlRegistry
from tests.store.world import START, VIEWS, World, new_order


def _lines_of(order: Order, line: int, quantity: int | None = None, *units: tuple[int, int]) -> tuple[Target, ...]:
    return (Target(ref=order.lines[line].id, quantity=quantity, units=units),)


@pytest.fixture
async def order(world: World) -> Order:
    """Units in every place, and cases of both kinds, decided either way or not at all."""
    await world.add_location("w1", "manual")
    lines = (NewLine(sku='A"', title="Größe 1", quantity=12, unit_price=333), *new_order(9, 4).lines)
    order = await world.create(new_order(number="N'1", lines=lines, prices_include_tax=False))
    held = Allocate(location_id="w1", connector="manual", targets=_lines_of(order, 0, 4), stage=Stage.REQUESTED)
    order = await world.write(world.decision(decide_allocate, order, held))
    for reason in (Reason("late", 'says "no"'), Reason(None, "späť"), Reason()):
        order = await _cancel(world, order, _lines_of(order, 0, 1), reason=reason)
    for unit, accepted in (((2, 2), False), ((2, 3), True)):
        order = await _cancel(world, order, _lines_of(order, 0, None, unit))
        answer = Answer(case_id=order.cases[-1].id, accepted=accepted)
        order = await world.write(world.decision(decide_answer, order, answer))
    order = await _cancel(world, order, _lines_of(order, 0, None, (4, 4)))
    items = (FulfilItem(line=order.lines[1].id, quantity=6), FulfilItem(line=order.lines[0].id, quantity=1))
    order = await world.write(world.decision(decide_fulfil, order, Fulfil(items=items)))
    for steps in ((), (Step.RECEIVED,), (Step.RECEIVED, Step.APPROVED)):
        order = await world.write(world.decision(decide_return, order, AnnounceReturn(targets=_lines_of(order, 1, 1))))
        for step in steps:
            take = TakeStep(step=step, targets=(StepTarget(ref=order.adjustments[-1].id),))
            order = await world.write(world.decision(decide_step, order, take))
    order = await _cancel(world, order, _lines_of(order, 1, 2), stepwise=True)
    return await _apart(world, order)


async def _apart(world: World, order: Order) -> Order:
    """Of units that are cancelled together, for two reasons, some step by themselves."""
    named = [
        Target(ref=order.lines[2].id, units=((n, n),), contra_ids={f"{n}": f"c{n}"}, reason=reason)
        for n, reason in ((1, Reason("OWN")), (2, Reason("OWN")), (3, None))
    ]
    order = await _cancel(world, order, tuple(named), stepwise=True, reason=Reason("OF_ALL", "all"))
    for step, ref in ((Step.APPROVED, "c1"), (Step.FINISHED, "c1"), (Step.APPROVED, "c3")):
        take = TakeStep(step=step, targets=(StepTarget(ref=ref),))
        order = await world.write(
            world.decision(decide_step, order, take, ctx=world.context(dialect="shopline"))
        )  # fmt: skip
    return order


async def _cancel(world: World, order: Order, targets: tuple[Target, ...], **more: Any) -> Order:
    command = Cancel(scope=Scope.LINES, targets=targets, **more)
    return await world.write(world.decision(decide_cancel, order, command, ctx=world.context(dialect="shopline")))


async def _view(world: World, name: str, by: str) -> list[dict[str, Any]]:
    sql = cast(SqlRegistry, world.store)
    rows = await sql.fetch(f"SELECT * FROM {name} WHERE tenant_id = $1 ORDER BY {by}", "t1")  # noqa: S608
    plain = [dict(zip(VIEWS[name].split(), row, strict=True)) for row in rows]
    for row in plain:
        for column in row.keys() & {"created_at", "updated_at", "decided_at"}:
            row[column] = sql.from_time(row[column])
        if "order_cancelled" in row:
            row["order_cancelled"] = bool(row["order_cancelled"])
        row["order_id"] = str(row["order_id"])
    return plain


async def test_the_order_has_units_everywhere(order: Order):
    first, second, third = (position.counts() for position in Ledger(order).positions.values())
    assert first == {"open": 5, "pending": 1, "cancelled": 5, "fulfilled": 1, "returned": 0}
    assert second == {"open": 1, "pending": 2, "cancelled": 0, "fulfilled": 6, "returned": 2}
    assert third == {"open": 1, "pending": 1, "cancelled": 2, "fulfilled": 0, "returned": 0}


async def test_order_lines(world: World, order: Order):
    draft = await world.create(new_order(draft=True))
    await World(world.store, tenant_id="t2").add_tenant()
    await World(world.store, tenant_id="t2").create(new_order())
    wanted = [
        {
            "tenant_id": "t1",
            "order_id": each.id,
            "number": each.number,
            "state": each.state.value,
            "order_cancelled": False,
            "currency": "EUR",
            "line_id": line_id,
            "sku": held.line.sku,
            "title": held.line.title,
            "type": "offer",
            "unit_price": held.line.unit_price,
            "quantity": held.line.quantity,
            **held.counts(),
            "created_at": each.created_at,
            "updated_at": each.updated_at,
        }
        for each in (order, draft)
        for line_id, held in Ledger(each).positions.items()
    ]
    assert _typed(await _view(world, "order_lines", "line_id")) == _typed(wanted)


async def test_order_cancellations(world: World, order: Order):
    await world.create(new_order())
    cases = {case.id: case for case in order.cases}
    wanted = [
        {
            "tenant_id": "t1",
            "order_id": order.id,
            "number": "N'1",
            "request_id": case.id,
            "state": case.state.value,
            "scope": case.scope.value,
            "reason_code": (adjustment.reason or case.reason).code,
            "reason": (adjustment.reason or case.reason).text,
            "credential_id": "c1",
            "dialect": case.actor.dialect,
            "party": "seller",
            "adjustment_id": adjustment.id,
            "line_id": adjustment.line_id,
            "step": adjustment.step.value,
            "units": count(adjustment.units),
            "amount": adjustment.amount,
            "currency": "EUR",
            "created_at": case.created_at,
            "decided_at": case.decided_at,
        }
        for adjustment in order.adjustments
        if (case := cases[adjustment.case_id]).kind is CaseKind.CANCEL
    ]
    assert len(wanted) >= 10
    assert [(row["units"], row["reason_code"], row["step"]) for row in wanted[-3:]] == [
        (1, "OWN", "awaiting_approval"),
        (1, "OWN", "finished"),
        (1, "OF_ALL", "approved"),
    ]
    wanted.sort(key=lambda row: str(row["adjustment_id"]))
    assert _typed(await _view(world, "order_cancellations", "adjustment_id")) == _typed(wanted)


async def test_times_sort_whether_or_not_they_have_a_fraction(world: World):
    order = await world.create(new_order(9))
    for milliseconds in (1500, 1000, 2000, 1999):
        world.watch.at = START.replace(microsecond=0) + timedelta(milliseconds=milliseconds)
        order = await _cancel(world, order, _lines_of(order, 0, 1))
    rows = await _view(world, "order_cancellations", "created_at")
    assert [row["created_at"] for row in rows] == sorted(case.created_at for case in order.cases)
    assert {row["created_at"].microsecond for row in rows} == {0, 500_000, 999_000}


async def test_a_void_shipment_leaves_its_units_open(world: World):
    order = await world.create(new_order(3))
    shipped = world.decision(decide_fulfil, order, Fulfil()).change.ledger.order
    (shipment,) = shipped.fulfillments
    void = replace(shipped, fulfillments=(replace(shipment, state=FulfillmentState.VOID),), state=order.state)
    await world.write(world.commit(settle(Ledger(order), replace(void, version=1), world.context(), "test")))
    (row,) = await _view(world, "order_lines", "line_id")
    assert (row["open"], row["fulfilled"]) == (3, 0)


async def test_a_cancelled_order_says_so(world: World):
    order = await world.create(new_order(3))
    await world.write(world.decision(decide_cancel, order, Cancel(scope=Scope.ORDER)))
    (row,) = await _view(world, "order_lines", "line_id")
    assert (row["state"], row["order_cancelled"], row["cancelled"]) == ("completed", True, 3)


def _typed(rows: list[dict[str, Any]]) -> list[dict[str, tuple[type, Any]]]:
    """Equal means also of the same type: no engine may answer a decimal or a text where the other has an integer."""
    return [{name: (type(value), value) for name, value in row.items()} for row in rows]
