"""What the contract document shows of the buyer's routes."""

from collections.abc import Mapping
from typing import Any

_ORDER_ID = "66aa00000000000000000000"
_ITEM_ID = "66aa00000000000000000001"
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
_PLACED = {
    "id": _ITEM_ID,
    "variantId": "MUG-RED",
    "buyerReference": "1",
    "quantity": 5,
    "basePrice": 12.5,
    "retailPrice": 12.5,
    "cancelled": False,
    "cancelledReason": "",
    "cancelledBy": "",
    "cancelledDate": None,
}
_CANCELLED = {
    **_PLACED,
    "cancelled": True,
    "cancelledReason": "too many",
    "cancelledBy": "buyer",
    "cancelledDate": "2026-03-01T10:00:00.000Z",
}
_LEFT = {**_PLACED, "id": "01a1fc59-875e-7ca2-9952-db974c600003", "quantity": 2}
_SELLER_ORDER = {
    "id": _ORDER_ID,
    "buyerOrderId": _ORDER_ID,
    "buyerReference": "1001",
    "sellerReference": "01a1fc59-875e-7ca2-9952-db974c600000",
    "customerReference": "",
    "companyId": "demo",
    "address": _ADDRESS,
    "baseCurrency": "EUR",
    "packingSlipUrl": "",
    "invoiceId": "",
    "hasCancellations": True,
    "posted": True,
    "postedDate": "2026-03-01T09:00:00.000Z",
    "fulfilled": False,
    "fulfilledDate": None,
    "invoiced": False,
    "invoicedDate": None,
    "refunded": False,
    "refundedDate": None,
    "flagged": False,
    "flaggedDate": None,
    "flaggedMessage": "",
    "flaggedAt": None,
    "created": "2026-03-01T09:00:00.000Z",
    "updated": "2026-03-01T10:00:00.000Z",
    "attributes": [],
    "isTest": False,
    "fulfillments": [],
    "items": [_CANCELLED, _LEFT],
}
_ORDER = {
    "id": _ORDER_ID,
    "buyerReference": "1001",
    "customerReference": "",
    "customerEmail": "ada@example.com",
    "orderedDate": "2026-03-01T09:00:00.000Z",
    "created": "2026-03-01T09:00:00.000Z",
    "updated": "2026-03-01T10:00:00.000Z",
    "address": _ADDRESS,
    "items": [
        {
            "id": _ITEM_ID,
            "productId": "",
            "variantId": "MUG-RED",
            "buyerVariantCode": "",
            "buyerReference": "1",
            "sellerOrderId": _ORDER_ID,
            "sellerOrderItemId": _ITEM_ID,
            "quantity": 5,
            "retailPrice": 12.5,
        }
    ],
    "itemsNotAccepted": [],
    "fulfillments": [],
    "sellerOrders": [_SELLER_ORDER],
    "metafields": [],
    "attributes": [],
    "quoteId": "",
    "isTest": False,
    "note": "",
}
_REFUND = {"cancelUnfulfilled": False, "items": [{"ItemId": _ITEM_ID, "Reason": "too many", "QuantityToRefund": 3}]}
_REFUNDED = {
    "id": "01a1fc59-875e-7ca2-9952-db974c600008",
    "created": "2026-03-01T11:00:00.000Z",
    "refundedBy": "buyer",
    "currency": "EUR",
    "amount": 37.5,
    "fees": 0.0,
    "items": [{"ItemId": _ITEM_ID, "Reason": "too many", "QuantityToRefund": 3, "amount": 37.5}],
}
_REASON = {"reason": "changed my mind"}
_REST = {"unfulfilledOnly": True, "reason": "late"}
_UNTOUCHED = {**_SELLER_ORDER, "hasCancellations": False, "items": [_PLACED]}
_NO_ERROR: Mapping[str, Any] = {"error": []}

EXAMPLES: Mapping[str, Any] = {
    "list_buyer_orders": {
        "answer": {
            "data": [_ORDER],
            "hasMore": True,
            "next": "https://orders.example.com/convictional/buyer/orders?page=1&limit=1",
            "previous": "",
        }
    },
    "get_buyer_order": {"answer": {"data": _ORDER}},
    "cancel_buyer_order": {"request": _REASON, "answer": _NO_ERROR, "waiting": _NO_ERROR},
    "cancel_seller_order": {"request": _REST, "answer": _SELLER_ORDER, "waiting": _UNTOUCHED},
    "cancel_seller_order_item": {
        "request": {"newQuantity": 2, "reason": "too many"},
        "answer": _CANCELLED,
        "waiting": _PLACED,
    },
    "refund_seller_order": {"request": _REFUND, "answer": _REFUNDED, "waiting": _REFUNDED},
}
