"""Shopline's routes on orders (contract 1.3: rows 1 to 7, 9 and 10, public docs)."""

from typing import Any

from app.core.aftersales import Archive
from app.core.refusal import Code, Refusal
from app.dialects.shopline import bodies, envelopes, mapping, picture
from app.service.desk import Done
from app.web.face import Routes
from app.web.reply import Reply, json, settled
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]


def _order(done: Done) -> Reply:
    return json({"order": picture.from_order(done.ledger)})


def _cancelled(done: Done) -> Reply:
    return settled(done, {"order": picture.from_order(done.ledger)})


@routes.get("/orders", scope="read_orders", query=bodies.OrderQuery, answer=envelopes.OrderList)
async def list_orders(call: Call[Nothing, bodies.OrderQuery]) -> Reply:
    """List orders, newest first.

    Cancelled orders and orders without an address are among them. A filter matches what an order shows; bounds on
    times are inclusive.
    """
    found = await call.services.desk.find(call.caller, mapping.to_list_query(call.query))
    return json({"orders": [picture.from_order(ledger) for ledger in found]})


@routes.post("/orders", scope="write_orders", body=bodies.OrderIn, answer=envelopes.OneOrder)
async def create_order(call: Call[bodies.OrderIn, Nothing]) -> Reply:
    """Create an order that is placed and waits for its payment.

    There is no catalogue here: a line's price, sku and titles come with it, or are 0.00 and the variant's id.
    """
    return await call.create(mapping.to_create(call.body), _order)


@routes.get("/orders/count", scope="read_orders", query=bodies.OrderFilters, answer=envelopes.Count)
async def count_orders(call: Call[Nothing, bodies.OrderFilters]) -> Reply:
    """Count orders."""
    return json({"count": await call.services.desk.count(call.caller, mapping.to_count_query(call.query))})


@routes.get("/orders/number/{number}", scope="read_orders", answer=envelopes.OneOrder)
async def get_order_by_number(call: _Call) -> Reply:
    """Read an order by the number that its buyer sees."""
    found = await call.services.desk.find(call.caller, mapping.to_number_query(call.path["number"]))
    if not found:
        raise Refusal(Code.ORDER_NOT_FOUND)
    return json({"order": picture.from_order(found[0])})


@routes.get("/orders/{id}", scope="read_orders", answer=envelopes.OneOrder)
async def get_order(call: _Call) -> Reply:
    """Read an order by its id."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["id"]))
    return json({"order": picture.from_order(ledger)})


@routes.put("/orders/{id}", scope="write_orders", body=bodies.OrderPatch, answer=envelopes.OneOrder)
async def update_order(call: Call[bodies.OrderPatch, Nothing]) -> Reply:
    """Change an order's note, tags, marketing consent or shipping address.

    What is left out stays as it is; the address is replaced as a whole.
    """
    return await call.act(mapping.to_ref(call.path["id"]), mapping.to_edit(call.body), _order)


@routes.post(
    "/orders/{id}/cancel", scope="write_orders", body=bodies.CancelIn, answer=envelopes.OneOrder, may_wait=True
)
async def cancel_order(call: Call[bodies.CancelIn, Nothing]) -> Reply:
    """Cancel an order, with a reason.

    What was shipped stays shipped; an order of which nothing is left to cancel is refused with 406. Money is not
    refunded and nothing is restocked, unless the store's policy says so. While a warehouse has still to agree the
    answer is 202, and the order is as it was.
    """
    return await call.act(mapping.to_ref(call.path["id"]), mapping.to_cancel(call.body), _cancelled)


@routes.post("/orders/{id}/close", scope="write_orders", answer=envelopes.OneOrder)
async def close_order(call: _Call) -> Reply:
    """Put a finished order away.

    It is then `closed`, and takes no change until it is opened again, or until something of it comes back. An order
    that is not finished, or of which something is still on its way back, is refused with 406.
    """
    return await call.act(mapping.to_ref(call.path["id"]), Archive(), _order)


@routes.post("/orders/{id}/open", scope="write_orders", answer=envelopes.OneOrder)
async def open_order(call: _Call) -> Reply:
    """Take a closed order out again: it is `finished` as before."""
    return await call.act(mapping.to_ref(call.path["id"]), Archive(archived=False), _order)
