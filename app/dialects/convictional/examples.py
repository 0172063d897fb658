"""What the contract document shows and says; the tests send the requests, and compare the answers' keys."""

from collections.abc import Mapping
from typing import Any

from app.dialects.convictional import examples_buyer

_CANCELLED = {
    "_id": "66aa00000000000000000001",
    "sellerItemCode": "1",
    "sellerVariantCode": "MUG-RED",
    "buyerVariantCode": "",
    "quantity": 5,
    "cancelled": True,
    "cancelledReason": "damaged",
    "cancelledBy": "seller",
    "cancelledDate": "2026-03-01T10:00:00.000Z",
    "extendedPrice": 62.5,
    "extendedRetailPrice": 62.5,
}
_LEFT = {
    "_id": "01a1fc59-875e-7ca2-9952-db974c600003",
    "sellerItemCode": "1",
    "sellerVariantCode": "MUG-RED",
    "buyerVariantCode": "",
    "quantity": 2,
    "cancelled": False,
    "cancelledReason": "",
    "cancelledBy": "",
    "cancelledDate": None,
    "extendedPrice": 25.0,
    "extendedRetailPrice": 25.0,
}
_ADDRESS = {
    "name": "Ada Byron",
    "company": "",
    "addressOne": "St James's Square 12",
    "addressTwo": "",
    "city": "London",
    "state": "",
    "zip": "SW1Y 4LB",
    "country": "GB",
}
_ORDER = {
    "_id": "66aa00000000000000000000",
    "buyerOrderCode": "1001",
    "sellerOrderCode": "01a1fc59-875e-7ca2-9952-db974c600000",
    "buyerCompanyId": "",
    "sellerCompanyId": "demo",
    "buyerCompanyObjectId": "",
    "sellerCompanyObjectId": "demo",
    "buyerCreatedDate": "2026-03-01T09:00:00.000Z",
    "buyerEmail": "ada@example.com",
    "note": "",
    "currency": "EUR",
    "hasCancellations": True,
    "shippingAddress": _ADDRESS,
    "billingAddress": None,
    "fillTime": None,
    "shipTime": 0,
    "packingSlip": "",
    "custom": [],
    "items": [_CANCELLED, _LEFT],
    "created": "2026-03-01T09:00:00.000Z",
    "updated": "2026-03-01T10:00:00.000Z",
    "posted": True,
    "postedDate": "2026-03-01T09:00:00.000Z",
    "shipped": False,
    "shippedDate": None,
    "billed": False,
    "billedDate": None,
    "invoice": None,
    "fulfillments": [],
    "refunds": [],
    "attributes": [],
    "totalPrice": 62.5,
    "totalRetailPrice": 62.5,
}
_PLACED = {**_LEFT, "_id": _CANCELLED["_id"], "quantity": 5, "extendedPrice": 62.5, "extendedRetailPrice": 62.5}
_GONE = {
    **_LEFT,
    "cancelled": True,
    "cancelledReason": "out of stock",
    "cancelledBy": "seller",
    "cancelledDate": "2026-03-01T11:00:00.000Z",
}
_WHOLE = {"unfulfilledOnly": True, "reason": "out of stock"}
_PART = {"newQuantity": 2, "reason": "damaged"}
_WEBHOOK = {
    "targetUrl": "https://example.com/convictional",
    "topics": ["order.cancelled"],
    "secrets": [
        {"secret": "long-and-random-1"},
        {"secret": "long-and-random-0", "expiresDate": "2096-04-01T00:00:00Z"},
    ],
    "limiterRate": 10,
    "limiterBurst": 20,
}
_WEBHOOK_MADE = {
    **_WEBHOOK,
    "_id": "01a1fc5a-0a7c-7d0e-8b11-6f3c5a2e9d04",
    "secrets": [{"expiresDate": None}, {"expiresDate": "2096-04-01T00:00:00.000Z"}],
    "enabled": True,
    "created": "2026-03-01T10:00:00.000Z",
    "updated": "2026-03-01T10:00:00.000Z",
}
_REFUND = {"cancelUnfulfilled": True, "items": [{"ItemId": _LEFT["_id"], "Reason": "late", "QuantityToRefund": 1}]}
_REFUNDED = {
    "_id": "01a1fc59-875e-7ca2-9952-db974c600008",
    "created": "2026-03-01T11:00:00.000Z",
    "refundedBy": "seller",
    "currency": "EUR",
    "amount": 12.5,
    "fees": 0.0,
    "items": [{"ItemId": _LEFT["_id"], "Reason": "late", "QuantityToRefund": 1, "amount": 12.5}],
}
_INVOICE = {
    "_id": "01a1fc5a-1b22-7c3f-8f0d-2b7c9a4e6d01",
    "amountPaid": 2500,
    "applicationFee": 0,
    "currency": "EUR",
    "created": "2026-03-01T12:00:00.000Z",
    "updated": "2026-03-01T12:00:00.000Z",
    "notified": False,
    "notifiedDate": None,
    "paid": True,
    "paidDate": None,
    "refunded": False,
    "refundedDate": None,
    "download": "",
    "hostedUrl": "",
    "dueDate": None,
    "buyerId": "",
    "sellerId": "demo",
    "buyerCompanyObjectId": "",
    "sellerCompanyObjectId": "demo",
    "custom": [],
    "EDISent": False,
    "taxes": [{"amount": 4.34, "type": "GS"}],
    "items": [
        {
            "_id": "01a1fc5a-1b22-7c3f-8f0d-2b7c9a4e6d01.1",
            "amountCents": 2500,
            "reference": "MUG-RED",
            "referenceId": _LEFT["_id"],
        }
    ],
    "posted": False,
    "buyerCode": "1001",
    "sellerCode": "01a1fc59-875e-7ca2-9952-db974c600000",
    "source": "order",
    "sourceId": "66aa00000000000000000000",
}

