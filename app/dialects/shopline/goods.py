"""Line items and fulfilments, as an order shows them and as the fulfilment routes do (contract 2.5 and 2.6)."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.core import model, standing
from app.core import units as u
from app.core.ledger import Ledger
from app.core.shares import shares
from app.dialects.shopline import statuses, times, wire
from app.web.currency import decimal_text, number

NAME = "shopline"
_NONE: Mapping[str, Any] = {}

STATES = {
    model.FulfillmentState.SHIPPED: "shipped",
    model.FulfillmentState.DELIVERED: "finished",
    model.FulfillmentState.VOID: "cancelled",
}


def kept(order: model.Order) -> Mapping[str, Any]:
    """What only this face knows of the order."""
    known: Mapping[str, Any] = order.extras.get(NAME, _NONE)
    return known


def tax_fee(order: model.Order) -> int | None:
    """The place among the fees of the tax that the partner gave for the whole order (1.5)."""
    known: int | None = kept(order).get("tax_fee")
    return known


def id_of(thing: model.Order | model.Line) -> str:
    """The partner's own id, else the core's (2.11: every id is opaque)."""
    return thing.keys.get(NAME, thing.id)


def line_items(ledger: Ledger) -> dict[str, wire.LineItem]:
    """By core line id, in order."""
    order = ledger.order
    known, past = kept(order).get("lines", ()), _Past(ledger)
    return {
        line.id: _line_item(past, line, known[n] if n < len(known) else _NONE) for n, line in enumerate(order.lines)
    }


class _Past:
    """What arrived and what was refunded of each line, looked up once for all of them; so is how nothing is written."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.zero = decimal_text(0, ledger.order.currency)
        self._arrived = standing.delivered(ledger.order)
        self._refunded = Counter[str]()
        for refund in ledger.order.refunds:
            for line_id, share in shares(ledger.order, refund, ledger.worth).items():
                self._refunded[line_id] += share.amount

    def status(self, line_id: str) -> str:
        return statuses.of_line(self.ledger.positions[line_id], self._arrived.get(line_id, u.NONE))

    def gone(self, line_id: str) -> int:
        """Units that were cancelled, came back, or whose money went back; each once, whatever happened to it."""
        held = self.ledger.positions[line_id]
        return u.count(u.union(u.union(held.cancelled, held.returned), held.refunded))

    def refunded(self, line_id: str) -> str:
        amount = self._refunded.get(line_id, 0)
        return decimal_text(amount, self.ledger.order.currency) if amount else self.zero


def _line_item(past: _Past, line: model.Line, known: Mapping[str, Any]) -> wire.LineItem:
    currency = past.ledger.order.currency
    return {
        "id": id_of(line),
        "product_id": known.get("product_id", ""),
        "variant_id": known.get("variant_id", ""),
        "product_title": line.title,
        "variant_title": known.get("variant_title", ""),
        "product_handle": "",
        "product_url": "",
        "sku": line.sku,
        "vendor": "",
        "note": "",
        "image": "",
        "quantity": line.quantity,
        "fulfillment_status": past.status(line.id),
        "price": decimal_text(line.unit_price, currency),
        "compare_at_price": past.zero,
        "total": decimal_text(line.unit_price * line.quantity, currency),
        "weight": "0.00",
        "weight_unit": "g",
        "properties": [],
        "custom_properties": known.get("custom_properties", {}),
        "refund_quantity": past.gone(line.id),
        "refund_total": past.refunded(line.id),
    }


def order_fulfillments(ledger: Ledger, items: Mapping[str, wire.LineItem]) -> list[wire.OrderFulfillment]:
    lines = {line.id: line for line in ledger.order.lines}
    return [
        {
            **_parcel(ledger.order, fulfillment, times.text),
            "line_items": [
                {**items[item.line_id], **_shipped(lines[item.line_id], item)} for item in fulfillment.items
            ],
        }
        for fulfillment in ledger.order.fulfillments
    ]  # fmt: skip


def from_fulfillment(ledger: Ledger, fulfillment: model.Fulfillment) -> wire.Fulfillment:
    order = ledger.order
    items, lines = line_items(ledger), {line.id: line for line in order.lines}
    return {
        **_parcel(order, fulfillment, times.with_offset),
        "line_items": [
            _counted(items[item.line_id], lines[item.line_id], item, order.currency) for item in fulfillment.items
        ],
    }


def _counted(item: wire.LineItem, line: model.Line, units: model.LineUnits, currency: str) -> wire.FulfillmentLineItem:
    """2.6: the fulfilment routes write numbers, and a total with its currency."""
    numbers: Any = {
        **item,
        "price": number(line.unit_price, currency),
        "compare_at_price": 0.0,
        "weight": 0.0,
        "total": f"{item['total']} {currency}",
        **_shipped(line, units),
    }
    counted: wire.FulfillmentLineItem = numbers
    return counted


def _parcel(order: model.Order, fulfillment: model.Fulfillment, time: Callable[[datetime], str]) -> wire.Parcel:
    return {
        "id": fulfillment.id,
        "order_id": id_of(order),
        "status": STATES[fulfillment.state],
        "tracking_company": fulfillment.carrier or "",
        "tracking_number": fulfillment.tracking_code or "",
        "tracking_company_code": "",
        "created_at": time(fulfillment.created_at),
        "updated_at": time(fulfillment.updated_at),
    }


def _shipped(line: model.Line, item: model.LineUnits) -> wire.Shipped:
    return {
        "taxable": line.tax_rate > 0,
        "requires_shipping": True,
        "shipping_quantity": u.count(item.units),
    }
