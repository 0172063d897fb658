"""Orders and delivery orders as webhooks tell them: whole snapshots, with keys that queries do not have. Pure.

Contract 2.5 and 2.7, the columns of webhooks, in the order of its example (4.3).
"""

from typing import Any

from app.core import times
from app.core.ledger import Ledger
from app.core.model import Allocation
from app.dialects.happycolis import picture, statuses

# What the partner has and the core does not.
_SHIPPING_METHOD = {"shippingMethodId": None, "shippingMethodName": None}
_COLLECT_POINT = {"collectPointId": None, "collectPointCountry": None, "collectPointZipCode": None}


def of_order(ledger: Ledger) -> dict[str, Any]:
    shown = picture.head(ledger)
    lines = shown.pop("lines")
    return {
        **shown,
        "sourceType": "APP",
        **_SHIPPING_METHOD,
        **_COLLECT_POINT,
        "seller": None,
        "issuedAt": times.text(ledger.order.placed_at),
        "completedAt": times.maybe_text(statuses.completed_at(ledger)),
        "comment": ledger.order.note,
        "lines": lines,
    }


def of_delivery_order(ledger: Ledger, allocation: Allocation) -> dict[str, Any]:
    order = ledger.order
    return {
        "id": allocation.id,
        "orderIds": [picture.id_of(order)],
        "locationId": allocation.location_id,
        "organizationId": order.tenant_id,
        "type": picture.kept(order).get("type", "B2C"),
        "fulfillmentType": picture.fulfillment_type(allocation),
        "status": statuses.of_delivery_order(ledger, allocation),
        "priority": picture.priority(order, allocation),
        "issuedAt": times.text(allocation.created_at),
        **_SHIPPING_METHOD,
        **_COLLECT_POINT,
        "deliveryAddress": picture.contact(order.shipping_address, order.customer),
        "comment": order.note,
        "lines": picture.items(ledger, allocation),
        "events": picture.events(ledger, allocation),
    }
