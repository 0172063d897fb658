"""Native wire shapes to commands, and orders back. Pure; looks at no order to decide anything."""

from collections.abc import Iterable
from typing import Any

from app.core import model, money, times
from app.core import units as u
from app.core.aftersales import EditFulfillment
from app.core.ledger import Ledger
from app.core.messages import (
    Allocate,
    Cancel,
    CreateOrder,
    Fulfil,
    FulfilItem,
    NewFee,
    NewLine,
    Target,
)
from app.core.ports import Location, Ref, Search
from app.dialects.native import bodies, mapping_money, mapping_requests, wire
from app.service.desk import Done
from app.web.dialect import discover

NAME = "native"


def to_ref(text: str) -> Ref:
    """The core id, or `dialect:key`."""
    dialect, colon, key = text.partition(":")
    return Ref(None, dialect, "order", key) if colon else Ref.to_order(NAME, text)


def to_search(text: str | None) -> Search | None:
    return None if text is None else Search(text.strip(), [dialect.name for dialect in discover()])


def to_create(body: bodies.OrderIn) -> CreateOrder:
    return CreateOrder(
        number=body.number,
        draft=body.state == "draft",
        currency=body.currency,
        placed_at=body.placed_at,
        customer=model.Customer(**_given(body.customer)),
        shipping_address=model.Address(**_given(body.shipping_address)) if body.shipping_address else None,
        billing_address=model.Address(**_given(body.billing_address)) if body.billing_address else None,
        lines=tuple(_new_line(line) for line in body.lines),
        fees=tuple(NewFee(kind=fee.kind, title=fee.title, amount=fee.amount) for fee in body.fees),
        prices_include_tax=body.prices_include_tax,
        track_inventory=body.track_inventory,
        payment=model.Payment(**_given(body.payment)),
        keys=body.keys,
        language=body.language,
        note=body.note,
        tags=tuple(body.tags),
        metadata=body.metadata,
    )


def _given(body: Any) -> dict[str, Any]:
    return vars(body) if body is not None else {}


def _new_line(line: bodies.LineIn) -> NewLine:
    return NewLine(
        ref=line.id,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price,
        tax_rate=line.tax_rate,
        type=line.type,
        parent=line.parent_id,
        keys=line.keys,
    )


def to_cancel(body: bodies.CancellationIn) -> Cancel:
    if body.lines is not None:
        scope = model.Scope.LINES
    else:
        scope = model.Scope.REST if body.unfulfilled_only else model.Scope.ORDER
    return Cancel(
        scope=scope,
        targets=_targets(body.lines or []),
        stepwise=body.stepwise,
        reason=model.Reason(body.reason_code, body.reason),
        restock_to=body.restock.location_id if body.restock else None,
    )


def _targets(lines: Iterable[bodies.LineQuantity]) -> tuple[Target, ...]:
    return tuple(
        Target(ref=line.line_id, quantity=line.quantity, field=f"lines.{n}") for n, line in enumerate(lines)
    )  # fmt: skip


def to_allocate(body: bodies.AllocationIn, location: Location) -> Allocate:
    return Allocate(
        location_id=location.id,
        connector=location.connector,
        targets=_targets(body.lines or []),
        stage=body.stage,
    )


def to_fulfil(body: bodies.FulfillmentIn) -> Fulfil:
    return Fulfil(
        items=tuple(
            FulfilItem(line=line.line_id, quantity=line.quantity, field=f"lines.{n}")
            for n, line in enumerate(body.lines or [])
        ),
        carrier=body.carrier,
        tracking_code=body.tracking_code,
        tracking_urls=(body.tracking_url,) if body.tracking_url else (),
    )


def to_edit_fulfillment(fulfillment_id: str, body: bodies.FulfillmentPatch) -> EditFulfillment:
    return EditFulfillment(
        fulfillment_id=fulfillment_id,
        state=model.FulfillmentState(body.state) if body.state else None,
        carrier=body.carrier,
        tracking_code=body.tracking_code,
        tracking_urls=(body.tracking_url,) if body.tracking_url else None,
    )


