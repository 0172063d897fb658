"""What the contract shows and says: bodies, which the tests send, and what parameters are."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Any] = {
    "create_order": {
        "request": {
            "number": "1001",
            "currency": "EUR",
            "customer": {"name": "Ada Byron", "email": "ada@example.com"},
            "lines": [
                {"sku": "MUG-RED", "title": "Red mug", "quantity": 5, "unit_price": 1250, "tax_rate": 0.21},
                {"sku": "TEA-GREEN", "title": "Green tea", "quantity": 2, "unit_price": 800, "tax_rate": 0.09},
            ],
            "fees": [{"kind": "shipping", "title": "Parcel", "amount": 595}],
            "payment": {"status": "paid", "method": "credit_card"},
            "keys": {"convictional": "66aa00000000000000000001", "shopline": "633130-00000004"},
        }
    },
    "cancel_order": {"request": {"unfulfilled_only": True, "reason_code": "OUT_OF_STOCK", "reason": "Sold out"}},
    "allocate": {"request": {"location_id": "01a1fc59-875e-7ca2-9952-db974c6a2b1c", "stage": "requested"}},
    "fulfil": {"request": {"carrier": "DHL", "tracking_code": "JD0146000030"}},
    "accept_request": {"request": {"message": "Taken out of the wave"}},
    "reject_request": {"request": {"message": "Already packed"}},
    "edit_tenant": {"request": {"policy": {"restock_on_cancel": True}}},
    "add_location": {"request": {"name": "Rotterdam", "connector": {"kind": "manual"}}},
    "add_credential": {"request": {"name": "warehouse", "party": "warehouse", "scopes": ["fulfil_orders"]}},
}

PARAMETERS: Mapping[str, str] = {
    "order_id": "The order's id, or `dialect:key` for the id that it has in a dialect.",
    "allocation_id": "The id of an allocation of this order.",
    "request_id": "The id of a cancellation or a return.",
    "location_id": "The id of a location.",
    "credential_id": "The id of a credential; it is the part of a key between its two dots.",
    "state": "Only orders in this state.",
    "cancelled": "Only orders that are cancelled, or that are not.",
    "updated_after": "Only orders changed after this time (RFC 3339); they are then listed by time of change.",
    "number": "Only the order with this number.",
    "cursor": "The `next_cursor` of the page before.",
    "limit": "How many to answer at most.",
    "after": "The `next_cursor` of the page before; without it from the beginning.",
    "dry_run": "Answer what would happen, and write nothing.",
}
