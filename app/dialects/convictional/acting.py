"""What seller and buyer can do alike; only what they are shown of it is another."""

from collections.abc import Callable
from typing import Any

from app.core.ledger import Ledger
from app.core.ports import Ref
from app.dialects.convictional import billing, bodies, mapping, wire
from app.dialects.convictional.chain import NAME
from app.service.desk import Done
from app.web.reply import Reply, settled, underway
from app.web.rest import Call, Nothing


def order(call: Call[Any, Any]) -> Ref:
    return Ref.to_order(NAME, call.path["orderId"])


async def cancel(call: Call[bodies.OrderCancellation, Nothing], ref: Ref, show: Callable[[Ledger], Any]) -> Reply:
    return await call.act(ref, mapping.to_cancel(call.body), lambda done: settled(done, show(done.ledger)))


async def cancel_item(
    call: Call[bodies.OrderItemCancellation, Nothing], ref: Ref, show: Callable[[Ledger, str], Any]
) -> Reply:
    """Of the item that the path names."""
    item_id = call.path["itemId"]

    def render(done: Done) -> Reply:
        return settled(done, show(done.ledger, item_id))

    return await call.act(ref, mapping.to_item_cancel(item_id, call.body), render)


async def refund(call: Call[bodies.RefundIn, Nothing], ref: Ref, show: Callable[[wire.Refund], Any]) -> Reply:
    def render(done: Done) -> Reply:
        return underway(done, show(billing.from_refunding(done)))

    return await call.act(ref, billing.to_refund(call.body), render)
