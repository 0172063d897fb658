"""What the contract shows: requests, the answers that our own mapping gives to them, and what parameters are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import create, ids
from app.core.aftersales import Archive, MoveFulfillment
from app.core.decide import decide
from app.core.ledger import Ledger
from app.core.messages import Context, CreateOrder, NewFee, NewLine
from app.core.model import (
    Actor,
    Address,
    Customer,
    FeeKind,
    FulfillmentState,
    Party,
    Payment,
    PaymentStatus,
)
from app.core.policy import Policy
from app.dialects.shopline_admin import bodies, goods, mapping, picture, refunds

_ID = "21050342939778451436179579"
_LINES = (NewLine(sku="MUG-RED", title="Red mug", quantity=2, unit_price=1250, keys={goods.NAME: "413"}),)
_FEES = (NewFee(kind=FeeKind.SHIPPING, title="Standard", amount=500),)
_ADDRESS = Address(
    name="Ada Byron", address1="12 Main Street", city="Louisville", zip="40202", province="Kentucky", country_code="US"
)
_CANCEL = {"cancel_reason": "I don't want to buy it.", "restock": True, "email": True}
_SHIP = {
    "fulfillment": {
        "line_items": [{"id": "413", "quantity": 2}],
        "tracking_info_list": [{"tracking_company": "USPS", "tracking_number": "9400111899223100001"}],
    }
}
_CALCULATE = {
    "currency": "USD",
    "shipping": {"full_refund": True},
    "refund_line_items": [{"line_item_id": 413, "quantity": 1, "type": "Unshipped"}],
}
_REFUND = {**_CALCULATE, "order_id": _ID, "note": "one is broken", "transactions": [{"amount": "17.50"}]}
_AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
_WEBHOOK = {"topic": "orders/cancelled", "address": "https://example.com/shopline", "api_version": "v20260901"}
_MADE = {
    "webhook": {
        "id": 5123456789012345,
        **_WEBHOOK,
        "created_at": "2026-01-31T12:00:00+00:00",
        "updated_at": "2026-01-31T12:00:00+00:00",
    }
}
_WEBHOOKS = {
    "list_webhooks": {"answer": {"webhooks": [_MADE["webhook"]]}},
    "count_webhooks": {"answer": {"count": 1}},
    "create_webhook": {"request": {"webhook": _WEBHOOK}, "answer": _MADE},
    "get_webhook": {"answer": _MADE},
    "update_webhook": {"request": {"webhook": {"topic": "orders/cancelled"}}, "answer": _MADE},
    "delete_webhook": {"answer": {}},
}


def _context(minutes: int) -> Context:
    return Context(Actor("", goods.NAME, Party.SELLER), Policy(), _AT + timedelta(minutes=minutes))


def _placed() -> Ledger:
    command = CreateOrder(
        number="1001",
        currency="USD",
        customer=Customer(name="Ada Byron", email="ada@example.com", phone="5025550100"),
        shipping_address=_ADDRESS,
        lines=_LINES,
        fees=_FEES,
        payment=Payment(status=PaymentStatus.PAID, method="Paypal"),
        keys={goods.NAME: _ID},
    )
    return create.decide_create(command, "1644828244663", ids.order_id(_AT, 1 << 40), _context(0)).ledger


def _examples() -> Mapping[str, Any]:
    placed = _placed()
    cancel = mapping.to_cancel(bodies.CancelIn.model_validate(_CANCEL))
    cancelled = decide(placed, replace(cancel, mail=False), _context(1)).ledger
    refund = mapping.to_refund(bodies.RefundIn.model_validate(_REFUND), "USD")
    refunded = decide(placed, refund, _context(1)).ledger
    [made] = refunded.order.refunds
    return {
        "list_orders": {"answer": {"orders": [picture.from_order(cancelled)]}},
        "count_orders": {"answer": {"count": 1}},
        "get_order": {"answer": _one(placed)},
        "cancel_order": {"request": _CANCEL, "answer": _one(cancelled), "waiting": _one(placed)},
        **_shipping(placed),
        "create_refund": {"request": _REFUND, "answer": {"data": refunds.made(refunded, made)}},
        "calculate_refund": {"request": _CALCULATE, "answer": {"refund": refunds.calculated(refunded, made)}},
        "list_refunds": {"answer": {"refunds": refunds.all_of(refunded)}},
        "get_refund": {"answer": {"refund": refunds.of_id(refunded, made.id)}},
        "list_transactions": {"answer": {"transactions": refunds.transactions(refunded.order)}},
        **_WEBHOOKS,
    }


def _shipping(placed: Ledger) -> Mapping[str, Any]:
    shipped = decide(placed, mapping.to_fulfil(bodies.FulfillmentIn.model_validate(_SHIP)), _context(1)).ledger
    void = MoveFulfillment(fulfillment_id=shipped.order.fulfillments[0].id, state=FulfillmentState.VOID)
    voided = {"answer": _parcel(decide(shipped, void, _context(2)).ledger)}
    archived = decide(shipped, Archive(), _context(2)).ledger
    return {
        "list_fulfillments": {"answer": {"fulfillments": goods.fulfillments(shipped)}},
        "count_fulfillments": {"answer": {"count": 1}},
        "create_fulfillment": {"request": _SHIP, "answer": _parcel(shipped)},
        "cancel_fulfillment": voided,
        "cancel_order_fulfillment": voided,
        "archive_order": {"answer": {**_one(archived), "user_errors": []}},
        "unarchive_order": {"answer": {**_one(shipped), "user_errors": []}},
    }


def _one(ledger: Ledger) -> dict[str, Any]:
    return {"order": picture.from_order(ledger)}


def _parcel(ledger: Ledger) -> dict[str, Any]:
    return {"fulfillment": goods.fulfillments(ledger)[0]}


EXAMPLES = _examples()

_BOUND = "Inclusive, such as `2023-04-12T22:59:52+08:00`; a bound in whole seconds includes that second."
_NOWHERE = "No order here shows one: nothing is found."

PARAMETERS: Mapping[str, str] = {
    "id": "The id: the store's own, or the one that an answer shows.",
    "webhook_id": "The webhook's id: its number, or the one that the native API has for it.",
    "order_id": "The order's id: the store's own, or the one that an answer shows.",
    "fulfillment_id": "The fulfilment's id.",
    "refund_id": "The refund's id.",
    "ids": "Order ids, comma separated, at most 100; archived orders are among them.",
    "name": "The order's number; an archived one is found, too.",
    "limit": "How many on a page.",
    "page_info": "From a `link` header.",
    "since_id": "Orders after this one, by the id that `/api` has for it.",
    "sort_condition": "`id:asc` (the default) or `id:desc`; `order_at` is the same order.",
    "status": "Orders that show this `status`.",
    "hidden_order": "Archived orders, or those that are not.",
    "financial_status": "Orders that show this `financial_status`.",
    "fulfillment_status": "Nothing, a part, or all of it shipped.",
    "email": "The customer's address, in any case.",
    "buyer_id": _NOWHERE,
    "location": _NOWHERE,
    "location_id": _NOWHERE,
    "contract_ids": _NOWHERE,
    "order_source": "No order here shows one: anything but `any` finds nothing.",
    **{f"{time}_at_{end}": _BOUND for time in ("created", "updated") for end in ("min", "max")},
}
