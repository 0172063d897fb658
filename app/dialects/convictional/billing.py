"""Invoices, refunds and what S8 sets, both ways (contract S6 to S8). Pure; looks at no order to decide anything.

What was billed is known to this face alone: it is kept in the order's extras.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.core import money, people, refunds, shares, times
from app.core import units as u
from app.core.aftersales import GiveBack
from app.core.ledger import Ledger
from app.core.messages import EditOrder, Target
from app.core.model import Order, Reason, RefundedUnits
from app.core.model import Refund as Given
from app.dialects.convictional import bodies, chain, wire
from app.dialects.convictional.chain import NAME
from app.service.desk import Done
from app.web.currency import number

BILLED_AT = "billedDate"
BILLING = "billing"
"""By what the order is billed: an invoice, or something outside the platform; else nothing."""
INVOICE, OUTSIDE = "invoice", "outside"
_ATTRIBUTES = "attributes"


@dataclass(frozen=True, slots=True)
class Bill:
    """`at` as text; None of an order that is not billed. `made` is what is kept of the invoice."""

    at: str | None
    made: Mapping[str, Any] | None
    attributes: list[dict[str, Any]]


def of(order: Order) -> Bill:
    kept = order.extras.get(NAME) or {}
    return Bill(kept.get(BILLED_AT), kept.get(INVOICE), kept.get(_ATTRIBUTES) or [])


def to_edit(body: bodies.OrderPatch, now: datetime) -> EditOrder:
    """S8: billed only once; not billed only if that was outside the platform and no money went back."""
    extras: dict[str, Any] = {} if body.attributes is None else {_ATTRIBUTES: body.attributes}
    expected: dict[str, Any] = {}
    if body.billed is not None:
        extras |= {BILLING: OUTSIDE, BILLED_AT: times.text(now)} if body.billed else {BILLING: None, BILLED_AT: None}
        expected = {BILLING: None if body.billed else OUTSIDE}
    return EditOrder(note=body.note, extras=extras or None, expected=expected, unrefunded=body.billed is False)


def to_invoice(body: bodies.InvoiceIn, ledger: Ledger, id_: str, now: datetime) -> EditOrder:
    """S6: once, of an order that is shipped. What is owed is what the core says that it comes to, as it was read."""
    made = {
        "_id": id_,
        "created": times.text(now),
        "taxes": [{"amount": tax.amount, "type": tax.type} for tax in body.taxes],
        "items": [*_owed(ledger, id_)],
    }
    return EditOrder(
        extras={BILLING: INVOICE, BILLED_AT: times.text(now), INVOICE: made},
        expected={BILLING: None},
        shipped=True,
        version=ledger.order.version,
    )


def _owed(ledger: Ledger, id_: str) -> Iterator[wire.InvoiceItem]:
    """Goods without what was cancelled or came back, fees without what was credited."""
    order, tails = ledger.order, chain.tails(ledger)
    owed = [(line.sku, tails[line.id], money.line_due(order, line)) for line in order.lines]
    owed += [(fee.title or fee.kind.value, fee.id, money.fee_left(order, fee)) for fee in order.fees]
    for n, (name, reference, amount) in enumerate((each for each in owed if each[2]), start=1):
        yield {"_id": f"{id_}.{n}", "amountCents": amount, "reference": name, "referenceId": reference}


def invoice(ledger: Ledger) -> wire.Invoice | None:
    order, made = ledger.order, of(ledger.order).made
    if made is None:
        return None
    paid, refunded = money.paid(order), refunded_at(order)
    return {
        "_id": made["_id"],
        "amountPaid": paid,
        "applicationFee": 0,
        "currency": order.currency,
        "created": made["created"],
        "updated": max(made["created"], refunded or ""),
        "notified": False,
        "notifiedDate": None,
        "paid": paid >= sum(item["amountCents"] for item in made["items"]),
        "paidDate": None,
        "refunded": is_refunded(order),
        "refundedDate": refunded,
        "download": "",
        "hostedUrl": "",
        "dueDate": None,
        "buyerId": "",
        "sellerId": order.tenant_id,
        "buyerCompanyObjectId": "",
        "sellerCompanyObjectId": order.tenant_id,
        "custom": [],
        "EDISent": False,
        "taxes": made["taxes"],
        "items": made["items"],
        "posted": False,
        "buyerCode": order.number,
        "sellerCode": order.id,
        "source": "order",
        "sourceId": order.keys.get(NAME, order.id),
    }


def from_invoicing(ledger: Ledger) -> wire.InvoiceMade:
    made = invoice(ledger)
    if made is None:
        raise ValueError("the order has no invoice")
    return {"data": made, "error": []}


def is_refunded(order: Order) -> bool:
    """Some money went back, here or before the order came here."""
    return order.payment.status in people.REFUNDED


def refunded_at(order: Order) -> str | None:
    """When money went back last, as far as that is known here."""
    return times.text(order.refunds[-1].created_at) if order.refunds else None


def to_refund(body: bodies.RefundIn) -> GiveBack:
    """S7. A cancelled item means the units that it was cancelled with; one that stands those that stand."""
    return GiveBack(
        targets=tuple(
            Target(
                ref=item.item_id,
                quantity=item.quantity_to_refund,
                reason=Reason(text=item.reason) if item.reason else None,
                chained=True,
                field=f"items.{n}",
            )
            for n, item in enumerate(body.items)
        ),
        cancel=body.cancel_unfulfilled,
    )


def from_refunding(done: Done) -> wire.Refund:
    return refund(done.ledger, refunds.made(done.ledger.order, done.case))


def refund(ledger: Ledger, made: Given) -> wire.Refund:
    currency = ledger.order.currency
    named = [each for given in made.items for each in _items(ledger, made, given)]
    amounts = shares.amounts(made, (piece for _, piece in named), ledger.worth)
    return {
        "_id": made.id,
        "created": times.text(made.created_at),
        "refundedBy": chain.by(made.actor.party),
        "currency": currency,
        "amount": number(made.amount, currency),
        "fees": number(made.fees, currency),
        "items": [
            {
                "ItemId": item_id,
                "Reason": (piece.reason or made.reason).shown or "",
                "QuantityToRefund": u.count(piece.units),
                "amount": number(amount, currency),
            }
            for (item_id, piece), amount in zip(named, amounts, strict=True)
        ],
    }


def _items(ledger: Ledger, made: Given, given: RefundedUnits) -> Iterator[tuple[str, RefundedUnits]]:
    """By the items as they were then: they stay what they are, whatever is cancelled of the line later."""
    for item_id, units in chain.before(ledger, ledger.positions[given.line_id].line, made.version):
        if some := u.both(given.units, units):
            yield item_id, replace(given, units=some)
