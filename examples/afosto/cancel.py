"""Afosto: build an order of three mugs, cancel one step by step as order.actions says, read it, cancel that one again.

URL=http://127.0.0.1:8000 KEY=drg_… python examples/afosto/cancel.py
"""

import json
import os
import urllib.request
import uuid

URL, KEY = os.environ.get("URL", "http://127.0.0.1:8000"), os.environ["KEY"]


def do(name, shown, **given):
    """A mutation that takes an input of its own name; what is shown of its order, or what was wrong."""
    taken = f"{name[0].upper()}{name[1:]}Input"
    query = f"mutation ($input: {taken}!) {{ {name}(input: $input) {{ order {{ {shown} }} }} }}"
    request = urllib.request.Request(
        f"{URL}/afosto/graphql",
        data=json.dumps({"query": query, "variables": {"input": given}}).encode(),
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        told = json.load(answer)
    return told["errors"][0] if "errors" in told else told["data"][name]["order"]


order = do("createOrder", "id", currency="EUR")["id"]
mugs = {"sku": "MUG-RED", "label": "Red mug", "quantity": 3, "price": 1250}
do("addItemsToOrder", "id", order_id=order, items=[mugs])
opened = do("openOrder", "status total items { ids }", order_id=order)
item = opened["items"][0]["ids"][0]
print(f"opened: {opened['status']}, total {opened['total']}")

# A contra item takes one piece back; its id is ours, and sent again it changes nothing.
contra = str(uuid.uuid4())
ACTIONS = "total actions { action items }"


def step(name, seen):
    actions = ", ".join(entry["action"] for entry in seen["actions"])
    print(f"{name}: total {seen['total']}, next: {actions or 'nothing'}")


begun = {"item_id": item, "contra_item_id": contra, "reason": "OUT_OF_STOCK"}
step("cancelled", do("cancelOrderItems", ACTIONS, order_id=order, items=[begun]))
step("approved", do("approveOrderItems", ACTIONS, order_id=order, items=[contra]))
step("finished", do("finishOrderItems", ACTIONS, order_id=order, items=[contra]))

again = {"item_id": item, "reason": "OUT_OF_STOCK"}
print(f"refused: {do('cancelOrderItems', 'id', order_id=order, items=[again])['message']}")
