"""Every row that is served, in both route forms and under both prefixes, and what comes with each of their replies."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.dialects.server import Wire
from tests.dialects.shopline.test_order import ORDER, wrong
from tests.dialects.tenants import Tenant

FORMS = ("/shopline/openapi/2022-01", "/shopline", "/shoplazza/openapi/2022-01", "/shoplazza")
NEW = {
    "tax_total": "1.00",
    "discount": "0",
    "currency_code": "EUR",
    "shipping_address": dict.fromkeys(
        ("last_name", "email", "country", "country_code", "province", "province_code", "city", "address"), "x"
    ),
    "line_items": [{"product_id": "p", "variant_id": "v", "quantity": 2, "price": "5.00"}],
    "shipping_line": {"name": "free", "shipping_price": "0"},
}


@pytest.mark.parametrize("form", FORMS)
def test_the_whole_life_of_an_order(tenant: Tenant, form: str) -> None:
    def send(method: str, path: str, body: Any = None) -> Any:
        answer = tenant.send(Wire(method, form + path, body))
        assert answer.status_code == 200, answer.text
        assert answer.headers["Request-Id"] == answer.headers["X-Request-Id"]
        assert answer.headers["Content-Type"] == "application/json"
        return answer.json()

    created = send("POST", "/orders", NEW)["order"]
    assert list(wrong(ORDER, created)) == []
    path = f"/orders/{created['id']}"
    assert send("GET", path)["order"] == created
    assert send("GET", f"/orders/number/{created['number']}")["order"] == created
    assert send("GET", "/orders")["orders"] == [created]
    assert send("GET", "/orders/count?status=placed") == {"count": 1}
    assert send("PUT", path, {"tags": "a"})["order"]["tags"] == "a"
    line = {"id": created["line_items"][0]["id"], "ship_quantity": 1}
    parcel = send("POST", f"{path}/fulfillments", {"line_items": [line]})["fulfillment"]
    assert send("GET", f"{path}/fulfillments")["fulfillments"] == [parcel]
    assert parcel["created_at"].endswith("+00:00")
    assert send("POST", f"{path}/cancel", {"reason": "late"})["order"]["cancel_reason"] == "late"
    assert send("GET", "/orders/count?status=cancelled") == {"count": 1}


@pytest.mark.parametrize("form", FORMS)
def test_both_headers_are_on_errors_too(tenant: Tenant, form: str) -> None:
    failing: dict[str, Callable[[], httpx.Response]] = {
        "no such order": lambda: tenant.send(Wire("GET", f"{form}/orders/none")),
        "no such route": lambda: tenant.send(Wire("GET", f"{form}/none")),
        "no such method": lambda: tenant.send(Wire("PATCH", f"{form}/orders")),
        "no key": lambda: tenant.server.send(Wire("GET", f"{form}/orders")),
        "no JSON": lambda: tenant.send(Wire("POST", f"{form}/orders", raw=b"{")),
    }
    for name, send in failing.items():
        answer = send()
        assert answer.status_code >= 400, name
        assert answer.headers["Request-Id"] == answer.headers["X-Request-Id"], name
    named = Wire("GET", f"{form}/orders/none", headers={"X-Request-Id": "mine-1"})
    assert tenant.send(named).headers["Request-Id"] == "mine-1"


@pytest.mark.parametrize("name", ["Access-Token", "access-token", "ACCESS-TOKEN"])
def test_the_partners_header(tenant: Tenant, name: str) -> None:
    assert tenant.server.send(Wire("GET", "/shopline/orders", headers={name: tenant.key})).status_code == 200


def test_the_usual_header_is_tolerated(tenant: Tenant) -> None:
    for prefix in ("Bearer ", "bearer "):
        wire = Wire("GET", "/shopline/orders", headers={"Authorization": prefix + tenant.key})
        assert tenant.server.send(wire).status_code == 200
    for value in (tenant.key, f"Basic {tenant.key}"):
        answer = tenant.server.send(Wire("GET", "/shopline/orders", headers={"Authorization": value}))
        assert (answer.status_code, answer.json()) == (400, {"error": "Unauthorized"})
    both = {"Access-Token": "drg_wrong", "Authorization": f"Bearer {tenant.key}"}
    assert tenant.server.send(Wire("GET", "/shopline/orders", headers=both)).status_code == 400


def test_a_store_that_is_not_active(tenant: Tenant) -> None:
    tenant.create()
    tenant.deactivate()
    answer = tenant.send(Wire("GET", "/shopline/orders"), key=tenant.add_key())
    assert (answer.status_code, answer.json()) == (400, {"error": "store is not active"})


def test_a_very_long_reason_is_kept(tenant: Tenant) -> None:
    reason = "ü" * 300_000
    path = f"/shopline/openapi/2022-01/orders/{tenant.create()['id']}"
    assert tenant.send(Wire("POST", f"{path}/cancel", {"reason": reason[:170_000]})).status_code == 200
    assert tenant.send(Wire("GET", path)).json()["order"]["cancel_reason"] == reason[:170_000]
    other = f"/shopline/orders/{tenant.create()['id']}"
    answer = tenant.send(Wire("POST", f"{other}/cancel", {"reason": reason}))
    assert (answer.status_code, answer.json()) == (413, {"errors": ["Payload Too Large"]})
    assert tenant.send(Wire("GET", other)).json()["order"]["status"] == "placed"


def test_a_create_takes_effect_once(tenant: Tenant) -> None:
    wire = Wire("POST", "/shopline/orders", NEW, headers={"Idempotency-Key": "once"})
    first, second = tenant.send(wire), tenant.send(wire)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    other = tenant.send(Wire("POST", "/shopline/orders", {**NEW, "note": "x"}, headers=wire.headers))
    assert (other.status_code, other.json()) == (422, {"errors": ["Idempotency-Key was used with another request"]})
    assert tenant.send(Wire("GET", "/shopline/orders/count")).json() == {"count": 1}
