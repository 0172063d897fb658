"""Refunds and transactions as SHOPLINE shows them (contract 2.7)."""

from app.core import model, money
from app.core import units as u
from app.core.ledger import Ledger
from app.core.model import CaseKind, Refund, Step
from app.core.refusal import Code, Refusal
from app.core.shares import Share, shares
from app.dialects.shopline_admin import goods, sums, times, wire_parts
from app.web.currency import number

_RESTOCKED = {CaseKind.CANCEL: "cancel", CaseKind.RETURN: "return"}


def all_of(ledger: Ledger) -> list[wire_parts.Refund]:
    """Oldest first."""
    items = goods.line_items(ledger)
    return [_refund(ledger, refund, items) for refund in ledger.order.refunds]


def of_id(ledger: Ledger, refund_id: str) -> wire_parts.Refund:
    """There is no code for a refund that is not there: it is told as a case that is not."""
    for refund in ledger.order.refunds:
        if refund.id == refund_id:
            return _refund(ledger, refund, goods.line_items(ledger))
    raise Refusal(Code.CASE_NOT_FOUND)


def made(ledger: Ledger, refund: Refund) -> wire_parts.NewRefund:
    parts = _parts(ledger, refund, goods.line_items(ledger))
    transactions = [_transaction(ledger.order, refund)]
    return {**parts, "create_at": times.millis(refund.created_at), "transactions": transactions}


def calculated(ledger: Ledger, refund: Refund) -> wire_parts.Calculated:
    order = ledger.order
    fees: wire_parts.Money = {"amount": sums.text(refund.fees, order.currency), "currency_code": order.currency}
    return {
        "currency": order.currency,
        "shipping": fees,
        "refund_line_items": _items(ledger, refund, goods.line_items(ledger)),
        "transactons": [_transaction(order, refund)],
    }


def transactions(order: model.Order) -> list[wire_parts.Transaction]:
    """What came in, then what went back."""
    paid = money.paid(order)
    came_in = [_money_moved(order, order.id, paid, "sale", times.text(order.placed_at))] if paid else []
    return [*came_in, *(_transaction(order, refund) for refund in order.refunds)]


def _refund(ledger: Ledger, refund: Refund, items: dict[str, wire_parts.LineItem]) -> wire_parts.Refund:
    transactions = [_transaction(ledger.order, refund)]
    parts = _parts(ledger, refund, items)
    return {**parts, "created_at": times.text(refund.created_at), "transactions": transactions}


def _parts(ledger: Ledger, refund: Refund, items: dict[str, wire_parts.LineItem]) -> wire_parts.RefundParts:
    return {
        "id": refund.id,
        "order_id": goods.id_of(ledger.order),
        "user_id": "",
        "note": refund.reason.shown or "",
        "processed_at": times.text(refund.created_at),
        "refund_line_items": _items(ledger, refund, items),
        "order_adjustments": [],
    }


def _items(ledger: Ledger, refund: Refund, items: dict[str, wire_parts.LineItem]) -> list[wire_parts.RefundLineItem]:
    return [
        _item(ledger, refund, items[line_id], line_id, share)
        for line_id, share in shares(ledger.order, refund).items()
    ]  # fmt: skip


def _item(
    ledger: Ledger, refund: Refund, item: wire_parts.LineItem, line_id: str, share: Share
) -> wire_parts.RefundLineItem:
    currency = ledger.order.currency
    return {
        "id": f"{refund.id}-{item['id']}",
        "line_item_id": item["id"],
        "line_item": item,
        "quantity": share.units,
        "restock_type": _restock_type(ledger, refund, line_id),
        "subtotal": number(share.amount, currency),
        "subtotal_set": sums.both(share.amount, currency),
        "total_tax": number(share.tax, currency),
        "total_tax_set": sums.both(share.tax, currency),
    }


def _restock_type(ledger: Ledger, refund: Refund, line_id: str) -> str:
    """By what went back to stock together with the refund."""
    units = u.union_all(item.units for item in refund.items if item.line_id == line_id)
    for adjustment in ledger.order.adjustments:
        together = adjustment.line_id == line_id and adjustment.steps[0].version == refund.version
        restocked = any(entry.step is Step.RESTOCKED for entry in adjustment.steps)
        if together and restocked and u.both(adjustment.units, units):
            return _RESTOCKED[ledger.cases[adjustment.case_id].kind]
    return "no_restock"


def _transaction(order: model.Order, refund: Refund) -> wire_parts.Transaction:
    return _money_moved(order, refund.id, refund.amount, "refund", times.text(refund.created_at))


def _money_moved(order: model.Order, id_: str, amount: int, kind: str, at: str) -> wire_parts.Transaction:
    """A refund is recorded and done with that: no payment provider is called."""
    return {
        "id": id_,
        "order_id": goods.id_of(order),
        "user_id": "",
        "amount": sums.text(amount, order.currency),
        "currency": order.currency,
        "kind": kind,
        "status": "success",
        "created_at": at,
        "processed_at": at,
    }
