"""What happens to orders, as it happens: the tenant's events as a GraphQL subscription (ours; the partner has none)."""

import json
from collections.abc import AsyncGenerator
from typing import Any

from ariadne import SubscriptionType

from app.core import ids, times
from app.core.model import OrderState
from app.core.ports import StoredEvent
from app.dialects.happycolis import mapping, statuses, topics
from app.dialects.happycolis.finding import call_for
from app.web.faults import Detail, Fault, FaultCode
from app.web.graphql import Info

subscription = SubscriptionType()


@subscription.source("orderEvents")
async def order_events(_: Any, info: Info, **given: Any) -> AsyncGenerator[dict[str, Any], None]:
    """Ends when the reader is too slow, its key ends, or the server does."""
    call = call_for(info, "view_orders")
    after, order_id, types = given.get("after"), given.get("orderId"), given.get("types")
    if after is not None and not ids.looks_like_ours(after):
        raise Fault(FaultCode.INVALID, Detail("after", "is no event's id"))
    for n, type_ in enumerate(types or ()):
        if type_ not in topics.ALL:
            raise Fault(FaultCode.INVALID, Detail(f"types.{n}", "is no type of event"))
    orders = []
    if order_id is not None:
        orders = [(await call.services.desk.read(call.caller, mapping.to_ref(order_id))).order.id]
    reader = await call.services.live.open(call.caller, after=after, orders=orders)
    try:
        async for item in reader:
            shown = from_event(item.event)
            if not types or shown["type"] in types:
                yield shown
    finally:
        reader.close()


@subscription.field("orderEvents")
def order_event(event: dict[str, Any], _: Info, **__: Any) -> dict[str, Any]:
    return event


def from_event(event: StoredEvent) -> dict[str, Any]:
    after = json.loads(event.after)
    return {
        "id": event.id,
        "type": topics.of_event(event),
        "date": times.text(event.at),
        "orderId": event.order_id,
        "orderState": statuses.ORDER[OrderState(after["state"])],
        "dispatchableRequestId": event.case_id,
    }
