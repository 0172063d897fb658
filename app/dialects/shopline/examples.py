"""What the contract shows: requests, the answers that our own mapping gives to them, and what parameters are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import cancel, create, fulfil, ids
from app.core.aftersales import Archive, MoveFulfillment
from app.core.decide import decide
from app.core.ledger import Ledger
from app.core.messages import Context, Fulfil
from app.core.model import Actor, FulfillmentState, Party, PaymentStatus
from app.core.policy import Policy
from app.dialects.shopline import bodies, bodies_refunds, goods, mapping, mapping_refunds, picture, refunds

_CREATE = {
    "tax_total": "2.60",
    "discount": "10%",
    "currency_code": "USD",
    "payment_line": "COD",
    "note": "gift wrap",
    "tags": ["vip"],
    "shipping_address": {
        "first_name": "Ada",
        "last_name": "Byron",
        "email": "ada@example.com",
        "phone": "5025550100",
        "country": "United States",
        "country_code": "US",
        "province": "Kentucky",
        "province_code": "KY",
        "city": "Louisville",
        "address": "12 Main Street",
        "address1": "Apt 4",
        "zip": "40202",
    },
    "line_items": [
        {
            "product_id": "4f5a8a0e-6ad1-4b64-9c0c-0b9d5c9d7d11",
            "variant_id": "9b7c9c3e-4c1d-4b0f-8d7e-2f3a4b5c6d7e",
            "quantity": 2,
            "price": "12.50",
            "sku": "MUG-RED",
            "product_title": "Red mug",
            "custom_properties": {"engraving": "A.B."},
        }
    ],
    "shipping_line": {"name": "Standard", "shipping_price": "5.00"},
}
_UPDATE = {"note": "call before delivery", "tags": "vip, fragile"}
_CANCEL = {"reason": "Customer changed their mind"}
_AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)

_WEBHOOK = {"address": "https://example.com/shopline", "topic": "orders/cancelled"}
_MADE = {
    "webhook": {
        "id": "01a1fc5a-0a7c-7d0e-8b11-6f3c5a2e9d04",
        **_WEBHOOK,
        "format": "json",
        "created_at": "2026-01-31T12:00:00Z",
        "updated_at": "2026-01-31T12:00:00Z",
    }
}
_WEBHOOKS = {
    "list_webhooks": {"answer": {"webhooks": [_MADE["webhook"]]}},
    "create_webhook": {"request": _WEBHOOK, "answer": _MADE},
    "count_webhooks": {"answer": {"count": 1}},
    "get_webhook": {"answer": _MADE},
    "update_webhook": {"request": {"topic": "orders/cancelled"}, "answer": _MADE},
    "delete_webhook": {"answer": {}},
}


def _context(minutes: int) -> Context:
    return Context(Actor("", goods.NAME, Party.SELLER), Policy(), _AT + timedelta(minutes=minutes))


def _placed() -> Ledger:
    body = bodies.OrderIn.model_validate(_CREATE)
    made = create.decide_create(mapping.to_create(body), "", ids.order_id(_AT, 1 << 40), _context(0)).ledger
    return Ledger(replace(made.order, number="00000004", keys={goods.NAME: "633130-00000004"}))


def _examples() -> Mapping[str, Any]:
    placed = _placed()
    ship = {
        "line_items": [{"id": placed.order.lines[0].id, "ship_quantity": 1}],
        "tracking_company": "USPS",
        "tracking_number": "9400111899223100001",
    }
    edited = create.decide_edit(placed, mapping.to_edit(bodies.OrderPatch.model_validate(_UPDATE)), _context(1)).ledger
    shipped = fulfil.decide_fulfil(
        edited, mapping.to_fulfil(bodies.FulfillmentIn.model_validate(ship)), _context(2)
    ).ledger
    cancelled = cancel.decide_cancel(
        shipped, mapping.to_cancel(bodies.CancelIn.model_validate(_CANCEL)), _context(3)
    ).ledger
    parcel = _parcel(shipped)
    return {
        "create_order": {"request": _CREATE, "answer": _one(placed)},
        "update_order": {"request": _UPDATE, "answer": _one(edited)},
        "get_order": {"answer": _one(shipped)},
        "get_order_by_number": {"answer": _one(shipped)},
        "list_orders": {"answer": {"orders": [picture.from_order(cancelled)]}},
        "count_orders": {"answer": {"count": 1}},
        "cancel_order": {"request": _CANCEL, "answer": _one(cancelled), "waiting": _one(shipped)},
        "list_fulfillments": {"answer": {"fulfillments": [parcel["fulfillment"]]}},
        "count_fulfillments": {"answer": {"count": 1}},
        "create_fulfillment": {"request": ship, "answer": parcel},
        "get_fulfillment": {"answer": parcel},
        **_after_shipping(edited),
        **_WEBHOOKS,
    }


def _after_shipping(placed: Ledger) -> Mapping[str, Any]:
    """Paid, all of it shipped, the parcel moved and put away; and what was refunded of it."""
    paid = Ledger(replace(placed.order, payment=replace(placed.order.payment, status=PaymentStatus.PAID)))
    shipped = decide(paid, Fulfil(carrier="USPS", tracking_code="9400111899223100001"), _context(2)).ledger
    id_ = shipped.order.fulfillments[0].id
    track = {"tracking_number": "9400111899223100002"}
    edit = mapping.to_edit_fulfillment(id_, bodies.FulfillmentPatch.model_validate(track))
    tracked = decide(shipped, edit, _context(3))
    moved = {
        state: decide(tracked.ledger, MoveFulfillment(fulfillment_id=id_, state=state), _context(4)).ledger
        for state in (FulfillmentState.DELIVERED, FulfillmentState.VOID)
    }
    arrived = moved[FulfillmentState.DELIVERED]
    closed = decide(arrived, Archive(), _context(5)).ledger
    part = {"is_return": True, "line_items": [{"id": placed.order.lines[0].id, "quantity": 1}]}
    asked = bodies_refunds.PartialRefundIn.model_validate(part)
    partly = decide(arrived, mapping_refunds.to_partial_refund(asked, "USD"), _context(5)).ledger
    wholly = decide(arrived, mapping_refunds.to_refund(bodies_refunds.RefundIn(), "USD"), _context(5)).ledger
    return {
        "update_fulfillment": {"request": track, "answer": _parcel(tracked.ledger)},
        "complete_fulfillment": {"answer": _parcel(arrived)},
        "cancel_fulfillment": {"answer": _parcel(moved[FulfillmentState.VOID])},
        "close_order": {"answer": _one(closed)},
        "open_order": {"answer": _one(decide(closed, Archive(archived=False), _context(6)).ledger)},
        "refund_order": {"request": {}, "answer": refunds.refunded(wholly)},
        "partially_refund_order": {"request": part, "answer": refunds.refunded(partly)},
        "list_refunds": {"answer": refunds.of_order(partly)},
        "list_refund_records": {"answer": {"records": refunds.all_of(partly)}},
        "list_after_sales": {
            "answer": {
                "count": 1,
                "pending_count": 0,
                "processing_count": 0,
                "post_sales": [refunds.post_sale(partly)],
            }
        },
    }


def _parcel(ledger: Ledger) -> dict[str, Any]:
    return {"fulfillment": goods.from_fulfillment(ledger, ledger.order.fulfillments[0])}


def _one(ledger: Ledger) -> dict[str, Any]:
    return {"order": picture.from_order(ledger)}


EXAMPLES = _examples()

_ID = "The order's id: the store's own, or the one that an answer shows."
_BOUND = "Inclusive, such as `2016-01-18T23:41:00Z`; a bound in whole seconds includes that second."

PARAMETERS: Mapping[str, str] = {
    "id": _ID,
    "order_id": _ID,
    "number": "The order's number.",
    "ids": "Order ids, comma separated.",
    "limit": "How many on a page.",
    "page": "From 1.",
    "status": "Orders that show this `status`.",
    "financial_status": "Orders that show this `financial_status`.",
    "fulfillment_status": "Orders that show this `fulfillment_status`.",
    "recovery_status": "Orders that show this `recovery_status`.",
    "location_id": "Orders of this location; none shows one.",
    "webhook_id": "The webhook's id.",
    "fulfillment_id": "The fulfilment's id.",
    "order_ids": f"Order ids, comma separated, at most {bodies_refunds.MOST_ORDERS}.",
    "refund_record_ids": f"Ids of refunds, comma separated, at most {bodies_refunds.MOST_RECORDS}.",
    "refund_status": "A refund is done here once it is recorded: `pending` and `failed` find none.",
    "per_page": "How many on a page.",
    "sort_by": "A refund never changes, so that both times of it are the same.",
    "sort_direction": "The latest first (`desc`), or the earliest.",
    "address": "Webhooks to exactly this address.",
    "topic": "Webhooks of exactly this topic.",
    **{f"{time}_at_{end}": _BOUND for time in ("created", "updated", "placed") for end in ("min", "max")},
    **{f"{time}_at_{end}": _BOUND for time in ("created", "updated") for end in ("start", "end")},
}
