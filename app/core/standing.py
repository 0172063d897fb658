"""How far an order is, in one word each: what lists filter by, and every face has words of its own for."""

from collections.abc import Iterator
from datetime import datetime

from app.core import units as u
from app.core.ledger import CANCELLED, Ledger, Position
from app.core.model import Case, CaseKind, CaseState, FulfillmentState, Order, Scope, Step
from app.core.units import Units

_UNSHIPPED = "none"
_ENDED = frozenset({Step.FINISHED, Step.REJECTED})
_NOT_BEGUN = frozenset(
    {
        (CaseKind.CANCEL, Step.REQUESTED),
        (CaseKind.CANCEL, Step.AWAITING_APPROVAL),
        (CaseKind.RETURN, Step.ANNOUNCED),
    }
)


def progress(ledger: Ledger) -> str:
    """Of shipping: `none`, `partial`, `full`; once something arrived `partly_delivered` or `delivered`; while something
    is on its way back `returning`, and then `partly_returned` or `returned`.

    Cancelling the rest as a whole order makes no full one.
    """
    shipped = ledger.fulfilled_units
    if not shipped:
        return _UNSHIPPED
    arrived = delivered(ledger.order)
    return _word(
        full=ledger.done and not ledger.cancelled,
        shipped=shipped,
        arrived=sum(map(u.count, arrived.values())),
        coming=sum(u.count(held.announced) for held in ledger.positions.values()),
        back=sum(u.count(held.returned) for held in ledger.positions.values()),
    )


def line_progress(held: Position, arrived: Units) -> str:
    """The same of a line, by what was shipped alone: a cancellation leaves it as it was."""
    shipped = u.count(held.fulfilled)
    return _word(
        full=shipped == held.line.quantity,
        shipped=shipped,
        arrived=u.count(arrived),
        coming=u.count(held.announced),
        back=u.count(held.returned),
    )


def _word(*, full: bool, shipped: int, arrived: int, coming: int, back: int) -> str:
    if not shipped:
        return _UNSHIPPED
    if coming:
        return "returning"
    if back:
        return "returned" if full and back == shipped else "partly_returned"
    if arrived:
        return "delivered" if full and arrived == shipped else "partly_delivered"
    return "full" if full else "partial"


def delivered(order: Order) -> dict[str, Units]:
    """Units that arrived, by line."""
    found: dict[str, Units] = {}
    for fulfillment in order.fulfillments:
        if fulfillment.state is FulfillmentState.DELIVERED:
            for item in fulfillment.items:
                found[item.line_id] = u.union(found.get(item.line_id, u.NONE), item.units)
    return found


def after_sales(ledger: Ledger) -> tuple[str, datetime] | tuple[None, None]:
    """`pending`: something waits to be begun with; else `processing`, or `finished`; and when the latest began.

    After-sales are returns, cancellations that are walked step by step or came after a shipment was voided, and
    refunds. None: there was nothing of the kind.
    """
    order = ledger.order
    cases = {case.id: case for case in _cases(order)}
    began = [case.created_at for case in cases.values()] + [refund.created_at for refund in order.refunds]
    if not began:
        return None, None
    steps = {(cases[a.case_id].kind, a.step) for a in order.adjustments if a.case_id in cases}
    if steps & _NOT_BEGUN:
        return "pending", max(began)
    return "finished" if all(step in _ENDED for _, step in steps) else "processing", max(began)


def _cases(order: Order) -> Iterator[Case]:
    voided = [f.updated_at for f in order.fulfillments if f.state is FulfillmentState.VOID]
    for case in order.cases:
        late = any(at <= case.created_at for at in voided)
        if case.kind is CaseKind.RETURN or case.stepwise or late:
            yield case


def cancel_reason(ledger: Ledger) -> str | None:
    """What was given with the cancellation that cancelled the order: of the whole order, else the latest.

    None where nothing cancelled it.
    """
    if not ledger.cancelled:
        return None
    took = {a.case_id for a in ledger.order.adjustments if a.step in CANCELLED}
    cases = [case for case in ledger.order.cases if case.kind is CaseKind.CANCEL and case.id in took]
    whole = [case for case in cases if case.scope is Scope.ORDER and case.state is CaseState.ACCEPTED]
    latest = max(whole or cases, key=lambda case: (case.decided_at or case.created_at, case.id))
    return latest.reason.shown


def cancelled_at(ledger: Ledger) -> datetime | None:
    """When the last unit of a cancelled order left, since until then it was not cancelled."""
    if not ledger.cancelled:
        return None
    moments = [f.created_at for f in ledger.order.fulfillments if f.state is not FulfillmentState.VOID]
    for adjustment in ledger.order.adjustments:
        if ledger.cases[adjustment.case_id].kind is CaseKind.CANCEL and adjustment.step in CANCELLED:
            moments.append(next(entry.at for entry in adjustment.steps if entry.step in CANCELLED))
    return max(moments)
