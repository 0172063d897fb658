"""SHOPLINE Admin: find an order, cancel it, put the goods back and the money, too, read it, cancel it once more.

There are no orders made here: this one comes in through the native API.
URL=http://127.0.0.1:8000 KEY=drg_… python examples/shopline_admin/cancel.py
"""

import json
import os
import urllib.error
import urllib.request
import uuid

URL, KEY = os.environ.get("URL", "http://127.0.0.1:8000"), os.environ["KEY"]


def send(method, path, body=None, **headers):
    """The answer's status and body; an error is an answer, too."""
    request = urllib.request.Request(
        URL + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.status, error.read().decode()


def admin(method, path, body=None, **headers):
    return send(method, f"/shopline-admin/admin/openapi/v20260901{path}", body, **headers)


number = f"EX-{uuid.uuid4().hex[:12]}"
mugs = {"sku": "MUG-RED", "title": "Red mug", "quantity": 2, "unit_price": 1250}
new = {"number": number, "currency": "USD", "payment": {"status": "paid"}, "lines": [mugs]}
id_ = json.loads(send("POST", "/api/orders", new)[1])["id"]
[order] = json.loads(admin("GET", f"/orders.json?ids={id_}")[1])["orders"]
print(f"found: {order['financial_status']}, total {order['current_total_price']}")

cancel = {"cancel_reason": "customer", "restock": True, "email": False, "amount": 25}
admin("POST", f"/orders/{id_}/cancel.json", cancel, **{"Idempotency-Key": number})
[order] = json.loads(admin("GET", f"/orders.json?ids={id_}")[1])["orders"]
print(f"read again: {order['financial_status']}, {order['cancel_reason']}")

status, refused = admin("POST", f"/orders/{id_}/cancel.json", {})
print(f"refused: {status} {refused}")
