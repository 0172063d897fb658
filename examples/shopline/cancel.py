"""Shopline: place an order, read it, cancel it with a reason, read it again, cancel it once more.

URL=http://127.0.0.1:8000 KEY=drg_… python examples/shopline/cancel.py
"""

import json
import os
import urllib.error
import urllib.request

URL, KEY = os.environ.get("URL", "http://127.0.0.1:8000"), os.environ["KEY"]
ORDER = {
    "currency_code": "USD",
    "tax_total": "0.00",
    "discount": "0",
    "shipping_line": {"name": "Standard", "shipping_price": "5.00"},
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
        "zip": "40202",
    },
    "line_items": [
        {
            "product_id": "4f5a8a0e-6ad1-4b64-9c0c-0b9d5c9d7d11",
            "variant_id": "9b7c9c3e-4c1d-4b0f-8d7e-2f3a4b5c6d7e",
            "sku": "MUG-RED",
            "product_title": "Red mug",
            "quantity": 2,
            "price": "12.50",
        }
    ],
}


def shop(method, path, body=None, **headers):
    """The answer's status and body; an error is an answer, too."""
    request = urllib.request.Request(
        f"{URL}/shopline/openapi/2022-01{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Access-Token": KEY, "Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.status, error.read().decode()


order = json.loads(shop("POST", "/orders", ORDER)[1])["order"]
print(f"placed: {order['status']}, total {order['total_price']}")

once = {"Idempotency-Key": f"cancel-{order['id']}"}
shop("POST", f"/orders/{order['id']}/cancel", {"reason": "Customer changed their mind"}, **once)
order = json.loads(shop("GET", f"/orders/{order['id']}")[1])["order"]
print(f"read again: {order['status']}, {order['cancel_reason']}")

status, refused = shop("POST", f"/orders/{order['id']}/cancel", {"reason": "Once more"})
print(f"refused: {status} {refused}")
