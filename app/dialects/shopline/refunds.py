"""Refunds as the partner shows them (contract 2.9, public docs): sums, modes, records."""

from uuid import UUID

from app.core import ids, money
from app.core.ledger import Ledger
from app.core.model import Order, Refund
from app.core.shares import shares
from app.dialects.shopline import goods, times, wire, wire_refunds
from app.web.currency import decimal_text

_HIGHEST = 1 << 128


def mode(order: Order) -> str:
    """`customize`, for good, once a price was refunded; `general` while all that was refunded are items."""
    if not order.refunds:
        return "none"
    return "general" if all(refund.items for refund in order.refunds) else "customize"


def is_whole(order: Order) -> bool:
    """Whether all that came in went back."""
    return total(order) > 0 and money.refundable(order) <= 0


def total(order: Order) -> int:
    """An order that came here as refunded has all of it refunded, though nobody knows how."""
    return money.paid(order) - money.refundable(order)


class Totals:
    """What went back of an order in minor units. `tax` and `discount` of lines, and of the order's own tax fee.

    `tax_fee` is its place among the fees; it goes back as they do.
    """

    def __init__(self, order: Order, tax_fee: int | None) -> None:
        given = [share for refund in order.refunds for share in shares(order, refund).values()]
        self.total = total(order)
        self.discount = sum(share.discount for share in given)
        fees, charges = sum(refund.fees for refund in order.refunds), money.order_charges(order)
        own = 0 if tax_fee is None or not charges else order.fees[tax_fee].amount * fees // charges
        self.tax = sum(share.tax for share in given) + own


def record_id(refund: Refund) -> str:
    """2.11: digits as a text. The same number as the refund's id, which `id_of_record` finds again."""
    return str(UUID(refund.id).int)


def id_of_record(text: str) -> str | None:
    """None: no record is called that. The id in an answer to a refund is one, too."""
    if ids.looks_like_ours(text):
        return text
    known = text.isascii() and text.isdecimal() and len(text) < 40 and int(text) < _HIGHEST
    return str(UUID(int=int(text))) if known else None


def from_refund(ledger: Ledger, refund: Refund) -> wire_refunds.RefundRecord:
    return _record(ledger, refund, goods.line_items(ledger))


def all_of(ledger: Ledger) -> list[wire_refunds.RefundRecord]:
    items = goods.line_items(ledger)
    return [_record(ledger, refund, items) for refund in ledger.order.refunds]


def _record(ledger: Ledger, refund: Refund, items: dict[str, wire.LineItem]) -> wire_refunds.RefundRecord:
    order, at = ledger.order, times.text(refund.created_at)
    return {
        "id": record_id(refund),
        "order_id": goods.id_of(order),
        "note": refund.reason.shown or "",
        "refund_price": decimal_text(refund.amount, order.currency),
        "currency": order.currency,
        "created_at": at,
        "updated_at": at,
        "refund_line_items": [
            {"refund_quantity": share.units, "line_item_id": items[line_id]["id"], "line_item": items[line_id]}
            for line_id, share in shares(order, refund).items()
        ],
    }
