"""Every change of configuration can be repeated under its Idempotency-Key."""

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