def from_order(ledger: Ledger) -> wire.Order:
    order = ledger.order
    return {
        "id": order.id,
        "number": order.number,
        "state": order.state.value,
        "cancelled": ledger.cancelled,
        "has_cancellations": ledger.has_cancellations,
        "shipped": ledger.shipped,
        "currency": order.currency,
        "prices_include_tax": order.prices_include_tax,
        "track_inventory": order.track_inventory,
        "held": order.held,
        **mapping_money.amounts(order),
        "lines": [_line(ledger, line) for line in order.lines],
        "fees": [mapping_money.from_fee(order, fee) for fee in order.fees],
        "fee_credits": [mapping_money.from_credit(credit) for credit in order.fee_credits],
        "refunds": [mapping_money.from_refund(refund) for refund in order.refunds],
        "allocations": [_allocation(allocation) for allocation in order.allocations],
        "fulfillments": [_fulfillment(fulfillment) for fulfillment in order.fulfillments],
        "cases": mapping_requests.from_cases(ledger),
        "customer": {"name": order.customer.name, "email": order.customer.email, "phone": order.customer.phone},
        "shipping_address": _address(order.shipping_address),
        "billing_address": _address(order.billing_address),
        "payment": mapping_money.from_payment(order.payment),
        "keys": dict(order.keys),
        "language": order.language,
        "note": order.note,
        "tags": list(order.tags),
        "metadata": dict(order.metadata),
        "version": order.version,
        "placed_at": times.text(order.placed_at),
        "archived_at": times.maybe_text(order.archived_at),
        "created_at": times.text(order.created_at),
        "updated_at": times.text(order.updated_at),
    }


def _line(ledger: Ledger, line: model.Line) -> wire.Line:
    held = ledger.positions[line.id]
    return {
        "id": line.id,
        "sku": line.sku,
        "title": line.title,
        "type": line.type.value,
        "parent_id": line.parent_id,
        "quantity": line.quantity,
        "open": u.count(held.open),
        "pending": u.count(held.pending),
        "cancelled": u.count(held.cancelled),
        "fulfilled": u.count(held.fulfilled),
        "returned": u.count(held.returned),
        "unit_price": line.unit_price,
        "tax_rate": float(line.tax_rate),
        "total": money.line_gross(line, line.quantity, tax_included=ledger.order.prices_include_tax),
        "refunded": u.count(held.refunded),
        "keys": dict(line.keys),
    }


def _address(address: model.Address | None) -> wire.Address | None:
    if address is None:
        return None
    return {
        "name": address.name,
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "zip": address.zip,
        "province": address.province,
        "country_code": address.country_code,
        "phone": address.phone,
        "email": address.email,
    }


def _allocation(allocation: model.Allocation) -> wire.Allocation:
    return {
        "id": allocation.id,
        "location_id": allocation.location_id,
        "connector": allocation.connector,
        "stage": allocation.stage.value,
        "lines": mapping_requests.line_units(allocation.items),
        "created_at": times.text(allocation.created_at),
        "updated_at": times.text(allocation.updated_at),
    }


def from_allocating(ledger: Ledger, allocation_id: str) -> wire.Allocating:
    allocation = next(a for a in ledger.order.allocations if a.id == allocation_id)
    return {**_allocation(allocation), "order": from_order(ledger)}


def from_fulfilling(ledger: Ledger, fulfillment_id: str) -> wire.Fulfilling:
    fulfillment = next(f for f in ledger.order.fulfillments if f.id == fulfillment_id)
    return {**_fulfillment(fulfillment), "order": from_order(ledger)}


def _fulfillment(fulfillment: model.Fulfillment) -> wire.Fulfillment:
    return {
        "id": fulfillment.id,
        "state": fulfillment.state.value,
        "lines": mapping_requests.line_units(fulfillment.items),
        "carrier": fulfillment.carrier,
        "tracking_code": fulfillment.tracking_code,
        "tracking_urls": list(fulfillment.tracking_urls),
        "created_at": times.text(fulfillment.created_at),
        "updated_at": times.text(fulfillment.updated_at),
        "delivered_at": times.maybe_text(fulfillment.delivered_at),
    }


def from_cancel(done: Done, *, dry_run: bool) -> wire.Cancelled:
    case = done.case
    if case is None:
        raise ValueError("a cancellation makes a case")
    order = from_order(done.ledger)
    body: wire.Cancelled = {"request": next(c for c in order["cases"] if c["id"] == case.id), "order": order}
    if dry_run and done.change is not None:
        body["dry_run"] = {
            "amount": sum(a.amount for a in done.ledger.order.adjustments if a.case_id == case.id),
            "currency": done.ledger.order.currency,
            "stock": [
                {"location_id": move.location_id, "sku": move.sku, "quantity": move.delta}
                for move in done.change.movements
            ],
        }
    return body