EXAMPLES: Mapping[str, Any] = {
    "list_orders": {"answer": [_ORDER]},
    "get_order": {"answer": _ORDER},
    "cancel_order": {
        "request": _WHOLE,
        "answer": {**_ORDER, "items": [_CANCELLED, _GONE], "updated": _GONE["cancelledDate"]},
        "waiting": {**_ORDER, "hasCancellations": False, "items": [_PLACED]},
    },
    "cancel_order_item": {"request": _PART, "answer": _CANCELLED, "waiting": _PLACED},
    "cancel_item": {"request": _PART, "answer": _CANCELLED, "waiting": _PLACED},
    "create_fulfillment": {
        "request": {
            "carrier": "DHL",
            "trackingCode": "JD0146000030",
            "trackingUrls": ["https://example.com/track/JD0146000030"],
            "items": [{"id": 1, "sku": "MUG-RED", "quantity": 2}],
        },
        "answer": {"id": "01a1fc59-875e-7ca2-9952-db974c600006"},
    },
    "create_invoice": {
        "request": {"taxes": [{"amount": 4.34, "type": "GS"}]},
        "answer": {"data": _INVOICE, "error": []},
    },
    "refund_order": {"request": _REFUND, "answer": _REFUNDED, "waiting": _REFUNDED},
    "update_order": {
        "request": {"billed": True, "note": "Paid by wire", "attributes": [{"key": "po", "value": "4711"}]},
        "answer": {
            **_ORDER,
            "billed": True,
            "billedDate": "2026-03-01T12:00:00.000Z",
            "note": "Paid by wire",
            "attributes": [{"key": "po", "value": "4711"}],
        },
    },
    "create_webhook": {"request": _WEBHOOK, "answer": _WEBHOOK_MADE},
    **examples_buyer.EXAMPLES,
}

PARAMETERS: Mapping[str, str] = {
    "orderId": "The order's `_id`, or its `sellerOrderCode`.",
    "itemId": "The item's `_id`.",
    "sellerOrderId": "The seller's order: an order has one, and its ids are the order's.",
    "page": "Which page, counted from zero.",
    "limit": "Orders per page.",
    "shipped": "Orders with nothing left to fulfill, or the others.",
    "posted": "Orders that reached the seller's platform, or the others.",
    "billed": "Orders that are invoiced, or the others.",
    "refunded": "Orders that are refunded, or the others.",
    "createdMin": "Orders created at that time or later.",
    "updated": "Orders changed at that time or later.",
    "buyerOrderCode": "The order with this `buyerOrderCode`, exactly.",
    "sellerOrderCode": "The order with this `sellerOrderCode`, exactly.",
}
