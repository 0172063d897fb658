"""The buyer's routes (contract 1.5: B2 to B7): for keys of buyers, as all others are for those of anybody else."""

from functools import partial
from typing import Any

from app.core.model import Party
from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.dialects.convictional import acting, bodies, buyer, wire_buyer
from app.web.face import Routes
from app.web.links import link
from app.web.reply import Reply, json
from app.web.rest import Call, Nothing

routes = Routes()
BUYERS = frozenset({Party.BUYER})
_SELLER_ORDER = "/buyer/orders/{orderId}/seller-orders/{sellerOrderId}"
_Call = Call[Any, Any]
_get = partial(routes.get, scope="read_orders", parties=BUYERS)
_post = partial(routes.post, scope="write_orders", parties=BUYERS)


async def _seller_order(call: _Call) -> Ref:
    """An order has one seller order, with the same ids: two that differ are looked up. Raises ORDER_NOT_FOUND."""
    ref, named = acting.order(call), call.path["sellerOrderId"]
    if named != call.path["orderId"]:
        ledger = await call.services.desk.read(call.caller, ref)
        if named not in buyer.names(ledger.order):
            raise Refusal(Code.ORDER_NOT_FOUND)
    return ref


@_get("/buyer/orders", query=bodies.PageQuery, answer=wire_buyer.BuyerOrders)
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


@_get("/buyer/orders/{orderId}", answer=wire_buyer.BuyerOrderFound)
async def get_buyer_order(call: _Call) -> Reply:
    """Read an order as its buyer sees it."""
    ledger = await call.services.desk.read(call.caller, acting.order(call))
    return json({"data": buyer.from_order(ledger)})


@_post(
    "/buyer/orders/{orderId}/cancel",
    body=bodies.OrderCancellation,
    answer=wire_buyer.BuyerOrderCancelled,
    may_wait=True,
)
async def cancel_buyer_order(call: Call[bodies.OrderCancellation, Nothing]) -> Reply:
    """Cancel an order as its buyer, or what is not fulfilled of it.

    Final. An order of which some is fulfilled is refused unless `unfulfilledOnly` is true.
    """
    return await acting.cancel(call, acting.order(call), lambda _: {"error": []})


@_post(
    _SELLER_ORDER + "/cancel",
    body=bodies.OrderCancellation,
    answer=wire_buyer.SellerOrder,
    may_wait=True,
)
async def cancel_seller_order(call: Call[bodies.OrderCancellation, Nothing]) -> Reply:
    """Cancel a seller's order as the buyer, or what is not fulfilled of it.

    Final. An order of which some is fulfilled is refused unless `unfulfilledOnly` is true.
    """
    return await acting.cancel(call, await _seller_order(call), buyer.from_seller_order)


@_post(
    _SELLER_ORDER + "/items/{itemId}/cancel",
    body=bodies.OrderItemCancellation,
    answer=wire_buyer.SellerOrderItem,
    may_wait=True,
)
async def cancel_seller_order_item(call: Call[bodies.OrderItemCancellation, Nothing]) -> Reply:
    """Cancel an item of a seller's order as the buyer, or part of it.

    Final. Of the seller's order alone: the items of the buyer's order stay as they were ordered. With `newQuantity`
    the item itself is cancelled and a new one joins the seller's order for what stays. Answers the item that was named.
    """
    return await acting.cancel_item(call, await _seller_order(call), buyer.from_item)


@_post(
    _SELLER_ORDER + "/refunds",
    body=bodies.RefundIn,
    answer=wire_buyer.BuyerRefund,
    may_wait=True,
)
async def refund_seller_order(call: Call[bodies.RefundIn, Nothing]) -> Reply:
    """Have what was paid for items of a seller's order given back.

    Never more than was paid and not given back yet; fees go back with the last unit. With `cancelUnfulfilled` what is
    refunded and not shipped is cancelled, too. A cancelled item stands for the units that it was cancelled with.
    """
    return await acting.refund(call, await _seller_order(call), buyer.from_refund)
