"""An order's statuses, as it shows them and as lists filter by them: one table for both, so that a filter finds exactly
the orders that show its word (contract 2.9, public docs; which facts make which word: inferred)."""

from collections.abc import Mapping
from typing import Any

from app.core import units as u
from app.core.ledger import Ledger, Position
from app.core.model import OrderState, PaymentStatus

FINANCIAL: Mapping[PaymentStatus, str] = {
    PaymentStatus.WAITING: "unpaid",
    PaymentStatus.FAILED: "unpaid",
    PaymentStatus.PAYING: "pending",
    PaymentStatus.AUTHORIZED: "authorized",
    PaymentStatus.PAID: "paid",
    PaymentStatus.PARTIALLY_REFUNDED: "partially_refunded",
    PaymentStatus.REFUNDED: "refunded",
}
_PAY: Mapping[str, str] = {"unpaid": "unpaid", "pending": "pending", "authorized": "pending"}
_SHIPPED = ("partial", "full", "partly_delivered", "delivered", "returning", "partly_returned", "returned")

# Of a list's `fulfillment_status`: whatever was shipped, and whether something is left to ship.
_FULFILLMENT: Mapping[str, Mapping[str, Any]] = {
    "unshipped": {"progress": ["none"]},
    "partial": {"progress": _SHIPPED, "states": [OrderState.OPEN]},
    "shipped": {"progress": _SHIPPED, "states": [OrderState.COMPLETED]},
}
_STATUS: Mapping[str, Mapping[str, Any]] = {
    "open": {"cancelled": False},
    "cancelled": {"cancelled": True},
    "hidden": {"archived": True},
}


def order(ledger: Ledger) -> str:
    return "canceled" if ledger.cancelled else "open"


def financial(ledger: Ledger) -> str:
    return FINANCIAL[ledger.order.payment.status]


def payment(ledger: Ledger) -> str:
    """Of a payment detail (2.8): what was paid once was paid."""
    return _PAY.get(financial(ledger), "paid")


def fulfillment(ledger: Ledger) -> str | None:
    if not ledger.fulfilled_units:
        return None
    return "fulfilled" if ledger.order.state is OrderState.COMPLETED else "partial"


def of_line(held: Position) -> str | None:
    if not held.fulfilled:
        return None
    return "partial" if u.count(held.open) + u.count(held.pending) else "fulfilled"


def narrowed(status: str | None, financial_status: str | None, fulfillment_status: str | None) -> dict[str, Any]:
    """All of them together, as arguments of a `Query`; None and `any` leave all."""
    found = {**_STATUS.get(status or "", {}), **_FULFILLMENT.get(fulfillment_status or "", {})}
    if financial_status not in {None, "any"}:
        found["payments"] = [held for held, shown in FINANCIAL.items() if shown == financial_status]
    return found
