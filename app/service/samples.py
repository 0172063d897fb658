"""Occasions of an order that never was, for test messages. It says so wherever a face shows it."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from app.core import answer, cancel, create, fulfil, model
from app.core import messages as m
from app.core.policy import Policy
from app.core.ports import StoredEvent
from app.service.hooks import Occasion

_TEXT = "A test message: there is no such order."
_REASON = model.Reason("TEST", _TEXT)
_LATE = model.Stage.PICKING


def occasions(tenant_id: str, order_id: str, event_id: str, actor: model.Actor, at: datetime) -> Iterator[Occasion]:
    """Cancelled first: what most receivers are made for; then placed, shipped, and refused by the warehouse."""
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
