"""The buyer's routes (contract 1.5: B2 to B7): for keys of buyers, as all others are for those of anybody else."""

from typing import Any

from app.core.model import Party
from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.dialects.convictional import billing, bodies, buyer, mapping, wire_buyer
from app.dialects.convictional.chain import NAME
from app.service.desk import Done
from app.web.face import Routes
from app.web.links import link
from app.web.reply import Reply, json, settled, underway
from app.web.rest import Call, Nothing

routes = Routes()
BUYERS = frozenset({Party.BUYER})
_SELLER_ORDER = "/buyer/orders/{orderId}/seller-orders/{sellerOrderId}"
_Call = Call[Any, Any]


def _order(call: _Call) -> Ref:
    return Ref.to_order(NAME, call.path["orderId"])


async def _seller_order(call: _Call) -> Ref:
    """An order has one seller order, with the same ids: two that differ are looked up. Raises ORDER_NOT_FOUND."""
    ref, named = _order(call), call.path["sellerOrderId"]
    if named != call.path["orderId"]:
        ledger = await call.services.desk.read(call.caller, ref)
        if named not in buyer.names(ledger.order):
            raise Refusal(Code.ORDER_NOT_FOUND)
    return ref


@routes.get("/buyer/orders", scope="read_orders", parties=BUYERS, query=bodies.PageQuery, answer=wire_buyer.BuyerOrders)
async def list_buyer_orders(call: Call[Nothing, bodies.PageQuery]) -> Reply:
    """List orders as their buyer sees them, oldest first.

    Pages are counted from zero; `next` and `previous` are the URLs of the pages around this one.
    """
    asked = call.query
    found = await call.services.desk.find(call.caller, buyer.to_query(asked))
    pages = {
        page: link(call, "/buyer/orders", {"page": page, "limit": asked.limit})
        for page in (asked.page - 1, asked.page + 1)
    }
    return json(buyer.from_page(found, asked, pages))


@routes.get("/buyer/orders/{orderId}", scope="read_orders", parties=BUYERS, answer=wire_buyer.BuyerOrderFound)
async def get_buyer_order(call: _Call) -> Reply:
    """Read an order as its buyer sees it."""
    ledger = await call.services.desk.read(call.caller, _order(call))
    return json({"data": buyer.from_order(ledger)})


@routes.post(
    "/buyer/orders/{orderId}/cancel",
    scope="write_orders",
    parties=BUYERS,
    body=bodies.OrderCancellation,
    answer=wire_buyer.BuyerOrderCancelled,
    may_wait=True,
)
async def cancel_buyer_order(call: Call[bodies.OrderCancellation, Nothing]) -> Reply:
    """Cancel an order as its buyer, or what is not fulfilled of it.

    Final. An order of which some is fulfilled is refused unless `unfulfilledOnly` is true.
    """
    return await call.act(_order(call), mapping.to_cancel(call.body), lambda done: settled(done, {"error": []}))


@routes.post(
    _SELLER_ORDER + "/cancel",
    scope="write_orders",
    parties=BUYERS,
    body=bodies.OrderCancellation,
    answer=wire_buyer.SellerOrder,
    may_wait=True,
)
async def cancel_seller_order(call: Call[bodies.OrderCancellation, Nothing]) -> Reply:
    """Cancel a seller's order as the buyer, or what is not fulfilled of it.

    Final. An order of which some is fulfilled is refused unless `unfulfilledOnly` is true.
    """

    def render(done: Done) -> Reply:
        return settled(done, buyer.from_seller_order(done.ledger))

    return await call.act(await _seller_order(call), mapping.to_cancel(call.body), render)


@routes.post(
    _SELLER_ORDER + "/items/{itemId}/cancel",
    scope="write_orders",
    parties=BUYERS,
    body=bodies.OrderItemCancellation,
    answer=wire_buyer.SellerOrderItem,
    may_wait=True,
)
async def cancel_seller_order_item(call: Call[bodies.OrderItemCancellation, Nothing]) -> Reply:
    """Cancel an item of a seller's order as the buyer, or part of it.

    Final. Of the seller's order alone: the items of the buyer's order stay as they were ordered. With `newQuantity`
    the item itself is cancelled and a new one joins the seller's order for what stays. Answers the item that was named.
    """
    item_id = call.path["itemId"]

    def render(done: Done) -> Reply:
        return settled(done, buyer.from_item(done.ledger, item_id))

    return await call.act(await _seller_order(call), mapping.to_item_cancel(item_id, call.body), render)


@routes.post(
    _SELLER_ORDER + "/refunds",
    scope="write_orders",
    parties=BUYERS,
    body=bodies.RefundIn,
    answer=wire_buyer.BuyerRefund,
    may_wait=True,
)
async def refund_seller_order(call: Call[bodies.RefundIn, Nothing]) -> Reply:
    """Have what was paid for items of a seller's order given back.

    Never more than was paid and not given back yet; fees go back with the last unit. With `cancelUnfulfilled` what is
    refunded and not shipped is cancelled, too. A cancelled item stands for the units that it was cancelled with.
    """

    def render(done: Done) -> Reply:
        return underway(done, buyer.from_refunding(done))

    return await call.act(await _seller_order(call), billing.to_refund(call.body), render)
