"""Rows 27 and 28 (contract 1.3, 4.4, 4.5): both route forms, filters and pages, and what a retry does."""

from typing import Any
from urllib.parse import urlencode

import pytest

from app.dialects.shopline.bodies import WebhookIn
from app.dialects.shopline.hooks import HOOKS
from app.service.access import Keys
from app.service.clock import Clock
from tests.dialects.server import Wire
from tests.dialects.shopline.test_routes import FORMS
from tests.dialects.tenants import Tenant

BASE = "/shopline/openapi/2022-01/webhooks"


def _made(tenant: Tenant, address: str = "https://example.com/hook", topic: str = "orders/cancelled") -> Any:
    answer = tenant.send(Wire("POST", BASE, {"address": address, "topic": topic}))
    assert answer.status_code == 200, answer.text
    return answer.json()["webhook"]


def _listed(tenant: Tenant, **asked: Any) -> list[Any]:
    answer = tenant.send(Wire("GET", f"{BASE}?{urlencode(asked)}"))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found.keys() == {"webhooks"}
    if not asked.keys() & {"limit", "page"}:
        count = tenant.send(Wire("GET", f"{BASE}/count?{urlencode(asked)}"))
        assert count.json() == {"count": len(found["webhooks"])}
    return list(found["webhooks"])


@pytest.mark.parametrize("form", FORMS)
def test_the_whole_life_of_a_webhook(tenant: Tenant, form: str) -> None:
    def send(method: str, path: str, body: Any = None) -> Any:
        answer = tenant.send(Wire(method, f"{form}/webhooks{path}", body))
        assert answer.status_code == 200, answer.text
        assert answer.headers["Request-Id"] == answer.headers["X-Request-Id"]
        return answer.json()

    made = send("POST", "", {"address": "https://example.com/hook", "topic": "orders/paid"})["webhook"]
    path = f"/{made['id']}"
    assert send("GET", path) == {"webhook": made}
    assert send("GET", "") == {"webhooks": [made]}
    assert send("GET", "/count") == {"count": 1}
    changed = send("PUT", path, {"topic": "orders/cancelled"})["webhook"]
    assert {**changed, "updated_at": ""} == {**made, "topic": "orders/cancelled", "updated_at": ""}
    assert send("DELETE", path) == {}
    assert send("GET", "/count") == {"count": 0}


def test_filters(tenant: Tenant) -> None:
    first = _made(tenant)
    second = _made(tenant, topic="orders/paid")
    third = _made(tenant, address="https://example.com/other")
    assert _listed(tenant) == [first, second, third]
    assert _listed(tenant, address="https://example.com/hook") == [first, second]
    assert _listed(tenant, topic="orders/cancelled") == [first, third]
    assert _listed(tenant, address="https://example.com/other", topic="orders/cancelled") == [third]
    assert _listed(tenant, topic="products/create") == []
    assert _listed(tenant, address="https://example.com/") == []


def test_a_shown_time_finds_its_webhook(tenant: Tenant) -> None:
    made = _made(tenant)
    for name in ("created_at", "updated_at"):
        assert _listed(tenant, **{f"{name}_min": made[name], f"{name}_max": made[name]}) == [made]
        assert _listed(tenant, **{f"{name}_max": "2016-01-18T23:41:00Z"}) == []
        assert _listed(tenant, **{f"{name}_min": "9999-12-31T23:59:59Z"}) == []


def test_pages_hold_fifty(tenant: Tenant) -> None:
    made = [_made(tenant, address=f"https://example.com/{n}") for n in range(52)]
    assert _listed(tenant, page=1) == made[:50]
    assert _listed(tenant, page=2) == made[50:]
    assert _listed(tenant, limit=250) == made
    assert _listed(tenant, limit=20, page=3) == made[40:]
    assert _listed(tenant, limit=20, page=4) == []


def test_a_retry_makes_no_second_one(tenant: Tenant) -> None:
    wire = Wire("POST", BASE, {"address": "https://example.com/hook", "topic": "orders/paid"}, headers=_once("make"))
    first, again = tenant.send(wire), tenant.send(wire)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = tenant.send(
        Wire("POST", BASE, {"address": "https://example.com/x", "topic": "orders/paid"}, None, _once("make"))
    )
    assert (other.status_code, other.json()) == (422, {"errors": ["Idempotency-Key was used with another request"]})
    gone = Wire("DELETE", f"{BASE}/{first.json()['webhook']['id']}", headers=_once("delete"))
    assert [tenant.send(gone).status_code for _ in range(2)] == [200, 200]
    assert _listed(tenant) == []


def _once(key: str) -> dict[str, str | bytes]:
    return {"Idempotency-Key": key}


def test_a_bad_key_for_a_retry_is_no_field(tenant: Tenant) -> None:
    body = {"address": "https://example.com/hook", "topic": "orders/paid"}
    answer = tenant.send(Wire("POST", BASE, body, None, {"Idempotency-Key": b"\xfc"}))
    assert answer.status_code == 400
    assert isinstance(answer.json()["errors"], list)
    assert _listed(tenant) == []


def test_a_token_whose_secret_is_not_known_gets_another_to_sign_with(tenant: Tenant) -> None:
    """Such as one that was made before secrets were kept: nothing could be verified by it."""
    _, key = tenant.server.run(Keys(tenant.server.store, Clock()).add, tenant.id)
    body = {"address": "https://example.com/hook", "topic": "orders/paid"}
    first, again = (tenant.send(Wire("POST", BASE, body, None, _once("make")), key=key) for _ in range(2))
    made = first.json()["webhook"]
    assert made.pop("secret").startswith("whsec_")
    assert again.json()["webhook"] == made
    assert _listed(tenant) == [made]


def test_another_stores_webhooks_are_none(tenant: Tenant) -> None:
    other = Tenant.add(tenant.server)
    made = _made(other)
    assert _listed(tenant) == []
    for method, body in (("GET", None), ("PUT", {"topic": "orders/paid"}), ("DELETE", None)):
        answer = tenant.send(Wire(method, f"{BASE}/{made['id']}", body))
        assert (answer.status_code, answer.json()) == (404, {"errors": ["Unable to find resource"]})
    assert _listed(other) == [made]


def test_ids_that_are_none(tenant: Tenant) -> None:
    for id_ in ("x", "%00", "%ff", "a" * 5_000, "count2"):
        assert tenant.send(Wire("GET", f"{BASE}/{id_}")).status_code == 404


def test_the_body_takes_the_topics_that_there_are() -> None:
    schema = WebhookIn.model_json_schema()["properties"]["topic"]
    assert tuple(schema["enum"]) == HOOKS.topics
