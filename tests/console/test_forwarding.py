"""The way from the page to the dialects: what they answer comes as it is, with the session's key and nobody else's."""

import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.web.dialect import discover
from tests.console.asking import Client
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

_NAMES = [dialect.name for dialect in discover() if dialect.calls is not None]
_EACH_TIME = {
    "date",
    "x-request-id",
    "request-id",
    "traceid",
    "content-security-policy",
    "x-content-type-options",
    "cache-control",
}


def _read(tenant: Tenant, name: str, order_id: str, client: Client) -> Any:
    """How the dialect itself says an order is read."""
    told = client.own("POST", "/console/calls", {"order_id": order_id, "act": "read"}).json()["dialects"]
    return next(each for each in told if each["dialect"] == name)["calls"][0]


@pytest.mark.parametrize("name", _NAMES)
def test_each_dialect_answers_as_it_does_to_its_own_clients(name: str, client: Client, tenant: Tenant):
    order = tenant.create()
    client.sign_in(tenant.key)
    call = _read(tenant, name, order["id"], client)
    ours = client.own(call["method"], f"/console/as{call['path']}", call["body"])
    theirs = tenant.send(Wire(call["method"], call["path"], call["body"]))
    assert ours.status_code == theirs.status_code == 200
    assert ours.json() == theirs.json()
    assert order["id"] in ours.text
    alike = [{k: v for k, v in each.headers.items() if k not in _EACH_TIME} for each in (ours, theirs)]
    assert alike[0] == alike[1]
    # Data, and never a page of the console's origin.
    assert ours.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert ours.headers["X-Content-Type-Options"] == "nosniff"
    assert ours.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", _NAMES)
def test_another_tenants_order_is_not_there(name: str, client: Client, tenant: Tenant):
    order = tenant.create()
    stranger = Tenant.add(tenant.server)
    client.sign_in(tenant.key)
    call = _read(tenant, name, order["id"], client)
    client.sign_in(stranger.key)
    answer = client.own(call["method"], f"/console/as{call['path']}", call["body"])
    assert answer.status_code == 404 or "errors" in answer.json() or answer.json()["data"]["order"] is None
    assert "MUG-RED" not in answer.text
    assert client.own("POST", "/console/calls", {"order_id": order["id"], "act": "cancel"}).status_code == 404


def test_a_key_of_the_requests_own_does_not_count(client: Client, tenant: Tenant):
    other = Tenant.add(tenant.server)
    mine = tenant.create()
    client.sign_in(tenant.key)
    theirs = {"Authorization": f"Bearer {other.key}", "Access-Token": other.key}
    for path in ("/api/orders", "/shopline/orders", "/convictional/orders"):
        assert mine["id"] in client.own("GET", f"/console/as{path}", headers=theirs).text, path


def test_a_key_does_here_what_it_may_do_elsewhere(client: Client, tenant: Tenant):
    order = tenant.create()
    client.sign_in(tenant.add_key(scopes=["read_orders"], dialects=["native", "shopline"]))
    refused = client.own("POST", f"/console/as/api/orders/{order['id']}/cancellations", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert client.own("GET", "/console/as/convictional/orders").status_code == 401
    told = client.own("POST", "/console/calls", {"order_id": order["id"], "act": "read"}).json()["dialects"]
    assert {each["dialect"] for each in told if each["allowed"]} == {"native", "shopline"}
    client.sign_in(tenant.add_key(scopes=["admin"]))
    assert client.own("POST", "/console/calls", {"order_id": order["id"], "act": "read"}).status_code == 403


def test_a_slash_in_a_key_stays_one(client: Client, tenant: Tenant):
    order = tenant.create(keys={"shopline": "a/b c"})
    client.sign_in(tenant.key)
    assert client.own("GET", "/console/as/api/orders/shopline:a%2Fb%20c?x=%C3%BC").json()["id"] == order["id"]


def test_once_means_once_through_the_console_too(client: Client, tenant: Tenant):
    order = tenant.create()
    client.sign_in(tenant.key)
    path, body = f"/console/as/api/orders/{order['id']}/cancellations", {"unfulfilled_only": True}
    first, again = (client.own("POST", path, body, {"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"


def test_events_come_as_they_happen(client: Client, tenant: Tenant):
    client.sign_in(tenant.key)
    with client.stream("GET", "/console/as/api/events/stream") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        lines = stream.iter_lines()
        assert next(lines).startswith("retry: ")
        order = tenant.create()
        data = next(line for line in lines if line.startswith("data: "))
    assert json.loads(data.removeprefix("data: "))["order_id"] == order["id"]


def test_sockets_are_not_passed_on(tenant: Tenant):
    url = f"{tenant.server.base.replace('http', 'ws')}/console/as/happycolis/graphql"
    with pytest.raises(InvalidStatus) as refused:
        connect(url, proxy=None)
    assert refused.value.response.status_code == 404
