"""SHOPLINE's routes on refunds (contract 1.3: rows 9 to 13).

A refund is recorded here, and no payment provider is called: whoever moves the money does so beside it.
"""

from typing import Any

from app.core.refunds import made
from app.dialects.shopline_admin import bodies, envelopes, mapping, refunds
from app.service.desk import Done
from app.web.face import Routes
from app.web.faults import Detail, Fault, FaultCode
from app.web.reply import Reply, json
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]


@routes.post("/order/refund.json", scope="write_orders", body=bodies.RefundIn, answer=envelopes.Refunded)
async def create_refund(call: Call[bodies.RefundIn, Nothing]) -> Reply:
    """Refund line items, shipping, or an amount.

    Units of the type `Unshipped` are cancelled with it, those of `Returned` have come back. Without line items and
    shipping the transactions say how much goes back; beside them they must add up to what is calculated, or it is 422.
    """
    ref = mapping.to_ref(call.body.order_id)
    currency = (await call.services.desk.read(call.caller, ref)).order.currency
    command, told = mapping.to_refund(call.body, currency), mapping.told_amount(call.body, currency)

    def render(done: Done) -> Reply:
        refund = made(done.ledger.order, done.case)
        if told not in {None, refund.amount}:
            raise Fault(FaultCode.INVALID, Detail("transactions", "must add up to what refunds/calculate.json says"))
        return json({"data": refunds.made(done.ledger, refund)})

    return await call.act(ref, command, render)


@routes.post(
    "/orders/{order_id}/refunds/calculate.json",
    scope="read_orders",
    body=bodies.CalculateIn,
    answer=envelopes.Calculation,
)
async def calculate_refund(call: Call[bodies.CalculateIn, Nothing]) -> Reply:
    """Say what a refund of line items and shipping would come to, and change nothing."""
    ref = mapping.to_ref(call.path["order_id"])
    currency = (await call.services.desk.read(call.caller, ref)).order.currency
    return await call.act(
        ref,
        mapping.to_calculate(call.body, currency),
        lambda done: json({"refund": refunds.calculated(done.ledger, made(done.ledger.order, done.case))}),
        dry_run=True,
    )


@routes.get("/orders/{order_id}/refunds.json", scope="read_orders", answer=envelopes.RefundList)
async def list_refunds(call: _Call) -> Reply:
    """List the refunds of an order, oldest first."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    return json({"refunds": refunds.all_of(ledger)})


@routes.get("/orders/{order_id}/refunds/{refund_id}.json", scope="read_orders", answer=envelopes.OneRefund)
async def get_refund(call: _Call) -> Reply:
    """Read a refund."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    return json({"refund": refunds.of_id(ledger, call.path["refund_id"])})


@routes.get("/orders/{order_id}/transactions.json", scope="read_orders", answer=envelopes.TransactionList)
async def list_transactions(call: _Call) -> Reply:
    """List what was paid for an order, and what went back."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    return json({"transactions": refunds.transactions(ledger.order)})
