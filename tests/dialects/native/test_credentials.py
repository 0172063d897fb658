"""Keys made through the API: good at once, for what they were made for; gone at once where they are revoked."""

from datetime import UTC, datetime, timedelta

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

_READ = Wire("GET", "/api/orders")


def test_made_used_revoked(tenant: Tenant) -> None:
    made = tenant.api("POST", "/credentials", {"name": "till", "scopes": ["read_orders"]})
    assert tenant.send(_READ, key=made["key"]).status_code == 200
    assert tenant.send(Wire("POST", "/api/orders", {}), key=made["key"]).status_code == 403
    listed = tenant.api("GET", "/credentials")["credentials"]
    assert [each["id"] for each in listed][-1] == made["id"]
    assert {name: value for name, value in made.items() if name != "key"} == listed[-1]
    secret = made["key"].rpartition(".")[2]
    assert all(secret not in str(each) and "hash" not in str(each) for each in listed)
    # The key was just used, so this process remembers it: it must forget.
    assert tenant.api("DELETE", f"/credentials/{made['id']}")["revoked_at"] is not None
    answer = tenant.send(_READ, key=made["key"])
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["detail"] == "The API key is missing or not valid (revoked); send Authorization: Bearer <key>."


def test_a_key_may_revoke_itself(tenant: Tenant) -> None:
    made = tenant.api("POST", "/credentials", {})
    wire = Wire("DELETE", f"/api/credentials/{made['id']}")
    assert tenant.send(wire, key=made["key"]).status_code == 200
    assert tenant.send(wire, key=made["key"]).status_code == 401


def test_a_key_expires(tenant: Tenant) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    past = datetime.now(UTC) - timedelta(seconds=1)
    good, bad = (
        tenant.api("POST", "/credentials", {"expires_at": at.isoformat()})["key"] for at in (soon, past)
    )  # fmt: skip
    assert tenant.send(_READ, key=good).status_code == 200
    answer = tenant.send(_READ, key=bad)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The API key is missing or not valid (expired); send Authorization: Bearer <key>."


def test_a_key_for_other_dialects(tenant: Tenant) -> None:
    made = tenant.api("POST", "/credentials", {"dialects": ["convictional", "shopline"]})
    answer = tenant.send(_READ, key=made["key"])
    assert (answer.status_code, answer.json()["code"]) == (403, "dialect_not_allowed")


def test_a_dialect_that_does_not_exist(tenant: Tenant) -> None:
    answer = tenant.send(Wire("POST", "/api/credentials", {"dialects": ["native", "convictionl"]}))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "dialects.1")


def test_another_tenants_key_is_nobodys(tenant: Tenant) -> None:
    theirs = Tenant.add(tenant.server).api("POST", "/credentials", {})
    answer = tenant.send(Wire("DELETE", f"/api/credentials/{theirs['id']}"))
    assert (answer.status_code, answer.json()["code"]) == (404, "credential_not_found")
    assert tenant.send(_READ, key=theirs["key"]).status_code == 200
