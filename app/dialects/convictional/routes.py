"""The seller's routes (contract 1.2: S1 to S8) and the item cancel that needs no order."""

from functools import partial
from typing import Any

from app.core.model import Party
from app.core.ports import Ref
from app.dialects.convictional import acting, billing, bodies, mapping, versions, wire
from app.dialects.convictional.chain import NAME
from app.web.face import Routes
from app.web.reply import Reply, json
from app.web.rest import Call, Nothing

routes = Routes()
SELLERS = frozenset(Party) - {Party.BUYER}
_Call = Call[Any, Any]
_get = partial(routes.get, scope="read_orders", parties=SELLERS)
_post = partial(routes.post, scope="write_orders", parties=SELLERS)


@_get("/orders", query=bodies.OrdersQuery, answer=list[wire.Order])
async def list_orders(call: Call[Nothing, bodies.OrdersQuery]) -> Reply:
    """List orders, oldest first.

    A bare array; pages are counted from zero, and one beyond the end is empty. Poll with `shipped=false` to miss none.
    """
    version = versions.asked(call.headers)
    found = await call.services.desk.find(call.caller, mapping.to_query(call.query))
    return json([mapping.from_order(ledger, version) for ledger in found])


@_get("/orders/{orderId}", answer=wire.Order)
async def get_order(call: _Call) -> Reply:
    """Read an order."""
    ledger = await call.services.desk.read(call.caller, acting.order(call))
    return json(mapping.from_order(ledger, versions.asked(call.headers)))


@_post(
    "/orders/{orderId}/cancel",
    body=bodies.OrderCancellation,
    answer=wire.Order,
    may_wait=True,
)
async def cancel_order(call: Call[bodies.OrderCancellation, Nothing]) -> Reply:
    """Cancel an order, or what is not fulfilled of it.

    Final. An order of which some is fulfilled is refused unless `unfulfilledOnly` is true.
    """
    version = versions.asked(call.headers)
    return await acting.cancel(call, acting.order(call), lambda ledger: mapping.from_order(ledger, version))


@_post(
    "/orders/{orderId}/items/{itemId}/cancel",
    body=bodies.OrderItemCancellation,
    answer=wire.OrderItem,
    may_wait=True,
)
async def cancel_order_item(call: Call[bodies.OrderItemCancellation, Nothing]) -> Reply:
    """Cancel an item, or part of it.

    Final. With `newQuantity` the item itself is cancelled and a new one, with an `_id` of its own, joins the order for
    what stays: read the order again to see it. Answers the item that was named.
    """
    return await acting.cancel_item(call, acting.order(call), mapping.from_item)


@_post(
    "/items/{itemId}/cancel",
    body=bodies.OrderItemCancellation,
    answer=wire.OrderItem,
    may_wait=True,
)
async def cancel_item(call: Call[bodies.OrderItemCancellation, Nothing]) -> Reply:
    """Cancel an item, or part of it, without naming its order.

    As with the order in the path.
    """
    return await acting.cancel_item(call, Ref.through(NAME, "line", call.path["itemId"]), mapping.from_item)


@routes.post(
    "/orders/{orderId}/fulfillments",
    scope="fulfil_orders",
    parties=SELLERS,
    body=bodies.FulfillmentIn,
    answer=wire.FulfillmentCreated,
)
async def create_fulfillment(call: Call[bodies.FulfillmentIn, Nothing]) -> Reply:
    """Ship items of an order.

    An item is named by `sku`, else by `id`, which pairs with its `sellerItemCode`. Without items: everything open.
    """
    lines: dict[int, str] = {}
    if mapping.needs_ordinals(call.body):
        lines = mapping.ordinals(await call.services.desk.read(call.caller, acting.order(call)))
    command = mapping.to_fulfil(call.body, lines)
    return await call.act(acting.order(call), command, lambda done: json(mapping.from_fulfilling(done.ledger)))


@_post(
    "/orders/{orderId}/invoices",
    body=bodies.InvoiceIn,
    answer=wire.InvoiceMade,
)
async def create_invoice(call: Call[bodies.InvoiceIn, Nothing]) -> Reply:
    """Invoice an order that is shipped.

    Once, and not when it is billed already. The amounts are the order's: what was shipped and did not come back, and
    fees; `taxes` are kept as they are given.
    """
    ledger = await call.services.desk.read(call.caller, acting.order(call))
    now = call.services.clock.now()
    command = billing.to_invoice(call.body, ledger, call.services.clock.new_id(now), now)
    return await call.act(acting.order(call), command, lambda done: json(billing.from_invoicing(done.ledger)))


@_post(
    "/orders/{orderId}/refund",
    body=bodies.RefundIn,
    answer=wire.Refund,
    may_wait=True,
)
async def refund_order(call: Call[bodies.RefundIn, Nothing]) -> Reply:
    """Give back what was paid for items.

    Never more than was paid and not given back yet; fees go back with the last unit. With `cancelUnfulfilled` what is
    refunded and not shipped is cancelled, too. A cancelled item stands for the units that it was cancelled with.
    """
    return await acting.refund(call, acting.order(call), lambda made: made)


@routes.patch("/orders/{orderId}", scope="write_orders", parties=SELLERS, body=bodies.OrderPatch, answer=wire.Order)
async def update_order(call: Call[bodies.OrderPatch, Nothing]) -> Reply:
    """Change an order's note and attributes, or whether it is billed.

    `billed` may become true if it is not, and false if it is billed outside the platform and no money went back.
    """
    version, command = versions.asked(call.headers), billing.to_edit(call.body, call.services.clock.now())
    return await call.act(acting.order(call), command, lambda done: json(mapping.from_order(done.ledger, version)))
