"""Native wire shapes to commands and back. Pure; looks at no order to decide anything."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from app.core import model, money
from app.core import units as u
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
from app.core.ports import Credential, Location, Ref, StoredEvent, Tenant
from app.dialects.native import bodies, wire
from app.service.desk import Done

NAME = "native"


def to_ref(text: str) -> Ref:
    """The core id, or `dialect:key`."""
    dialect, colon, key = text.partition(":")
    return Ref(None, dialect, "order", key) if colon else Ref.to_order(NAME, text)


def to_create(body: bodies.OrderIn) -> CreateOrder:
    return CreateOrder(
        number=body.number,
        draft=body.state == "draft",
        currency=body.currency,
        placed_at=body.placed_at.astimezone(UTC) if body.placed_at else None,
        customer=model.Customer(**_given(body.customer)),
        shipping_address=model.Address(**_given(body.shipping_address)) if body.shipping_address else None,
        billing_address=model.Address(**_given(body.billing_address)) if body.billing_address else None,
        lines=tuple(_new_line(line) for line in body.lines),
        fees=tuple(NewFee(kind=fee.kind, title=fee.title, amount=fee.amount) for fee in body.fees),
        prices_include_tax=body.prices_include_tax,
        track_inventory=body.track_inventory,
        payment=model.Payment(**_given(body.payment)),
        keys=body.keys,
        note=body.note,
        tags=tuple(body.tags),
        metadata=body.metadata,
    )


def _given(body: Any) -> dict[str, Any]:
    return dict(body) if body is not None else {}


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
        "total": money.order_total(order),
        "lines": [_line(ledger, line) for line in order.lines],
        "fees": [{"id": x.id, "kind": x.kind.value, "title": x.title, "amount": x.amount} for x in order.fees],
        "allocations": [_allocation(allocation) for allocation in order.allocations],
        "fulfillments": [_fulfillment(fulfillment) for fulfillment in order.fulfillments],
        "cases": [from_case(ledger, case) for case in order.cases],
        "customer": {"name": order.customer.name, "email": order.customer.email, "phone": order.customer.phone},
        "shipping_address": _address(order.shipping_address),
        "billing_address": _address(order.billing_address),
        "payment": {"status": order.payment.status.value, "method": order.payment.method},
        "keys": dict(order.keys),
        "note": order.note,
        "tags": list(order.tags),
        "metadata": dict(order.metadata),
        "version": order.version,
        "placed_at": time(order.placed_at),
        "created_at": time(order.created_at),
        "updated_at": time(order.updated_at),
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


def _ranges(units: u.Units) -> list[list[int]]:
    return [[first, last] for first, last in units]


def _line_units(items: Iterable[model.LineUnits]) -> list[wire.LineUnits]:
    return [{"line_id": x.line_id, "quantity": u.count(x.units), "units": _ranges(x.units)} for x in items]


def _allocation(allocation: model.Allocation) -> wire.Allocation:
    return {
        "id": allocation.id,
        "location_id": allocation.location_id,
        "connector": allocation.connector,
        "stage": allocation.stage.value,
        "lines": _line_units(allocation.items),
        "created_at": time(allocation.created_at),
        "updated_at": time(allocation.updated_at),
    }


def from_allocating(ledger: Ledger, allocation_id: str) -> wire.Allocating:
    allocation = next(a for a in ledger.order.allocations if a.id == allocation_id)
    return {**_allocation(allocation), "order": from_order(ledger)}


def from_fulfilling(ledger: Ledger) -> wire.Fulfilling:
    return {**_fulfillment(ledger.order.fulfillments[-1]), "order": from_order(ledger)}


def _fulfillment(fulfillment: model.Fulfillment) -> wire.Fulfillment:
    return {
        "id": fulfillment.id,
        "state": fulfillment.state.value,
        "lines": _line_units(fulfillment.items),
        "carrier": fulfillment.carrier,
        "tracking_code": fulfillment.tracking_code,
        "tracking_urls": list(fulfillment.tracking_urls),
        "created_at": time(fulfillment.created_at),
        "updated_at": time(fulfillment.updated_at),
    }


def from_case(ledger: Ledger, case: model.Case) -> wire.Request:
    return {
        "id": case.id,
        "order_id": ledger.order.id,
        "type": "CANCEL" if case.kind is model.CaseKind.CANCEL else "RETURN",
        "scope": case.scope.value,
        "state": _STATES[case.state],
        "message": case.message,
        "dialect": case.actor.dialect,
        "party": case.actor.party.value,
        "credential_id": case.actor.credential_id,
        "reason": {"code": case.reason.code, "text": case.reason.text},
        "created_at": time(case.created_at),
        "decided_at": maybe_time(case.decided_at),
        "asked": [_ask(ask) for ask in case.asks],
        "adjustments": [_adjustment(a) for a in ledger.order.adjustments if a.case_id == case.id],
    }


_STATES: dict[model.CaseState, Any] = {
    model.CaseState.PENDING: "PENDING",
    model.CaseState.ACCEPTED: "ACCEPTED",
    model.CaseState.REJECTED: "REJECTED",
}


def _ask(ask: model.Ask) -> wire.Ask:
    return {
        "location_id": ask.location_id,
        "state": _STATES[ask.state],
        "message": ask.message,
        "answered_at": maybe_time(ask.answered_at),
    }


def _adjustment(adjustment: model.Adjustment) -> wire.Adjustment:
    return {
        "id": adjustment.id,
        "line_id": adjustment.line_id,
        "allocation_id": adjustment.allocation_id,
        "quantity": u.count(adjustment.units),
        "units": _ranges(adjustment.units),
        "amount": adjustment.amount,
        "step": adjustment.step.value,
        "steps": [{"step": entry.step.value, "at": time(entry.at)} for entry in adjustment.steps],
    }


def from_cancel(done: Done, *, dry_run: bool) -> wire.Cancelled:
    case = done.case
    if case is None:
        raise ValueError("a cancellation makes a case")
    body: wire.Cancelled = {"request": from_case(done.ledger, case), "order": from_order(done.ledger)}
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


def from_event(event: StoredEvent) -> wire.Event:
    return {
        "id": event.id,
        "type": event.type,
        "order_id": event.order_id,
        "version": event.version,
        "at": time(event.at),
        "dialect": event.dialect,
        "party": event.party,
        "credential_id": event.credential_id,
        "request_id": event.case_id,
        "before": _summary(event.before),
        "after": _summary(event.after),
    }


def _summary(text: str) -> wire.Summary:
    """In the same order of keys whatever the engine made of the stored JSON."""
    held = json.loads(text)
    lines = held.get("lines", {})
    shown = {name: held[name] for name in ("state", "cancelled") if name in held}
    if "lines" in held:
        shown["lines"] = {id_: {name: lines[id_][name] for name in _COUNTS} for id_ in sorted(lines)}
    return shown  # type: ignore[return-value]


_COUNTS = ("open", "pending", "cancelled", "fulfilled", "returned")


def from_location(location: Location) -> wire.Location:
    connector = {"kind": location.connector, **json.loads(location.settings)} if location.connector else None
    return {
        "id": location.id,
        "name": location.name,
        "connector": connector,
        "created_at": time(location.created_at),
        "updated_at": time(location.updated_at),
    }


def from_tenant(tenant: Tenant) -> wire.Tenant:
    policy = tenant.policy
    return {
        "id": tenant.id,
        "name": tenant.name,
        "active": tenant.active,
        "policy": {
            "track_inventory": policy.track_inventory,
            "approve_returns": policy.approve_returns,
            "restock_on_cancel": policy.restock_on_cancel,
            "warehouse_deadline": policy.warehouse_deadline,
            "on_silence": policy.on_silence.value,
            "sync_wait": policy.sync_wait,
            "return_window_hours": policy.return_window_hours,
            "reasons": list(policy.reasons),
        },
        "created_at": time(tenant.created_at),
    }


def from_credential(credential: Credential) -> wire.Credential:
    return {
        "id": credential.id,
        "name": credential.name,
        "party": credential.party.value,
        "scopes": list(credential.scopes),
        "dialects": None if credential.dialects is None else list(credential.dialects),
        "created_at": time(credential.created_at),
        "expires_at": maybe_time(credential.expires_at),
        "revoked_at": maybe_time(credential.revoked_at),
    }


def time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def maybe_time(at: datetime | None) -> str | None:
    return None if at is None else time(at)
