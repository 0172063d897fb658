"""Configuration is changed exactly once under an Idempotency-Key, as orders are."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

_KEY = {"Idempotency-Key": "once"}
_ROTTERDAM = {"name": "Rotterdam", "connector": {"kind": "manual"}}


def _changes(tenant: Tenant) -> dict[str, Wire]:
    location = tenant.api("POST", "/locations", {"name": "Old"})
    credential = tenant.api("POST", "/credentials", {"name": "old"})
    return {
        "location": Wire("POST", "/api/locations", _ROTTERDAM, headers=_KEY),
        "rename": Wire("PATCH", f"/api/locations/{location['id']}", {"name": "New"}, headers=_KEY),
        "policy": Wire("PATCH", "/api/tenant", {"policy": {"restock_on_cancel": True}}, headers=_KEY),
        "revoke": Wire("DELETE", f"/api/credentials/{credential['id']}", headers=_KEY),
    }


@pytest.mark.parametrize("what", ["location", "rename", "policy", "revoke"])
def test_a_retry_gets_the_same_reply(tenant: Tenant, what: str) -> None:
    wire = _changes(tenant)[what]
    first, second = tenant.send(wire), tenant.send(wire)
    assert first.is_success
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (False, "true")
    other = Wire("PATCH", "/api/tenant", {"name": "Another"}, headers=_KEY)
    refused = tenant.send(other)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert tenant.api("GET", "/tenant")["name"] == "Test"


def test_twenty_at_once_make_one_location(tenant: Tenant) -> None:
    wire = Wire("POST", "/api/locations", _ROTTERDAM, headers=_KEY)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: tenant.send(wire), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    assert [each["name"] for each in tenant.api("GET", "/locations")["locations"]] == ["Rotterdam"]


def test_a_retry_does_not_show_the_key_again(tenant: Tenant) -> None:
    wire = Wire("POST", "/api/credentials", {"name": "till"}, headers=_KEY)
    first, second = tenant.send(wire).json(), tenant.send(wire).json()
    assert first.pop("key").startswith("drg_")
    assert second == first
    named = [each for each in _credentials(tenant) if each["name"] == "till"]
    assert len(named) == 1


def _credentials(tenant: Tenant) -> list[Any]:
    found: list[Any] = tenant.api("GET", "/credentials")["credentials"]
    return found
