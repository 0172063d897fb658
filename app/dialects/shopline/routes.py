"""Shopline's routes on orders and their fulfilments (contract 1.3: rows 1 to 7, 17 and 19, public docs)."""

from typing import Any

from app.core.refusal import Code, Refusal
from app.dialects.shopline import bodies, envelopes, goods, mapping, picture, times
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


def _fulfilled(done: Done) -> Reply:
    return json({"fulfillment": goods.from_fulfillment(done.ledger, done.ledger.order.fulfillments[-1])})


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


@routes.get(
    "/orders/{order_id}/fulfillments",
    scope="read_orders",
    query=bodies.FulfillmentQuery,
    answer=envelopes.FulfillmentList,
)
async def list_fulfillments(call: Call[Nothing, bodies.FulfillmentQuery]) -> Reply:
    """List the fulfilments of an order, oldest first. Bounds on times are inclusive."""
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["order_id"]))
    asked = call.query
    found = [
        fulfillment
        for fulfillment in ledger.order.fulfillments
        if times.within(fulfillment.created_at, asked.created_at_min, asked.created_at_max)
        and times.within(fulfillment.updated_at, asked.updated_at_min, asked.updated_at_max)
    ]
    page = found[(asked.page - 1) * asked.limit : asked.page * asked.limit]
    return json({"fulfillments": [goods.from_fulfillment(ledger, fulfillment) for fulfillment in page]})


@routes.post(
    "/orders/{order_id}/fulfillments",
    scope="fulfil_orders",
    body=bodies.FulfillmentIn,
    answer=envelopes.OneFulfillment,
)
async def create_fulfillment(call: Call[bodies.FulfillmentIn, Nothing]) -> Reply:
    """Ship line items of an order, or all that is open.

    More than is open, or an order that is not placed or has nothing left, is refused with 406.
    """
    return await call.act(mapping.to_ref(call.path["order_id"]), mapping.to_fulfil(call.body), _fulfilled)
