"""Shopline's routes on refunds and after-sales (contract 1.3: rows 12 to 16, 2.9; public docs).

A refund is recorded here, and no payment provider is called: whoever moves the money does so beside it.
"""

from typing import Any

from app.core.aftersales import GiveBack
from app.dialects.shopline import bodies_refunds as bodies
from app.dialects.shopline import mapping, mapping_refunds, refunds, wire_refunds
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
    return await call.act(mapping.to_ref(call.path["id"]), command, lambda done: json(refunds.refunded(done.ledger)))


@routes.get("/orders/{id}/refund", scope="read_orders", answer=wire_refunds.RefundList)
async def list_refunds(call: _Call) -> Reply:
    """List the refunds of an order, oldest first, with their sums."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["id"]))
    return json(refunds.of_order(ledger))


@routes.get("/orders/refund_records", scope="read_orders", query=bodies.RecordQuery, answer=wire_refunds.RefundRecords)
async def list_refund_records(call: Call[Nothing, bodies.RecordQuery]) -> Reply:
    """List refunds of all orders, or of some; the latest first."""
    found = await call.services.desk.refunds(call.caller, mapping_refunds.to_record_query(call.query))
    return json({"records": [refunds.of_id(ledger, id_) for ledger, id_ in found]})


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
        "post_sales": [refunds.post_sale(ledger) for ledger in found],
    }
    return json(answer)
