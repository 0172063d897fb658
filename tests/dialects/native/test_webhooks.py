"""The native routes on webhooks and tasks, on the wire."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from app.core.outbox import Job, Settled
from app.service.clock import Clock
from tests.dialects.receiver import Receiver, receiving, until
from tests.dialects.server import Server, Wire, serve
from tests.dialects.tenants import Tenant

_URL = "https://hooks.example.com/in"
_ADD = {"url": _URL, "topics": ["order.created", "cancellation.accepted"]}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture(scope="session")
def private_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that may call this machine."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("webhooks") / "dragoman.db")
    with serve(f"sqlite:///{path}", webhook_allow_private=True) as server:
        yield server


@pytest.fixture
def here(private_server: Server) -> Tenant:
    return Tenant.add(private_server)


def test_one_is_made_read_changed_and_removed(tenant: Tenant) -> None:
    answer = tenant.send(Wire("POST", "/api/webhooks", _ADD))
    made = answer.json()
    assert answer.status_code == 201
    assert made.pop("secret").startswith("whsec_")
    assert made == {
        **_ADD,
        "id": made["id"],
        "dialect": "native",
        "headers": {},
        "settings": {},
        "blocking": False,
        "active": True,
        "failing_since": None,
        "disabled_reason": None,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    }
    path = f"/webhooks/{made['id']}"
    assert tenant.api("GET", path) == made
    assert tenant.api("GET", "/webhooks") == {"webhooks": [made]}
    assert tenant.api("GET", "/webhooks?dialect=shopline") == {"webhooks": []}
    changed = tenant.api("PATCH", path, {"topics": None, "headers": {"X-A": "b"}, "active": False})
    expected = {**made, "topics": None, "headers": {"X-A": "b"}, "active": False, "updated_at": changed["updated_at"]}
    assert changed == expected == tenant.api("GET", path)
    assert tenant.api("PATCH", path, {}) | {"updated_at": ""} == expected | {"updated_at": ""}
    assert tenant.api("DELETE", path)["id"] == made["id"]
    gone = tenant.send(Wire("GET", f"/api{path}"))
    assert (gone.status_code, gone.json()["code"]) == (404, "webhook_not_found")


def test_a_secret_is_shown_when_it_is_new_and_never_again(tenant: Tenant) -> None:
    wire = Wire("POST", "/api/webhooks", {"url": _URL}, headers={"Idempotency-Key": "once"})
    first, again = tenant.send(wire), tenant.send(wire)
    assert "secret" in first.json()
    assert "secret" not in again.json()
    assert again.json() == {name: value for name, value in first.json().items() if name != "secret"}
    assert again.headers["Idempotency-Replayed"] == "true"
    path = f"/webhooks/{first.json()['id']}"
    assert "secret" not in tenant.api("GET", path)
    assert tenant.api("PATCH", path, {"rotate_secret": True})["secret"] != first.json()["secret"]
    given = "whsec_" + "QUJD" * 10
    assert tenant.api("PATCH", path, {"secret": given})["secret"] == given


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://hooks.example.com"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": _URL, "topics": ["nonsense"]}, "topics.0"),
        ({"url": _URL, "topics": []}, "topics"),
        ({"url": _URL, "dialect": "klingon"}, "dialect"),
        ({"url": _URL, "secret": "too short"}, "secret"),
        ({"url": _URL, "headers": {"Host": "x"}}, "headers"),
        ({"url": _URL, "settings": {"a": "b" * 10_000}}, "settings"),
        ({"url": _URL, "topic": ["order.created"]}, "topic"),
    ],
)
def test_what_none_may_be(tenant: Tenant, body: Any, field: str) -> None:
    answer = tenant.send(Wire("POST", "/api/webhooks", body))
    assert answer.status_code == 422
    told = answer.json()
    assert field in {error["field"] for error in told.get("errors", [])} or told["detail"].startswith(f"{field}:")
    assert tenant.api("GET", "/webhooks") == {"webhooks": []}


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("http://127.0.0.1:9000/", "must be an https URL"),
        ("https://127.0.0.1/", "must name a host of the public internet"),
    ],
)
def test_who_runs_the_server_is_told_which_setting_allows_it(tenant: Tenant, url: str, detail: str) -> None:
    whole = f"url: {detail}; with DRAGOMAN_WEBHOOK_ALLOW_PRIVATE=true the server takes any."
    webhook = tenant.send(Wire("POST", "/api/webhooks", {"url": url}))
    assert (webhook.status_code, webhook.json()["detail"]) == (422, whole)
    connector = {"kind": "http", "url": url, "secret": "whsec_" + "A" * 32}
    location = tenant.send(Wire("POST", "/api/locations", {"name": "Dock", "connector": connector}))
    assert (location.status_code, location.json()["detail"]) == (422, f"connector.{whole}")
    other = tenant.send(Wire("POST", "/api/webhooks", {"url": "ftp://127.0.0.1/"}))
    assert other.json()["detail"] == "url: must be an https URL."


def test_scopes(tenant: Tenant) -> None:
    made = tenant.api("POST", "/webhooks", _ADD)
    keys = {scope: tenant.add_key(scopes=(scope,)) for scope in ("read_orders", "manage_webhooks", "admin")}
    keys["both"] = tenant.add_key(scopes=("read_orders", "manage_webhooks"))
    for path, enough in (
        ("/api/webhooks", {"manage_webhooks", "both"}),
        (f"/api/webhooks/{made['id']}/deliveries", {"both"}),
        ("/api/tasks", {"admin"}),
    ):
        statuses = {name: tenant.send(Wire("GET", path), key=key).status_code for name, key in keys.items()}
        assert statuses == {name: 200 if name in enough else 403 for name in keys}


def test_another_tenants_is_not_there(tenant: Tenant) -> None:
    made = tenant.api("POST", "/webhooks", _ADD)
    other = Tenant.add(tenant.server)
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/deliveries"),
        ("POST", "/test"),
        ("POST", "/replay"),
        ("GET", f"/deliveries/{made['id']}"),
        ("POST", f"/deliveries/{made['id']}/redeliver"),
        ("POST", f"/deliveries/{made['id']}/skip"),
    ):
        body = {"from": "2026-01-01T00:00:00Z"} if path == "/replay" else {}
        answer = other.send(Wire(method, f"/api/webhooks/{made['id']}{path}", body if method != "GET" else None))
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook_not_found"), (method, path)


def test_a_message_from_change_to_log(here: Tenant, receiver: Receiver) -> None:
    hook = here.api("POST", "/webhooks", {"url": receiver.url, "topics": ["cancellation.accepted"]})
    order = here.create()
    here.api("POST", f"/orders/{order['id']}/cancellations", {"reason": "late"})
    path = f"/webhooks/{hook['id']}/deliveries"
    [delivery] = until(lambda: here.api("GET", f"{path}?state=delivered")["deliveries"])
    [(headers, body)] = receiver.messages
    Webhook(hook["secret"]).verify(body, headers)
    assert delivery == here.api("GET", f"{path}/{delivery['id']}")
    assert (delivery["webhook_id"], delivery["order_id"]) == (hook["id"], order["id"])
    assert (delivery["topic"], delivery["test"]) == ("cancellation.accepted", False)
    assert delivery["event_id"] == here.events(order["id"])[-1]["id"]
    assert delivery["body"].encode() == body
    assert headers["webhook-id"] == delivery["id"]
    [attempt] = delivery["attempts"]
    assert (attempt["status"], attempt["response"], attempt["error"]) == (200, "ok", None)
    assert json.loads(body)["data"]["order"]["cancelled"] is True
    again = here.api("POST", f"{path}/{delivery['id']}/redeliver")
    assert (again["id"], again["state"]) == (delivery["id"], "pending")
    until(lambda: len(receiver.messages) == 2)
    assert receiver.messages[1][1] == body
    assert here.api("POST", f"{path}/{delivery['id']}/skip")["id"] == delivery["id"]
    assert here.api("GET", f"{path}?state=failed") == {"deliveries": [], "next_cursor": None}


def test_a_test_message_and_a_replay(here: Tenant, receiver: Receiver) -> None:
    hook = here.api("POST", "/webhooks", {"url": receiver.url, "topics": ["order.created"]})
    test = here.api("POST", f"/webhooks/{hook['id']}/test")
    assert (test["test"], test["topic"], test["event_id"], test["order_id"]) == (True, "order.created", None, None)
    until(lambda: len(receiver.messages) == 1)
    assert receiver.messages[0][0]["X-Dragoman-Test"] == "true"
    order = here.create()
    until(lambda: len(here.api("GET", f"/webhooks/{hook['id']}/deliveries?state=delivered")["deliveries"]) == 2)
    from_ = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    replay = here.api("POST", f"/webhooks/{hook['id']}/replay", {"from": from_})
    assert set(replay) == {"id", "from", "until"}
    until(lambda: len(receiver.messages) == 3)
    assert receiver.messages[2][1] == receiver.messages[1][1]
    assert json.loads(receiver.messages[2][1])["data"]["order"]["id"] == order["id"]
    wrong = here.send(Wire("POST", f"/api/webhooks/{hook['id']}/test", {"topic": "nonsense"}))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")
    backwards = {"from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    assert here.send(Wire("POST", f"/api/webhooks/{hook['id']}/replay", backwards)).status_code == 422


def test_gone_is_seen_and_told(here: Tenant, receiver: Receiver) -> None:
    receiver.status = 410
    hook = here.api("POST", "/webhooks", {"url": receiver.url, "topics": ["order.created"]})
    here.create()
    until(lambda: not here.api("GET", f"/webhooks/{hook['id']}")["active"])
    seen = here.api("GET", f"/webhooks/{hook['id']}")
    assert seen["disabled_reason"] == "The receiver answered 410 Gone."
    answer = here.send(Wire("POST", f"/api/webhooks/{hook['id']}/test", {}))
    assert answer.status_code == 422
    assert here.api("PATCH", f"/webhooks/{hook['id']}", {"active": True})["disabled_reason"] is None


def test_what_failed_so_far_is_told_from_what_waits(here: Tenant, receiver: Receiver) -> None:
    receiver.status = 500
    hook = here.api("POST", "/webhooks", {"url": receiver.url, "topics": ["order.created"], "blocking": True})
    first, _ = here.create(), here.create()
    path = f"/webhooks/{hook['id']}/deliveries"
    [failing] = until(lambda: here.api("GET", f"{path}?state=failing")["deliveries"])
    assert (failing["order_id"], failing["state"]) == (first["id"], "pending")
    assert here.api("GET", f"{path}?state=failed")["deliveries"] == []
    here.api("POST", f"{path}/{failing['id']}/skip")
    given_up = here.api("GET", f"{path}?state=failing")["deliveries"][-1]
    assert (given_up["id"], given_up["state"]) == (failing["id"], "failed")


def test_the_log_has_pages(here: Tenant, receiver: Receiver) -> None:
    hook = here.api("POST", "/webhooks", {"url": receiver.url, "topics": ["order.created"]})
    for _ in range(5):
        here.create()
    path = f"/webhooks/{hook['id']}/deliveries"
    everything = until(lambda: len(found := here.api("GET", path)["deliveries"]) == 5 and found)
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = here.api("GET", f"{path}?limit=2" + (f"&cursor={cursor}" if cursor else ""))
        pages.append([delivery["id"] for delivery in page["deliveries"]])
        cursor = page["next_cursor"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [id_ for page in pages for id_ in page] == [delivery["id"] for delivery in everything]
    assert here.send(Wire("GET", f"/api{path}?cursor=nonsense")).status_code == 422


def test_tasks_set_aside_are_seen_and_tried_again(tenant: Tenant) -> None:
    clock = Clock()
    now = clock.now()
    job = Job(
        tenant_id=tenant.id,
        id=clock.new_id(now),
        order_id=clock.new_order_id(now),
        kind="test",
        payload='{"case_id": "x", "traceparent": "y"}',
        due_at=now + timedelta(days=1),
    )
    store, run = tenant.server.store, tenant.server.run
    run(store.hand_on, (), (job,), ())
    assert tenant.api("GET", "/tasks") == {"tasks": [], "next_cursor": None}
    run(_set_aside, store, job, now)
    [task] = tenant.api("GET", "/tasks")["tasks"]
    assert task == {
        "id": job.id,
        "kind": "test",
        "order_id": job.order_id,
        "payload": {"case_id": "x"},
        "attempts": 1,
        "error": "no good",
        "failed_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    wire = Wire("POST", f"/api/tasks/{job.id}/retry", headers={"Idempotency-Key": "once"})
    assert tenant.send(wire).json() == {"id": job.id}
    assert tenant.send(wire).headers["Idempotency-Replayed"] == "true"
    assert tenant.api("GET", "/tasks") == {"tasks": [], "next_cursor": None}
    for id_ in (job.id, "nonsense"):
        unknown = tenant.send(Wire("POST", f"/api/tasks/{id_}/retry"))
        assert (unknown.status_code, unknown.json()["code"]) == (404, "task_not_found")


async def _set_aside(store: Any, job: Job, now: datetime) -> None:
    await store.settle(job.tenant_id, [Settled(job=job, aside_at=now, error="no good")])
