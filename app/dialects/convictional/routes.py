"""The seller's routes (contract 1.2: S1 to S8) and the item cancel that needs no order."""

from typing import Any

from app.core.model import Party
from app.core.ports import Ref
from app.dialects.convictional import billing, bodies, mapping, versions, wire
from app.dialects.convictional.chain import NAME
from app.service.desk import Done
from app.web.face import Routes
from app.web.reply import Reply, json, settled, underway
from app.web.rest import Call, Nothing

routes = Routes()
SELLERS = frozenset(Party) - {Party.BUYER}
_Call = Call[Any, Any]


def _order(call: _Call) -> Ref:
    return Ref.to_order(NAME, call.path["orderId"])


@routes.get("/orders", scope="read_orders", parties=SELLERS, query=bodies.OrdersQuery, answer=list[wire.Order])
async def list_orders(call: Call[Nothing, bodies.OrdersQuery]) -> Reply:
    """List orders, oldest first.

    A bare array; pages are counted from zero, and one beyond the end is empty. Poll with `shipped=false` to miss none.
    """
    version = versions.asked(call.headers)
    found = await call.services.desk.find(call.caller, mapping.to_query(call.query))
    return json([mapping.from_order(ledger, version) for ledger in found])


@routes.get("/orders/{orderId}", scope="read_orders", parties=SELLERS, answer=wire.Order)
async def get_order(call: _Call) -> Reply:
    """Read an order."""
    ledger = await call.services.desk.read(call.caller, _order(call))
    return json(mapping.from_order(ledger, versions.asked(call.headers)))


@routes.post(
    "/orders/{orderId}/cancel",
    scope="write_orders",
    parties=SELLERS,
    body=bodies.OrderCancellation,
    answer=wire.Order,
    may_wait=True,
)
async def cancel_order(call: Call[bodies.OrderCancellation, Nothing]) -> Reply:
    """Cancel an order, or what is not fulfilled of it.

    Final. An order of which some is fulfilled is refused unless `unfulfilledOnly` is true.
    """
    version = versions.asked(call.headers)

    def render(done: Done) -> Reply:
        return settled(done, mapping.from_order(done.ledger, version))

    return await call.act(_order(call), mapping.to_cancel(call.body), render)


@routes.post(
    "/orders/{orderId}/items/{itemId}/cancel",
    scope="write_orders",
    parties=SELLERS,
    body=bodies.OrderItemCancellation,
    answer=wire.OrderItem,
    may_wait=True,
)
async def cancel_order_item(call: Call[bodies.OrderItemCancellation, Nothing]) -> Reply:
    """Cancel an item, or part of it.

    Final. With `newQuantity` the item itself is cancelled and a new one, with an `_id` of its own, joins the order for
    what stays: read the order again to see it. Answers the item that was named.
    """
    return await _cancel_item(call, _order(call))


@routes.post(
    "/items/{itemId}/cancel",
    scope="write_orders",
    parties=SELLERS,
    body=bodies.OrderItemCancellation,
    answer=wire.OrderItem,
    may_wait=True,
)
async def cancel_item(call: Call[bodies.OrderItemCancellation, Nothing]) -> Reply:
    """Cancel an item, or part of it, without naming its order.

    As with the order in the path.
    """
    return await _cancel_item(call, Ref.through(NAME, "line", call.path["itemId"]))


async def _cancel_item(call: Call[bodies.OrderItemCancellation, Nothing], ref: Ref) -> Reply:
    item_id = call.path["itemId"]

    def render(done: Done) -> Reply:
        return settled(done, mapping.from_item(done.ledger, item_id))

    return await call.act(ref, mapping.to_item_cancel(item_id, call.body), render)


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
        lines = mapping.ordinals(await call.services.desk.read(call.caller, _order(call)))

    def render(done: Done) -> Reply:
        return json(mapping.from_fulfilling(done.ledger))

    return await call.act(_order(call), mapping.to_fulfil(call.body, lines), render)


@routes.post(
    "/orders/{orderId}/invoices",
    scope="write_orders",
    parties=SELLERS,
    body=bodies.InvoiceIn,
    answer=wire.InvoiceMade,
)
async def create_invoice(call: Call[bodies.InvoiceIn, Nothing]) -> Reply:
    """Invoice an order that is shipped.

    Once, and not when it is billed already. The amounts are the order's: what was shipped and did not come back, and
    fees; `taxes` are kept as they are given.
    """
    ledger = await call.services.desk.read(call.caller, _order(call))
    now = call.services.clock.now()
    command = billing.to_invoice(call.body, ledger, call.services.clock.new_id(now), now)
    return await call.act(_order(call), command, lambda done: json(billing.from_invoicing(done.ledger)))


@routes.post(
    "/orders/{orderId}/refund",
    scope="write_orders",
    parties=SELLERS,
    body=bodies.RefundIn,
    answer=wire.Refund,
    may_wait=True,
)
async def refund_order(call: Call[bodies.RefundIn, Nothing]) -> Reply:
    """Give back what was paid for items.

    Never more than was paid and not given back yet; fees go back with the last unit. With `cancelUnfulfilled` what is
    refunded and not shipped is cancelled, too. A cancelled item stands for the units that it was cancelled with.
    """
    return await call.act(
        _order(call), billing.to_refund(call.body), lambda done: underway(done, billing.from_refunding(done))
    )


@routes.patch("/orders/{orderId}", scope="write_orders", parties=SELLERS, body=bodies.OrderPatch, answer=wire.Order)
async def update_order(call: Call[bodies.OrderPatch, Nothing]) -> Reply:
    """Change an order's note and attributes, or whether it is billed.

    `billed` may become true if it is not, and false if it is billed outside the platform and no money went back.
    """
    version, command = versions.asked(call.headers), billing.to_edit(call.body, call.services.clock.now())
    return await call.act(_order(call), command, lambda done: json(mapping.from_order(done.ledger, version)))
