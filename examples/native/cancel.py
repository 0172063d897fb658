"""Native API: place an order, cancel two of its five mugs, send that again, ask for too many.

URL=http://127.0.0.1:8000 KEY=drg_… python examples/native/cancel.py
"""

import json
import os
import urllib.error
import urllib.request

URL, KEY = os.environ.get("URL", "http://127.0.0.1:8000"), os.environ["KEY"]


def api(method, path, body=None, **headers):
    """The answer's body and headers; an error is an answer, too."""
    request = urllib.request.Request(
        f"{URL}/api{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        return json.load(error), error.headers


mugs = {"sku": "MUG-RED", "title": "Red mug", "quantity": 5, "unit_price": 1250}
order, _ = api("POST", "/orders", {"currency": "EUR", "lines": [mugs]})
[line] = order["lines"]
print(f"placed: {line['open']} open, due {order['due']}")

path = f"/orders/{order['id']}/cancellations"
two = {"lines": [{"line_id": line["id"], "quantity": 2}], "reason": "Changed my mind"}
once = {"Idempotency-Key": f"two-of-{order['id']}"}
api("POST", path, two, **once)
order, _ = api("GET", f"/orders/{order['id']}")
[line] = order["lines"]
print(f"cancelled: {line['cancelled']}, {line['open']} open, due {order['due']}")

# A retry with the same key takes effect once.
_, headers = api("POST", path, two, **once)
order, _ = api("GET", f"/orders/{order['id']}")
print(f"again: replayed {headers['Idempotency-Replayed']}, {order['lines'][0]['open']} open")

refused, _ = api("POST", path, {"lines": [{"line_id": line["id"], "quantity": 9}]})
print(f"refused: {refused['status']} {refused['code']}")
