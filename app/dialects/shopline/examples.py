"""Bodies that the contract shows; the tests send them."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Any] = {
    "create_order": {
        "request": {
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
    },
    "update_order": {"request": {"note": "call before delivery", "tags": "vip, fragile"}},
    "cancel_order": {"request": {"reason": "Customer changed their mind"}},
    "create_fulfillment": {
        "request": {
            "line_items": [{"id": "01a1fc59-875e-7ca2-9952-db974c600001", "ship_quantity": 1}],
            "tracking_company": "USPS",
            "tracking_number": "9400111899223100001",
        }
    },
}
