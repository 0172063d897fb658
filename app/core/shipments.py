"""Shipments that arrived, that never left after all, or whose tracking changed; and orders that are put away."""

from app.core import units as u
from app.core.aftersales import Archive, EditFulfillment, MoveFulfillment
from app.core.copying import replace
from app.core.ledger import Ledger
from app.core.messages import Change, Context
from app.core.model import Fulfillment, FulfillmentState, Order, OrderState
from app.core.refusal import Code, Refusal
from app.core.write import settle

_EVENTS = {FulfillmentState.DELIVERED: "fulfillment.delivered", FulfillmentState.VOID: "fulfillment.voided"}


def decide_move_fulfillment(before: Ledger, command: MoveFulfillment, ctx: Context) -> Change:
    """A shipment arrives, or is voided while nothing of it came back or is on its way: its units are open again.

    Refuses: FULFILLMENT_NOT_FOUND, FULFILLMENT_FINAL, ALREADY_RETURNED.
    """
    moved = _moved(before, fulfillment_of(before.order, command.fulfillment_id), command.state, ctx)
    return settle(before, _with(before.order, moved), ctx, _EVENTS[command.state])


def decide_edit_fulfillment(before: Ledger, command: EditFulfillment, ctx: Context) -> Change:
    """Refuses: FULFILLMENT_NOT_FOUND, FULFILLMENT_FINAL (of one that is void); with a state as moving it there does."""
    found = fulfillment_of(before.order, command.fulfillment_id)
    if found.state is FulfillmentState.VOID:
        raise Refusal(Code.FULFILLMENT_FINAL, state=found.state.value)
    moved = found if command.state is None else _moved(before, found, command.state, ctx)
    edited = replace(
        moved,
        carrier=found.carrier if command.carrier is None else command.carrier,
        tracking_code=found.tracking_code if command.tracking_code is None else command.tracking_code,
        tracking_urls=found.tracking_urls if command.tracking_urls is None else command.tracking_urls,
    )
    if edited == found:
        return Change(ledger=before)
    type_ = "fulfillment.updated" if command.state is None else _EVENTS[command.state]
    return settle(before, _with(before.order, replace(edited, updated_at=ctx.now)), ctx, type_)


def _moved(before: Ledger, found: Fulfillment, state: FulfillmentState, ctx: Context) -> Fulfillment:
    if found.state is not FulfillmentState.SHIPPED or state is FulfillmentState.SHIPPED:
        raise Refusal(Code.FULFILLMENT_FINAL, state=found.state.value)
    if state is FulfillmentState.VOID:
        for item in found.items:
            held = before.positions[item.line_id]
            if u.both(item.units, u.union(held.announced, held.returned)):
                raise Refusal(Code.ALREADY_RETURNED, field=None)
    delivered_at = ctx.now if state is FulfillmentState.DELIVERED else None
    return replace(found, state=state, delivered_at=delivered_at, updated_at=ctx.now)


def decide_archive(before: Ledger, command: Archive, ctx: Context) -> Change:
    """Refuses: ARCHIVED, NOT_ARCHIVED, NOT_COMPLETED (also while something is on its way back, and when cancelled)."""
    order = before.order
    if command.archived == (order.archived_at is not None):
        raise Refusal(Code.ARCHIVED if command.archived else Code.NOT_ARCHIVED)
    if command.archived and (order.state is not OrderState.COMPLETED or before.cancelled or before.working):
        raise Refusal(Code.NOT_COMPLETED)
    at = ctx.now if command.archived else None
    type_ = "order.archived" if command.archived else "order.unarchived"
    return settle(before, replace(order, archived_at=at), ctx, type_)


def fulfillment_of(order: Order, fulfillment_id: str) -> Fulfillment:
    found = next((f for f in order.fulfillments if f.id == fulfillment_id), None)
    if found is None:
        raise Refusal(Code.FULFILLMENT_NOT_FOUND)
    return found


def _with(order: Order, changed: Fulfillment) -> Order:
    fulfillments = tuple(changed if held.id == changed.id else held for held in order.fulfillments)
    return replace(order, fulfillments=fulfillments)
