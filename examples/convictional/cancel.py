"""Convictional, as a seller: find an order, say that two of its five mugs stay, read it, cancel the rest, once more.

There are no orders made here: this one comes in through the native API, with the number it has at the buyer's.
URL=http://127.0.0.1:8000 KEY=drg_… python examples/convictional/cancel.py
"""

import json
import os
import urllib.error
import urllib.request
import uuid

URL, KEY = os.environ.get("URL", "http://127.0.0.1:8000"), os.environ["KEY"]


def send(method, path, key, body=None, **headers):
    """The answer's status and body; an error is an answer, too."""
    request = urllib.request.Request(
        f"{URL}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": key, "Content-Type": "application/json", **headers},
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.status, error.read().decode()


def conv(method, path, body=None, **headers):
    version = {"Accept": "application/vnd.convictional.2022-03-03"}
    return send(method, f"/convictional{path}", KEY, body, **version, **headers)


number = f"EX-{uuid.uuid4().hex[:12]}"
mugs = {"sku": "MUG-RED", "title": "Red mug", "quantity": 5, "unit_price": 1250}
send("POST", "/api/orders", f"Bearer {KEY}", {"number": number, "currency": "EUR", "lines": [mugs]})

[order] = json.loads(conv("GET", f"/orders?buyerOrderCode={number}")[1])
[item] = order["items"]
print(f"found: quantity {item['quantity']}")

path = f"/orders/{order['_id']}"
stay = {"newQuantity": 2, "reason": "Out of stock"}
conv("POST", f"{path}/items/{item['_id']}/cancel", stay, **{"Idempotency-Key": f"{number}-1"})
seen = json.loads(conv("GET", path)[1])
told = [f"quantity {item['quantity']} {json.dumps(item['cancelled'])}" for item in seen["items"]]
print(f"cancelled: {', then '.join(told)}")

conv("POST", f"{path}/cancel", {"reason": "Too late"})
status, refused = conv("POST", f"{path}/cancel", {"reason": "Once more"})
print(f"refused: {status} {refused}")
