"""Shopline's routes on refunds and after-sales (contract 1.3: rows 12 to 16, 2.9; public docs).

A refund is recorded here, and no payment provider is called: whoever moves the money does so beside it.
"""

from typing import Any

from app.core import standing
from app.core.aftersales import GiveBack
from app.core.ledger import Ledger, Position
from app.dialects.shopline import bodies_refunds as bodies
from app.dialects.shopline import goods, mapping, mapping_refunds, picture, refunds, statuses, times, wire_refunds
from app.service.desk import Done
from app.web.currency import decimal_text
from app.web.face import Routes
from app.web.reply import Reply, json
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]


@routes.post("/orders/{id}/refund", scope="write_orders", body=bodies.RefundIn, answer=wire_refunds.Refunded)
async def refund_order(call: Call[bodies.RefundIn, Nothing]) -> Reply:
    """Refund all of an order that was paid and not refunded before.

    It is recorded, and done with that: no payment provider is called, nothing is cancelled and nothing restocked. An
    order of which nothing is left to refund, or that is closed, is refused with 406.
    """
    currency = await _currency(call) if call.body.refund_total is not None else ""
    return await _refund(call, mapping_refunds.to_refund(call.body, currency))


@routes.post(
    "/orders/{id}/partial_refund", scope="write_orders", body=bodies.PartialRefundIn, answer=wire_refunds.Refunded
)
async def partially_refund_order(call: Call[bodies.PartialRefundIn, Nothing]) -> Reply:
    """Refund a price, or line items; not both.

    What items cost is computed, their share of a discount taken off; fees, such as that for shipping, go back with the
    last item. With `is_return` those that were shipped came back, too. More than is left is refused with 406.
    """
    currency = await _currency(call) if call.body.price is not None else ""
    return await _refund(call, mapping_refunds.to_partial_refund(call.body, currency))


async def _currency(call: _Call) -> str:
    """An order's never changes; without it nobody knows how many decimals a price has."""
    return (await call.services.desk.read(call.caller, mapping.to_ref(call.path["id"]))).order.currency


async def _refund(call: _Call, command: GiveBack) -> Reply:
    return await call.act(mapping.to_ref(call.path["id"]), command, _refunded)


def _refunded(done: Done) -> Reply:
    ledger = done.ledger
    order, made = ledger.order, ledger.order.refunds[-1]
    answer: wire_refunds.Refunded = {
        "id": made.id,
        "status": "finished",
        "number": f"{order.number}-S{len(order.refunds)}",
        "created_at": times.text(made.created_at),
        "note": made.reason.shown or "",
        "refund_fail_reason": "",
        "all_refunded": refunds.is_whole(order),
        "refund_status": refunds.mode(order),
        "order": picture.from_order(ledger),
        "refunds": refunds.from_refund(ledger, made),
    }
    return json(answer)


@routes.get("/orders/{id}/refund", scope="read_orders", answer=wire_refunds.RefundList)
async def list_refunds(call: _Call) -> Reply:
    """List the refunds of an order, oldest first, with their sums."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["id"]))
    order, facts = ledger.order, statuses.facts_of(ledger)
    totals = refunds.Totals(order, goods.tax_fee(order))
    answer: wire_refunds.RefundList = {
        "order_status": statuses.shown(statuses.STATUS, facts),
        "all_refunded": refunds.is_whole(order),
        "refund_status": refunds.mode(order),
        "refund_total": decimal_text(totals.total, order.currency),
        "refund_tax_total": decimal_text(totals.tax, order.currency),
        "refund_discount_total": decimal_text(totals.discount, order.currency),
        "refunds": refunds.all_of(ledger),
    }
    return json(answer)


@routes.get("/orders/refund_records", scope="read_orders", query=bodies.RecordQuery, answer=wire_refunds.RefundRecords)
async def list_refund_records(call: Call[Nothing, bodies.RecordQuery]) -> Reply:
    """List refunds of all orders, or of some; the latest first."""
    found = await call.services.desk.refunds(call.caller, mapping_refunds.to_record_query(call.query))
    answer: wire_refunds.RefundRecords = {
        "records": [
            refunds.from_refund(ledger, refund) for ledger, id_ in found for refund in ledger.order.refunds
            if refund.id == id_
        ]
    }  # fmt: skip
    return json(answer)


@routes.get(
    "/orders/after_sales_list", scope="read_orders", query=bodies.AfterSalesQuery, answer=wire_refunds.AfterSales
)
async def list_after_sales(call: Call[Nothing, bodies.AfterSalesQuery]) -> Reply:
    """List orders of which something came back, was refunded, or is cancelled step by step; the latest change first.

    `pending`: something waits to be begun with, as goods do that are on their way back. `processing`: something is
    begun with and not done. `finished`: all is done.
    """
    desk, asked = call.services.desk, call.query
    wanted = [asked.status] if asked.status else []
    found = await desk.find(call.caller, mapping_refunds.to_after_sales(asked, *wanted))
    answer: wire_refunds.AfterSales = {
        "count": await desk.count(call.caller, mapping_refunds.to_after_sales(asked, *wanted)),
        "pending_count": await desk.count(call.caller, mapping_refunds.to_after_sales(asked, "pending")),
        "processing_count": await desk.count(call.caller, mapping_refunds.to_after_sales(asked, "processing")),
        "post_sales": [shown for ledger in found if (shown := _post_sale(ledger)) is not None],
    }
    return json(answer)


def _post_sale(ledger: Ledger) -> wire_refunds.PostSale | None:
    status, began = standing.after_sales(ledger)
    if status is None or began is None:
        return None
    order, facts, items = ledger.order, statuses.facts_of(ledger), goods.line_items(ledger)
    return {
        "order_id": goods.id_of(order),
        "number": order.number,
        "status": status,
        "order_status": statuses.shown(statuses.STATUS, facts),
        "financial_status": statuses.shown(statuses.FINANCIAL, facts),
        "fulfillment_status": statuses.shown(statuses.FULFILLMENT, facts),
        "refund_status": refunds.mode(order),
        "refund_total": decimal_text(refunds.total(order), order.currency),
        "currency": order.currency,
        "created_at": times.text(began),
        "updated_at": times.text(order.updated_at),
        "line_items": [items[id_] for id_, held in ledger.positions.items() if _touched(held)],
    }


def _touched(held: Position) -> bool:
    return bool(held.pending or held.cancelled or held.announced or held.returned or held.refunded)
