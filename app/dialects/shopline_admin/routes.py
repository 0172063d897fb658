"""SHOPLINE's routes on orders (contract 1.3: rows 1 to 3, 7 and 8)."""

from typing import Any

from app.core.aftersales import Archive
from app.dialects.shopline_admin import bodies, envelopes, mapping, paging, picture
from app.service.desk import Done
from app.web.face import Routes
from app.web.reply import Reply, json, settled, underway
from app.web.rest import Call, Nothing

routes = Routes()
_Call = Call[Any, Any]


def _order(done: Done) -> dict[str, Any]:
    return {"order": picture.from_order(done.ledger)}


@routes.get("/orders.json", scope="read_orders", query=bodies.OrderQuery, answer=envelopes.OrderList)
async def list_orders(call: Call[Nothing, bodies.OrderQuery]) -> Reply:
    """List orders, oldest first.

    A `link` header leads to the next page, and to the previous one; without it this is the last. Archived orders are
    left out, unless `hidden_order`, `ids` or `name` asks for them. A filter matches what an order shows.
    """
    place = paging.place_of(call.query)
    found = await call.services.desk.find(call.caller, mapping.to_list_query(call.query, place))
    shown, before, after = paging.page(found, call.query, place)
    orders = [picture.from_order(ledger) for ledger in shown]
    return json({"orders": orders}, headers=paging.links(call, shown, before=before, after=after))


@routes.get("/orders/count.json", scope="read_orders", query=bodies.CountQuery, answer=envelopes.Count)
async def count_orders(call: Call[Nothing, bodies.CountQuery]) -> Reply:
    """Count orders, archived ones among them."""
    return json({"count": await call.services.desk.count(call.caller, mapping.to_count_query(call.query))})


@routes.get("/orders/{id}.json", scope="read_orders", answer=envelopes.OneOrder)
async def get_order(call: _Call) -> Reply:
    """Read an order.

    The partner documents no such route, and reads one with `ids` of the list; there an unknown one is an empty list.
    """
    ledger = await call.services.desk.read(call.caller, mapping.to_ref(call.path["id"]))
    return json({"order": picture.from_order(ledger)})


@routes.post(
    "/orders/{id}/cancel.json", scope="write_orders", body=bodies.CancelIn, answer=envelopes.OneOrder, may_wait=True
)
async def cancel_order(call: Call[bodies.CancelIn, Nothing]) -> Reply:
    """Cancel an order.

    One of which anything was shipped is refused with 422: its shipment has to be cancelled first. Goods go back to
    stock for `restock`, to the location that held them; the buyer is sent mail for `email`, once it is done; an
    `amount` goes back with it. While a warehouse has still to agree the answer is 202, and the order is as it was.
    """
    ref = mapping.to_ref(call.path["id"])
    if not call.body.amount:
        return await call.act(ref, mapping.to_cancel(call.body), lambda done: settled(done, _order(done)))
    currency = (await call.services.desk.read(call.caller, ref)).order.currency
    command = mapping.to_cancel_with_refund(call.body, currency)
    return await call.act(ref, command, lambda done: underway(done, _order(done)))


@routes.put("/orders/{id}/hide_mark.json", scope="write_orders", answer=envelopes.Marked)
async def archive_order(call: _Call) -> Reply:
    """Archive an order that is done with.

    It is `hidden_order` then, and left out of lists. One that is cancelled, or not done, is refused with 422.
    """
    return await _mark(call, archived=True)


@routes.put("/orders/{id}/cancel_hide_mark.json", scope="write_orders", answer=envelopes.Marked)
async def unarchive_order(call: _Call) -> Reply:
    """Take an order out of the archive. It cancels nothing."""
    return await _mark(call, archived=False)


async def _mark(call: _Call, *, archived: bool) -> Reply:
    ref, command = mapping.to_ref(call.path["id"]), Archive(archived=archived)
    return await call.act(ref, command, lambda done: json({**_order(done), "user_errors": []}))
