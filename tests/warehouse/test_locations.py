"""Locations with connectors through the native API: what they need, what they never show, and who calls back."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant
from tests.warehouse.asking import SECRET
from tests.warehouse.faces import cancel, decided, held_order, location, policy, until
from tests.warehouse.service import answer, in_thread, no, yes

URL = "https://warehouse.example/cancellations"
HTTP = {"kind": "http", "url": URL, "secret": SECRET}
HAPPY = {
    "kind": "happycolis",
    "url": "https://happy.example/graphql",
    "organization_id": "organization-1",
    "client_id": "client-1",
    "client_secret": "client-secret",
    "tp_app_id": "app-1",
    "register_webhooks": False,
}


def post(tenant: Tenant, connector: dict[str, Any], **headers: str) -> httpx.Response:
    return tenant.send(Wire("POST", "/api/locations", {"name": "Dock", "connector": connector}, headers=headers))


@pytest.mark.parametrize(
    ("given", "hidden"),
    [
        ({"kind": "manual"}, ()),
        ({"kind": "simulator", "behaviour": "refuse", "delay": 1.5, "message": "No"}, ()),
        ({**HTTP, "timeout": 5}, ("secret",)),
        (HAPPY, ("client_secret",)),
        ({"kind": "happycolis", "url": URL, "integration_token": "t-1234"}, ("integration_token",)),
    ],
    ids=["manual", "simulator", "http", "happycolis", "happycolis with a token"],
)
def test_what_is_shown_of_a_connector(tenant: Tenant, given, hidden):
    shown = {name: value for name, value in given.items() if name not in hidden}
    answers = [post(tenant, given, **{"Idempotency-Key": "k"}) for _ in range(2)]
    made = answers[0].json()

    assert (answers[0].status_code, made["connector"], answers[1].json()) == (201, shown, made)
    assert tenant.api("GET", f"/locations/{made['id']}") == made
    assert tenant.api("GET", "/locations")["locations"] == [made]
    stored = tenant.server.run(tenant.server.store.location, tenant.id, made["id"])
    assert all(given[name] not in stored.settings for name in hidden)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "http", "secret": SECRET}, "connector.url"),
        ({"kind": "http", "url": URL}, "connector.secret"),
        ({**HTTP, "secret": "too short"}, "connector.secret"),
        ({**HTTP, "secret": 7}, "connector.secret"),
        ({**HTTP, "url": "ftp://warehouse.example"}, "connector.url"),
        ({**HTTP, "url": "https://user:word@warehouse.example"}, "connector.url"),
        ({**HTTP, "url": 7}, "connector.url"),
        ({**HTTP, "timeout": 21}, "connector.timeout"),
        ({**HTTP, "behaviour": "accept"}, "connector.behaviour"),
        ({**HTTP, "uri": URL}, "connector.uri"),
        ({"kind": "manual", "url": URL}, "connector.url"),
        ({"kind": "simulator", "behaviour": "explode"}, "connector.behaviour"),
        ({"kind": "simulator", "delay": -1}, "connector.delay"),
        ({"kind": "happycolis", "client_id": "c", "client_secret": "s"}, "connector.url"),
        ({**HAPPY, "client_secret": None}, "connector.client_secret"),
        ({**HAPPY, "organization_id": None}, "connector.organization_id"),
        ({**HAPPY, "token_url": "token"}, "connector.token_url"),
        ({}, "connector.kind"),
    ],
)
def test_a_connector_that_cannot_work(tenant: Tenant, given, field):
    refused = post(tenant, given)

    assert refused.status_code == 422
    problem = refused.json()
    assert field in [each["field"] for each in problem.get("errors", [])] or problem["detail"].startswith(f"{field}:")
    assert tenant.api("GET", "/locations") == {"locations": []}


def test_a_secret_that_is_left_out_stays_and_goes_nowhere_else(tenant: Tenant):
    made = post(tenant, HTTP).json()
    path = f"/api/locations/{made['id']}"
    same = tenant.send(Wire("PATCH", path, {"connector": {"kind": "http", "url": URL, "timeout": 3}}))
    other = {"kind": "http", "url": "https://evil.example/"}
    elsewhere = tenant.send(Wire("PATCH", path, {"connector": other}))

    assert (same.status_code, same.json()["connector"]) == (200, {"kind": "http", "url": URL, "timeout": 3})
    assert (elsewhere.status_code, "connector.secret" in elsewhere.text) == (422, True)
    assert tenant.send(Wire("PATCH", path, {"name": "Pier"})).json()["connector"]["timeout"] == 3
    assert tenant.send(Wire("PATCH", path, {"connector": {**other, "secret": SECRET}})).status_code == 200


def test_a_service_that_answers_at_once(tenant: Tenant):
    policy(tenant, sync_wait=15)
    with in_thread(no("Already packed"), yes()) as service:
        dock = location(tenant, "http", url=service.url, secret=SECRET)
        order = held_order(tenant, dock)
        refused, agreed = (cancel(tenant, "convictional", order) for _ in range(2))

    assert (refused.status_code, refused.json()) == (
        422,
        {"errors": {"general": ["The warehouse refused: Already packed"]}},
    )
    assert agreed.status_code == 200
    assert [asked.json["order"]["id"] for asked in service.asked] == [order["id"]] * 2


@pytest.mark.parametrize("bad", [answer(500), answer(200, b"{"), answer(200, {"accepted": "no"}), answer(302), b""])
def test_a_service_that_fails_is_asked_again(tenant: Tenant, bad):
    policy(tenant, sync_wait=15)
    with in_thread(bad, yes("At last")) as service:
        order = held_order(tenant, location(tenant, "http", url=service.url, secret=SECRET))
        assert cancel(tenant, "native", order).json()["request"]["message"] == "At last"

    first, second = service.asked
    assert (first.body, first.headers["idempotency-key"]) == (second.body, second.headers["idempotency-key"])


def test_a_service_that_never_answers_delays_nobody_else(tenant: Tenant):
    policy(tenant, sync_wait=15)
    with in_thread(b"") as dead, in_thread(yes()) as alive:
        for _ in range(10):
            order = held_order(tenant, location(tenant, "http", url=dead.url, secret=SECRET))
            policy(tenant, sync_wait=0)
            assert cancel(tenant, "native", order).status_code == 202
        policy(tenant, sync_wait=15)
        order = held_order(tenant, location(tenant, "http", url=alive.url, secret=SECRET))
        assert cancel(tenant, "native", order).status_code == 200


def call_back(tenant: Tenant, dock: str, body: Any, *, secret: str = SECRET, id_: str = "m-1") -> httpx.Response:
    raw, at = json.dumps(body), datetime.now(UTC)
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(id_, at, raw),
    }
    path = f"/api/callbacks/{tenant.id}/{dock}"
    return tenant.server.send(Wire("POST", path, raw=raw.encode(), headers=headers))


def test_a_service_that_calls_back_while_somebody_waits(tenant: Tenant):
    policy(tenant, sync_wait=15)
    with in_thread(answer(202)) as service, ThreadPoolExecutor(1) as thread:
        dock = location(tenant, "http", url=service.url, secret=SECRET)
        waiting = thread.submit(cancel, tenant, "shopline", held_order(tenant, dock))
        (asked,) = until(lambda: service.asked)
        request_id = asked.json["request_id"]
        told = call_back(tenant, dock, {"request_id": request_id, "accepted": True, "message": "Put back"})

        assert (told.status_code, told.json()) == (200, {"requests": [request_id]})
        assert (waiting.result().status_code, waiting.result().json()["order"]["status"]) == (200, "cancelled")
    assert decided(tenant, request_id)["message"] == "Put back"


def test_a_call_back_that_is_not_taken(tenant: Tenant):
    policy(tenant, sync_wait=0)
    dock = post(tenant, HTTP).json()["id"]
    order = held_order(tenant, dock)
    body = {"request_id": cancel(tenant, "native", order).json()["request"]["id"], "accepted": True}
    before = tenant.snapshot(order["id"])
    other = "whsec_" + "A" * 32

    unsigned = tenant.server.send(Wire("POST", f"/api/callbacks/{tenant.id}/{dock}", body))
    assert (unsigned.status_code, unsigned.json()["detail"]) == (
        401,
        "The signature is missing or not valid (missing).",
    )
    for refused, status, code in [
        (call_back(tenant, dock, body, secret=other), 401, "unauthenticated"),
        (call_back(tenant, "nowhere", body), 404, "location_not_found"),
        (call_back(tenant, location(tenant), body), 404, "location_not_found"),
        (call_back(tenant, dock, {**body, "request_id": order["id"]}), 404, "request_not_found"),
        (call_back(tenant, dock, {"accepted": True}), 422, "invalid"),
        (call_back(tenant, dock, {**body, "accepted": "yes"}), 422, "invalid_request"),
    ]:
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert tenant.snapshot(order["id"]) == before


def test_a_second_call_back_changes_nothing(tenant: Tenant):
    policy(tenant, sync_wait=0)
    dock = post(tenant, HTTP).json()["id"]
    order = held_order(tenant, dock)
    body = {"request_id": cancel(tenant, "native", order).json()["request"]["id"], "accepted": False}
    call_back(tenant, dock, body)
    before = tenant.snapshot(order["id"])

    for again in (call_back(tenant, dock, body), call_back(tenant, dock, {**body, "accepted": True}, id_="m-2")):
        assert (again.status_code, again.json()) == (200, {"requests": [body["request_id"]]})
    assert tenant.snapshot(order["id"]) == before
    metrics = tenant.server.send(Wire("GET", "/metrics")).text
    assert 'outcome="ignored"' in metrics
