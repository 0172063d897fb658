"""Configuration under an idempotency key: once, however often and however many at once; a secret is not told again."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

_KEY = {"Idempotency-Key": "k"}
_MADE: dict[str, dict[str, Any]] = {
    "locations": {"name": "Dock", "connector": {"kind": "manual"}},
    "credentials": {"name": "till"},
}


@pytest.mark.parametrize("what", _MADE)
def test_made_once(tenant: Tenant, what: str) -> None:
    before = len(tenant.api("GET", f"/{what}")[what])
    wire = Wire("POST", f"/api/{what}", _MADE[what], headers=_KEY)
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: tenant.send(wire), range(8))]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 7
    assert sum("key" in answer.json() for answer in answers) == (what == "credentials")
    assert len(tenant.api("GET", f"/{what}")[what]) == before + 1
    other = {**_MADE[what], "name": "another"}
    refused = tenant.send(Wire("POST", f"/api/{what}", other, headers=_KEY))
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert len(tenant.api("GET", f"/{what}")[what]) == before + 1


def test_changes_are_not_done_again(tenant: Tenant) -> None:
    made = tenant.api("POST", "/locations", {"name": "Dock"})
    path = f"/api/locations/{made['id']}"
    first = tenant.send(Wire("PATCH", path, {"name": "Pier"}, headers=_KEY))
    tenant.api("PATCH", f"/locations/{made['id']}", {"name": "Quay"})
    again = tenant.send(Wire("PATCH", path, {"name": "Pier"}, headers=_KEY))
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert tenant.api("GET", f"/locations/{made['id']}")["name"] == "Quay"
    refused = tenant.send(Wire("PATCH", "/api/tenant", {"name": "Ours"}, headers=_KEY))
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert tenant.api("GET", "/tenant")["name"] == "Test"
