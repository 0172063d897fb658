"""What the contract document shows is true: its requests are taken, and its answers look like what is answered."""

import json
from typing import Any

from app.dialects.shopline import DIALECT
from app.dialects.shopline.examples import EXAMPLES
from tests.dialects.server import Wire
from tests.dialects.shopline.test_order import ORDER, wrong
from tests.dialects.tenants import Tenant


def test_the_requests_are_taken_in_turn(tenant: Tenant) -> None:
    created = _send(tenant, "POST", "", "create_order")["order"]
    assert _send(tenant, "PUT", f"/{created['id']}", "update_order")["order"]["tags"] == "vip, fragile"
    ship = EXAMPLES["create_fulfillment"]["request"]
    lines = [{**ship["line_items"][0], "id": created["line_items"][0]["id"]}]
    path = f"/shopline/orders/{created['id']}/fulfillments"
    parcel = tenant.send(Wire("POST", path, {**ship, "line_items": lines})).json()["fulfillment"]
    cancelled = _send(tenant, "POST", f"/{created['id']}/cancel", "cancel_order")["order"]
    for name, found in {"create_order": created, "cancel_order": cancelled}.items():
        assert _without_own(found) == _without_own(EXAMPLES[name]["answer"]["order"]), name
    assert parcel.keys() == EXAMPLES["create_fulfillment"]["answer"]["fulfillment"].keys()


def test_what_comes_after_a_shipment_looks_like_the_examples(tenant: Tenant) -> None:
    created = tenant.create(payment={"status": "paid"})
    path = f"/{created['id']}"
    found = {"create_fulfillment": _sent(tenant, "POST", f"{path}/fulfillments", {})}
    parcel = f"{path}/fulfillments/{found['create_fulfillment']['fulfillment']['id']}"
    found |= {
        "count_fulfillments": _sent(tenant, "GET", f"{path}/fulfillments/count"),
        "get_fulfillment": _sent(tenant, "GET", parcel),
        "update_fulfillment": _sent(tenant, "PUT", parcel, EXAMPLES["update_fulfillment"]["request"]),
        "cancel_fulfillment": _sent(tenant, "POST", f"{parcel}/cancel"),
        "list_fulfillments": _sent(tenant, "GET", f"{path}/fulfillments"),
    }
    again = _sent(tenant, "POST", f"{path}/fulfillments", {})["fulfillment"]["id"]
    part = {"is_return": True, "line_items": [{"id": created["lines"][0]["id"], "quantity": 1}]}
    found |= {
        "complete_fulfillment": _sent(tenant, "POST", f"{path}/fulfillments/{again}/complete"),
        "close_order": _sent(tenant, "POST", f"{path}/close"),
        "open_order": _sent(tenant, "POST", f"{path}/open"),
        "partially_refund_order": _sent(tenant, "POST", f"{path}/partial_refund", part),
        "list_refunds": _sent(tenant, "GET", f"{path}/refund"),
        "list_refund_records": _sent(tenant, "GET", "/refund_records"),
        "list_after_sales": _sent(tenant, "GET", "/after_sales_list"),
        "refund_order": _sent(tenant, "POST", f"{path}/refund"),
    }
    for name, answer in found.items():
        assert _looks(answer) == _looks(EXAMPLES[name]["answer"]), name


def _looks(value: Any) -> Any:
    """Keys and types all the way down, of a list those of its first; free keys and nulls say nothing of a type."""
    if isinstance(value, dict):
        return {name: _looks(held) for name, held in value.items() if name != "custom_properties"}
    if isinstance(value, list):
        return [_looks(held) for held in value[:1]]
    return str if value is None else type(value)


def test_the_webhooks_are_taken_in_turn(tenant: Tenant) -> None:
    def send(method: str, path: str, name: str) -> Any:
        answer = tenant.send(Wire(method, f"/shopline/webhooks{path}", EXAMPLES[name].get("request")))
        assert answer.status_code == 200, answer.text
        return answer.json()

    created = send("POST", "", "create_webhook")
    path = f"/{created['webhook']['id']}"
    found = {
        "create_webhook": created,
        "update_webhook": send("PUT", path, "update_webhook"),
        "get_webhook": send("GET", path, "get_webhook"),
        "list_webhooks": send("GET", "", "list_webhooks"),
        "count_webhooks": send("GET", "/count", "count_webhooks"),
        "delete_webhook": send("DELETE", path, "delete_webhook"),
    }
    for name, answer in found.items():
        assert _without_own(answer) == _without_own(EXAMPLES[name]["answer"]), name


def test_every_operation_has_its_examples_in_both_forms() -> None:
    document = json.loads(DIALECT.contract()["openapi/shopline.json"])
    operations = {held["operationId"]: held for path in document["paths"].values() for held in path.values()}
    assert operations.keys() == {*EXAMPLES, *(f"{name}_short" for name in EXAMPLES)}
    for operation in operations.values():
        assert operation["summary"]
        assert operation["description"]
        assert "example" in operation["responses"]["200"]["content"]["application/json"]
        if "requestBody" in operation:
            assert "example" in operation["requestBody"]["content"]["application/json"]


def test_every_order_that_is_shown_is_whole() -> None:
    shown = [held["answer"]["order"] for held in EXAMPLES.values() if "order" in held["answer"]]
    assert len(shown) == 9
    assert [list(wrong(ORDER, order)) for order in shown] == [[]] * len(shown)


def _send(tenant: Tenant, method: str, path: str, name: str) -> Any:
    answer = tenant.send(Wire(method, f"/shopline/openapi/2022-01/orders{path}", EXAMPLES[name]["request"]))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _sent(tenant: Tenant, method: str, path: str, body: Any = None) -> Any:
    answer = tenant.send(Wire(method, f"/shopline/openapi/2022-01/orders{path}", body))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _without_own(value: Any) -> Any:
    """Without ids, numbers and times, which are another order's; the example's was edited and shipped in between."""
    if isinstance(value, dict):
        own = {"id", "number", "order_id", "note", "tags"}
        return {name: _without_own(held) for name, held in value.items() if name not in own and "_at" not in name}
    return [_without_own(held) for held in value] if isinstance(value, list) else value
