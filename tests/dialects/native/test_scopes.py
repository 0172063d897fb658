"""Which scope each native route needs; a key with all the others is refused, and nothing happens."""

import pytest

from app.service.access import SCOPES
from tests.dialects.native.importing import ndjson, order
from tests.dialects.server import Server, Wire
from tests.dialects.tenants import Tenant

_NEEDS = {
    "POST /orders": "write_orders",
    "POST /orders/import": "write_orders",
    "GET /orders": "read_orders",
    "GET /orders/{order_id}": "read_orders",
    "POST /orders/{order_id}/open": "write_orders",
    "POST /orders/{order_id}/allocations": "fulfil_orders",
    "PATCH /orders/{order_id}/allocations/{allocation_id}": "fulfil_orders",
    "POST /orders/{order_id}/fulfillments": "fulfil_orders",
    "PATCH /orders/{order_id}/fulfillments/{fulfillment_id}": "fulfil_orders",
    "POST /orders/{order_id}/cancellations": "write_orders",
    "POST /orders/{order_id}/returns": "write_orders",
    "POST /orders/{order_id}/receive": "fulfil_orders",
    "POST /orders/{order_id}/approve": "write_orders",
    "POST /orders/{order_id}/restock": "fulfil_orders",
    "POST /orders/{order_id}/finish": "write_orders",
    "POST /orders/{order_id}/credit-fees": "write_orders",
    "POST /orders/{order_id}/refunds": "write_orders",
    "POST /orders/{order_id}/mail": "write_orders",
    "POST /orders/{order_id}/archive": "write_orders",
    "POST /orders/{order_id}/unarchive": "write_orders",
    "GET /stock": "read_orders",
    "GET /stock/movements": "read_orders",
    "POST /stock/movements": "fulfil_orders",
    "POST /cancellations/bulk": "write_orders",
    "GET /requests/{request_id}": "read_orders",
    "POST /requests/{request_id}/accept": "fulfil_orders",
    "POST /requests/{request_id}/reject": "fulfil_orders",
    "GET /orders/{order_id}/events": "read_orders",
    "GET /events": "read_orders",
    "GET /events/stream": "read_orders",
    "GET /tenant": "read_orders",
    "PATCH /tenant": "admin",
    "POST /locations": "admin",
    "GET /locations": "read_orders",
    "GET /locations/{location_id}": "read_orders",
    "PATCH /locations/{location_id}": "admin",
    "POST /credentials": "admin",
    "GET /credentials": "admin",
    "DELETE /credentials/{credential_id}": "admin",
    "POST /webhooks": "manage_webhooks",
    "GET /webhooks": "manage_webhooks",
    "GET /webhooks/{webhook_id}": "manage_webhooks",
    "PATCH /webhooks/{webhook_id}": "manage_webhooks",
    "DELETE /webhooks/{webhook_id}": "manage_webhooks",
    "GET /webhooks/{webhook_id}/deliveries": "manage_webhooks",
    "GET /webhooks/{webhook_id}/deliveries/{delivery_id}": "manage_webhooks",
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver": "manage_webhooks",
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/skip": "manage_webhooks",
    "POST /webhooks/{webhook_id}/replay": "manage_webhooks",
    "POST /webhooks/{webhook_id}/test": "manage_webhooks",
    "GET /tasks": "admin",
    "POST /tasks/{task_id}/retry": "admin",
}
_ALSO = {
    "POST /webhooks": ["read_orders"],
    "PATCH /webhooks/{webhook_id}": ["read_orders"],
    "GET /webhooks/{webhook_id}/deliveries": ["read_orders"],
    "GET /webhooks/{webhook_id}/deliveries/{delivery_id}": ["read_orders"],
}
"""What is sent to a webhook are orders."""
_SIGNED = {"POST /callbacks/{tenant_id}/{location_id}"}
"""Without a key: what comes there is signed."""
_BODIES = {
    "POST /orders": order(),
    "PATCH /tenant": {"name": "Theirs"},
    "POST /webhooks": {"url": "https://receiver.example/"},
    "POST /webhooks/{webhook_id}/replay": {"from": "2026-01-01T00:00:00Z"},
    "POST /locations": {"name": "Dock"},
    "PATCH /locations/{location_id}": {"name": "Pier"},
    "PATCH /orders/{order_id}/allocations/{allocation_id}": {"stage": "picking"},
}


