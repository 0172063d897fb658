"""What the contract document shows is true: its requests are taken, and its answers have the keys that ours have."""

import json
from typing import Any

from app.dialects.convictional import DIALECT
from app.dialects.convictional.examples import EXAMPLES
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant


def test_the_requests_are_taken_and_the_answers_look_like_that(tenant: Tenant) -> None:
    address = {"name": "Ada Byron", "address1": "St James's Square 12", "city": "London", "country_code": "GB"}
    shown = {}
    for name in ("cancel_order_item", "cancel_item", "create_fulfillment", "cancel_order"):
        order = tenant.create(shipping_address=address)
        path = {
            "cancel_order_item": f"/orders/{order['id']}/items/{order['lines'][0]['id']}/cancel",
            "cancel_item": f"/items/{order['lines'][0]['id']}/cancel",
            "create_fulfillment": f"/orders/{order['id']}/fulfillments",
            "cancel_order": f"/orders/{order['id']}/cancel",
        }[name]
        answer = tenant.send(Wire("POST", f"/convictional{path}", EXAMPLES[name]["request"]))
        assert answer.status_code == 200, answer.text
        shown[name] = answer.json()
        shown["get_order"] = tenant.send(Wire("GET", f"/convictional/orders/{order['id']}")).json()
    shown["list_orders"] = tenant.send(Wire("GET", "/convictional/orders")).json()
    shown["create_webhook"] = tenant.send(
        Wire("POST", "/convictional/webhooks", EXAMPLES["create_webhook"]["request"])
    ).json()
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
        return {name: _keys(item) for name, item in value.items() if name != "fulfillments"}
    if isinstance(value, list):
        return [_keys(value[0])] if value else []
    return None
