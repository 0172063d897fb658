"""Shopline Admin's routes on orders."""

from typing import Any

from app.dialects.shopline_admin import bodies, mapping, wire
from app.web.face import Routes
from app.web.reply import Reply, json, settled
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]


@routes.get("/orders", scope="read_orders", query=bodies.OrdersQuery, answer=wire.OrderList)
async def list_orders(call: Call[Nothing, bodies.OrdersQuery]) -> Reply:
    """List orders, newest first."""
    found = await call.services.desk.find(call.caller, mapping.to_query(call.query))
    return json({"orders": [mapping.from_order(ledger) for ledger in found]})


@routes.get("/orders/{order_id}", scope="read_orders", answer=wire.Order)
async def get_order(call: _Call) -> Reply:
    """Read an order."""
    return json(mapping.from_order(await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))))


@routes.post("/orders/{order_id}/cancel", scope="write_orders", body=bodies.CancelIn, answer=wire.Order, may_wait=True)
async def cancel_order(call: Call[bodies.CancelIn, Nothing]) -> Reply:
    """Cancel what is left of an order.

    What was shipped stays shipped. While a warehouse has still to agree the answer is 202, and the order is as it was.
    """
    return await call.act(
        mapping.to_ref(call.path["order_id"]),
        mapping.to_cancel(call.body),
        lambda done: settled(done, mapping.from_order(done.ledger)),
    )
