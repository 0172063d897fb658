"""Occasions of an order that never was, for test messages. It says so wherever a face shows it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from app.core import aftersales as a
from app.core import answer, cancel, create, fulfil, ids, model
from app.core import messages as m
from app.core.commands import Command
from app.core.decide import decide
from app.core.ledger import Ledger
from app.core.policy import Policy
from app.core.ports import StoredEvent
from app.service.hooks import Occasion

_TEXT = "A test message: there is no such order."
_REASON = model.Reason("TEST", _TEXT)
_LATE = model.Stage.PICKING


def occasions(tenant_id: str, order_id: str, event_id: str, actor: model.Actor, at: datetime) -> Iterator[Occasion]:
    """Cancelled first: what most receivers are made for; then placed, shipped, and refused by the warehouse; then what
    becomes of shipments, and what is walked step by step."""
    ctx = m.Context(actor, Policy(), at)
    placed = create.decide_create(_order(), tenant_id, order_id, ctx)
    two = m.Target(ref=placed.ledger.order.lines[0].id, quantity=2)
    given = fulfil.decide_allocate(placed.ledger, m.Allocate(location_id="test", connector=None), ctx)
    asked = fulfil.decide_allocate(placed.ledger, m.Allocate(location_id="test", connector="manual", stage=_LATE), ctx)
    waiting = cancel.decide_cancel(asked.ledger, m.Cancel(scope=model.Scope.ORDER, reason=_REASON), ctx)
    no = m.Answer(case_id=waiting.ledger.order.cases[0].id, accepted=False, message=_TEXT)
    for change in (
        cancel.decide_cancel(given.ledger, m.Cancel(scope=model.Scope.ORDER, reason=_REASON), ctx),
        placed,
        given,
        fulfil.decide_fulfil(given.ledger, m.Fulfil(carrier="Test", tracking_code="TEST"), ctx),
        cancel.decide_cancel(placed.ledger, m.Cancel(scope=model.Scope.LINES, targets=(two,), reason=_REASON), ctx),
        waiting,
        answer.decide_answer(waiting.ledger, no, ctx),
    ):
        yield _occasion(change, event_id)
    bought = create.decide_create(_bought(), tenant_id, order_id, ctx).ledger
    for commands in (_moved(bought), _returned(bought), _cancelled(bought), _refunded(bought)):
        for change in _walked(bought, commands, ctx):
            yield _occasion(change, event_id)


def _walked(ledger: Ledger, commands: Iterator[Command], ctx: m.Context) -> Iterator[m.Change]:
    for command in commands:
        change = decide(ledger, command, ctx)
        yield change
        ledger = change.ledger


def _moved(bought: Ledger) -> Iterator[Command]:
    yield m.Fulfil(carrier="Test", tracking_code="TEST")
    parcel = _child(bought, 1)
    yield a.EditFulfillment(fulfillment_id=parcel, tracking_code="TEST-2")
    yield a.MoveFulfillment(fulfillment_id=parcel, state=model.FulfillmentState.VOID)


def _returned(bought: Ledger) -> Iterator[Command]:
    yield m.Fulfil(carrier="Test", tracking_code="TEST")
    yield a.MoveFulfillment(fulfillment_id=_child(bought, 1), state=model.FulfillmentState.DELIVERED)
    yield a.AnnounceReturn(targets=_two(bought), reason=_REASON)
    back = _child(bought, 3)
    yield a.TakeStep(step=model.Step.RECEIVED, targets=(a.StepTarget(ref=back),))
    yield from _steps(bought, back, model.CaseKind.RETURN)
    yield a.Archive()
    yield a.Archive(archived=False)


def _cancelled(bought: Ledger) -> Iterator[Command]:
    yield m.Cancel(scope=model.Scope.LINES, targets=_two(bought), reason=_REASON, stepwise=True)
    yield from _steps(bought, _child(bought, 2), model.CaseKind.CANCEL)


def _steps(bought: Ledger, adjustment_id: str, kind: model.CaseKind) -> Iterator[Command]:
    """From the approval on, cancellations and returns are alike."""
    targets = (a.StepTarget(ref=adjustment_id, location_id="test"),)
    yield a.TakeStep(step=model.Step.APPROVED, targets=targets)
    yield a.CreditFees(targets=targets, credits=(a.NewCredit(fee_id=bought.order.fees[0].id),))
    yield a.TakeStep(step=model.Step.RESTOCKED, targets=targets)
    yield a.TakeStep(step=model.Step.FINISHED, targets=targets)
    yield a.SendMail(kind=kind, targets=targets)


def _refunded(bought: Ledger) -> Iterator[Command]:
    """Part of it, then the rest: there are words for the one, and others for both."""
    yield a.GiveBack(targets=_two(bought), reason=_REASON)
    yield a.GiveBack(reason=_REASON)


def _two(bought: Ledger) -> tuple[m.Target, ...]:
    return (m.Target(ref=bought.order.lines[0].id, quantity=2),)


def _child(bought: Ledger, number: int) -> str:
    """What will be the next, or the one after it, that the order numbers."""
    return ids.child(bought.order.id, bought.order.children + number)


def _bought() -> m.CreateOrder:
    """With all that there may be something to say about."""
    return replace(
        _order(),
        fees=(m.NewFee(kind=model.FeeKind.SHIPPING, title="TEST", amount=595),),
        payment=model.Payment(status=model.PaymentStatus.PAID),
        customer=model.Customer(email="test@example.com"),
    )


def _order() -> m.CreateOrder:
    line = m.NewLine(sku="TEST", title=_TEXT, quantity=3, unit_price=1250, tax_rate=Decimal("0.21"))
    return m.CreateOrder(
        number="TEST", currency="EUR", lines=(line,), note=_TEXT, tags=("test",), metadata={"test": True}
    )  # fmt: skip


def _occasion(change: m.Change, event_id: str) -> Occasion:
    event = change.event
    if event is None:
        raise ValueError("a sample is a change")
    stored = StoredEvent(
        id=event_id,
        order_id=event.order_id,
        version=event.version,
        type=event.type,
        at=event.at,
        credential_id=event.actor.credential_id,
        dialect=event.actor.dialect,
        party=event.actor.party.value,
        case_id=event.case_id,
        before=json.dumps(event.before),
        after=json.dumps(event.after),
    )
    return Occasion(stored, change.ledger)
