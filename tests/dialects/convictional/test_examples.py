"""What the contract document shows is true: its requests are taken, and its answers have the keys that ours have."""

import json
from collections.abc import Mapping
from typing import Any

from app.dialects.convictional import DIALECT
from app.dialects.convictional.examples import EXAMPLES
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

_ADDRESS = {"name": "Ada Byron", "address1": "St James's Square 12", "city": "London", "country_code": "GB"}
_SELLER_ORDER = "/buyer/orders/{order}/seller-orders/{order}"
_CHANGES: Mapping[str, str] = {
    "cancel_order_item": "/orders/{order}/items/{item}/cancel",
    "cancel_item": "/items/{item}/cancel",
    "create_fulfillment": "/orders/{order}/fulfillments",
    "create_invoice": "/orders/{order}/invoices",
    "refund_order": "/orders/{order}/refund",
    "update_order": "/orders/{order}",
    "cancel_order": "/orders/{order}/cancel",
    "cancel_buyer_order": "/buyer/orders/{order}/cancel",
    "cancel_seller_order_item": _SELLER_ORDER + "/items/{item}/cancel",
    "refund_seller_order": _SELLER_ORDER + "/refunds",
    "cancel_seller_order": _SELLER_ORDER + "/cancel",
}


def test_the_requests_are_taken_and_the_answers_look_like_that(tenant: Tenant) -> None:
    buyer, shown = tenant.add_key(party="buyer"), {}

    def send(method: str, path: str, body: Any = None) -> Any:
        key = buyer if path.startswith("/buyer") else tenant.key
        answer = tenant.send(Wire(method, f"/convictional{path}", body), key=key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    for name, path in _CHANGES.items():
        order = tenant.create(shipping_address=_ADDRESS, payment={"status": "paid"})
        item = order["lines"][0]["id"]
        if name == "create_invoice":
            send("POST", f"/orders/{order['id']}/fulfillments", {})
        body = json.loads(
            json.dumps(EXAMPLES[name]["request"])
            .replace("01a1fc59-875e-7ca2-9952-db974c600003", item)
            .replace("66aa00000000000000000001", item)
        )
        method = "PATCH" if name == "update_order" else "POST"
        shown[name] = send(method, path.format(order=order["id"], item=item), body)
        shown["get_order"] = send("GET", f"/orders/{order['id']}")
        shown["get_buyer_order"] = send("GET", f"/buyer/orders/{order['id']}")
    shown["list_orders"], shown["list_buyer_orders"] = send("GET", "/orders"), send("GET", "/buyer/orders")
    shown["create_webhook"] = send("POST", "/webhooks", EXAMPLES["create_webhook"]["request"])
    assert shown.keys() == EXAMPLES.keys()
    for name, found in shown.items():
        assert _keys(found) == _keys(EXAMPLES[name]["answer"]), name


def test_every_operation_has_an_example() -> None:
    document = json.loads(DIALECT.contract()["openapi/convictional.json"])
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert {operation["operationId"] for operation in operations} == EXAMPLES.keys()
    for operation in operations:
        assert operation["summary"]
        assert "example" in operation["responses"]["200"]["content"]["application/json"]
        if "requestBody" in operation:
            assert "example" in operation["requestBody"]["content"]["application/json"]


def _keys(value: Any) -> Any:
    """The shape of a JSON value: keys, and the shape of the first item of a list that has one."""
    if isinstance(value, dict):
        left_out = {"fulfillments", "refunds"}
        return {name: _keys(item) for name, item in value.items() if name not in left_out}
    if isinstance(value, list):
        return [_keys(value[0])] if value else []
    return None