def test_every_route_is_here(server: Server) -> None:
    paths = server.send(Wire("GET", "/api/openapi.json")).json()["paths"]
    assert {f"{method.upper()} {path}" for path, held in paths.items() for method in held} == _NEEDS.keys() | _SIGNED


@pytest.mark.parametrize("route", _NEEDS)
def test_a_key_with_all_scopes_but_one(tenant: Tenant, route: str) -> None:
    made, ids = _made(tenant)
    before = tenant.snapshot(made), tenant.api("GET", "/tenant"), tenant.api("GET", "/locations")
    method, _, path = route.partition(" ")
    stream = path.endswith(("import", "bulk"))
    wire = Wire(method, f"/api{path.format(**ids)}", raw=ndjson([order()])) if stream else None
    wire = wire or Wire(method, f"/api{path.format(**ids)}", _BODIES.get(route, {}) if method != "GET" else None)
    scope = _NEEDS[route]
    poor = tenant.add_key(scopes=[each for each in SCOPES if each != scope])
    answer = tenant.send(wire, key=poor)
    assert answer.status_code == 403
    assert answer.json() == {
        "type": "about:blank",
        "title": "Scope missing",
        "status": 403,
        "code": "scope_missing",
        "detail": f"The API key lacks the scope {scope}.",
    }
    assert (tenant.snapshot(made), tenant.api("GET", "/tenant"), tenant.api("GET", "/locations")) == before
    assert len(tenant.api("GET", "/orders")["orders"]) == 1
    enough = tenant.send(wire, key=tenant.add_key(scopes=[scope, *_ALSO.get(route, [])]))
    assert enough.status_code != 403, enough.text


def _made(tenant: Tenant) -> tuple[str, dict[str, str]]:
    """An order whose cancellation waits, and everything else that a path may name."""
    made = tenant.create()
    dock = tenant.api("POST", "/locations", {"name": "Dock", "connector": {"kind": "manual"}})
    held = tenant.api("POST", f"/orders/{made['id']}/allocations", {"location_id": dock["id"], "stage": "requested"})
    lines = [{"line_id": made["lines"][0]["id"]}]
    asked = tenant.api("POST", f"/orders/{made['id']}/cancellations", {"lines": lines})
    spare = tenant.api("POST", "/credentials", {})
    return made["id"], {
        "order_id": made["id"],
        "allocation_id": held["id"],
        "request_id": asked["request"]["id"],
        "location_id": dock["id"],
        "credential_id": spare["id"],
        "fulfillment_id": "none",
        "webhook_id": tenant.api("POST", "/webhooks", {"url": "https://receiver.example/"})["id"],
        "delivery_id": "none",
        "task_id": "none",
    }


@pytest.mark.parametrize("route", _ALSO)
def test_who_may_not_read_orders_may_not_have_them_sent(tenant: Tenant, route: str) -> None:
    _, ids = _made(tenant)
    before = tenant.api("GET", "/webhooks")
    method, _, path = route.partition(" ")
    key = tenant.add_key(scopes=["manage_webhooks"])
    body = {"url": "https://theirs.example/"} if method != "GET" else None
    answer = tenant.send(Wire(method, f"/api{path.format(**ids)}", body), key=key)
    assert (answer.status_code, answer.json()["detail"]) == (403, "The API key lacks the scope read_orders.")
    assert tenant.api("GET", "/webhooks") == before
