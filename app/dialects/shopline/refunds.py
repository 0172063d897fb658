"""Refunds and after-sales as the partner shows them (contract 2.9, public docs)."""

from uuid import UUID

from app.core import ids, standing
from app.core.ledger import Ledger, Position
from app.core.model import Refund
from app.core.shares import shares
from app.dialects.shopline import goods, picture, statuses, sums, times, wire, wire_refunds
from app.web.currency import decimal_text

_HIGHEST = 1 << 128


def record_id(refund: Refund) -> str:
    """2.11: digits as a text. The same number as the refund's id, which `id_of_record` finds again."""
    return str(UUID(refund.id).int)


def id_of_record(text: str) -> str | None:
    """None: no record is called that. The id in an answer to a refund is one, too."""
    if ids.looks_like_ours(text):
        return text
    known = text.isascii() and text.isdecimal() and len(text) < 40 and int(text) < _HIGHEST
    return str(UUID(int=int(text))) if known else None


def of_id(ledger: Ledger, refund_id: str) -> wire_refunds.RefundRecord:
    made = next(refund for refund in ledger.order.refunds if refund.id == refund_id)
    return _record(ledger, made, goods.line_items(ledger))


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
            for line_id, share in shares(order, refund, ledger.worth).items()
        ],
    }


def refunded(ledger: Ledger) -> wire_refunds.Refunded:
    """What the latest refund is answered with."""
    order, made = ledger.order, ledger.order.refunds[-1]
    return {
        "id": made.id,
        "status": "finished",
        "number": f"{order.number}-S{len(order.refunds)}",
        "created_at": times.text(made.created_at),
        "note": made.reason.shown or "",
        "refund_fail_reason": "",
        "all_refunded": sums.is_whole(order),
        "refund_status": sums.mode(order),
        "order": picture.from_order(ledger),
        "refunds": _record(ledger, made, goods.line_items(ledger)),
    }


def of_order(ledger: Ledger) -> wire_refunds.RefundList:
    order, facts = ledger.order, statuses.facts_of(ledger)
    amounts = picture.Amounts(ledger).shown()
    return {
        "order_status": statuses.shown(statuses.STATUS, facts),
        "all_refunded": sums.is_whole(order),
        "refund_status": sums.mode(order),
        "refund_total": amounts["total_refund_price"],
        "refund_tax_total": amounts["total_refund_tax"],
        "refund_discount_total": amounts["total_refund_discount"],
        "refunds": all_of(ledger),
    }


def post_sale(ledger: Ledger) -> wire_refunds.PostSale:
    order, facts, items = ledger.order, statuses.facts_of(ledger), goods.line_items(ledger)
    status, began = standing.after_sales(ledger)
    return {
        "order_id": goods.id_of(order),
        "number": order.number,
        "status": status or "finished",
        "order_status": statuses.shown(statuses.STATUS, facts),
        "financial_status": statuses.shown(statuses.FINANCIAL, facts),
        "fulfillment_status": statuses.shown(statuses.FULFILLMENT, facts),
        "refund_status": sums.mode(order),
        "refund_total": picture.Amounts(ledger).shown()["total_refund_price"],
        "currency": order.currency,
        "created_at": times.text(began or order.updated_at),
        # Not the order's own: here a line shows as soon as its cancellation is asked for.
        "updated_at": times.text(order.updated_at),
        "line_items": [items[id_] for id_, held in ledger.positions.items() if _touched(held)],
    }


def _touched(held: Position) -> bool:
    return bool(held.pending or held.cancelled or held.announced or held.returned or held.refunded)
