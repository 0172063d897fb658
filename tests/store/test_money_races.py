"""Fees are credited and money goes back from many sides at once, and never too much of either."""

import asyncio

import pytest

from app.core import money
from app.core.aftersales import CreditFees, GiveBack, NewCredit, StepTarget, TakeStep
from app.core.commands import Command
from app.core.messages import Cancel, NewFee
from app.core.model import FeeKind, Payment, PaymentStatus, Scope, Step
from app.core.ports import Store
from app.core.refusal import Code, Refusal
from app.service.desk import Reply
from tests.store.world import World, new_order

FEE = 500
TOTAL = 5_500


@pytest.fixture(params=["one process", "two processes"])
async def worlds(request: pytest.FixtureRequest, world: World, second_store: Store) -> list[World]:
    return [world, world.on(second_store) if request.param == "two processes" else world]


async def _until_none_is_busy(worlds: list[World], order_id: str, commands: list[Command]) -> tuple[int, set[Code]]:
    """How many took effect, and why the others did not; whoever only came too late asks again."""
    done, refused = 0, set[Code]()
    while commands:
        results = await asyncio.gather(
            *(worlds[n % 2].act(order_id, command) for n, command in enumerate(commands)), return_exceptions=True
        )
        assert all(isinstance(result, Reply | Refusal) for result in results), results
        done += sum(isinstance(result, Reply) for result in results)
        codes = [result.code if isinstance(result, Refusal) else None for result in results]
        refused |= {code for code in codes if code not in {None, Code.BUSY}}
        commands = [each for each, code in zip(commands, codes, strict=True) if code is Code.BUSY]
    return done, refused


async def test_no_fee_is_credited_twice(worlds: list[World]):
    world = worlds[0]
    order = await world.create(new_order(5, fees=(NewFee(kind=FeeKind.SHIPPING, amount=FEE),)))
    await world.act(order.id, Cancel(scope=Scope.ORDER, stepwise=True))
    items = (StepTarget(ref=(await world.order(order.id)).adjustments[0].id),)
    await world.act(order.id, TakeStep(step=Step.APPROVED, targets=items))
    credit = CreditFees(targets=items, credits=(NewCredit(fee_id=order.fees[0].id, amount=100),))
    assert await _until_none_is_busy(worlds, order.id, [credit] * 12) == (5, {Code.AMOUNT_OUT_OF_RANGE})
    after = await world.order(order.id)
    assert (money.fee_left(after, after.fees[0]), money.order_due(after), len(after.fee_credits)) == (0, 0, 5)


async def test_no_more_goes_back_than_came_in(worlds: list[World]):
    world = worlds[0]
    paid = Payment(status=PaymentStatus.PAID)
    fees = (NewFee(kind=FeeKind.SHIPPING, amount=FEE),)
    order = await world.create(new_order(5, fees=fees, payment=paid))
    commands: list[Command] = [GiveBack(amount=1_000)] * 11
    done, refused = await _until_none_is_busy(worlds, order.id, commands)
    assert (done, refused) == (5, {Code.AMOUNT_OUT_OF_RANGE})
    after = await world.order(order.id)
    assert (money.paid(after), money.refunded(after), money.refundable(after)) == (TOTAL, 5_000, FEE)
