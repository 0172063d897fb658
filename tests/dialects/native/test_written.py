"""What a cancellation writes, read from the tables: stock, replays, events, tasks; and what writes nothing."""

import json
import socket
from typing import Any

import pytest

from tests.dialects.server import PATIENCE, Wire
from tests.dialects.tenants import Tenant

_TABLES = ("events", "tasks", "replays", "stock_movements", "order_keys", "orders")


def _rows(tenant: Tenant, columns: str, table: str) -> list[tuple[Any, ...]]:
    store: Any = tenant.server.store
    text = f"SELECT {columns} FROM {table} WHERE tenant_id = $1 ORDER BY id"  # noqa: S608 - names of this file
    return [tuple(str(value) for value in row) for row in tenant.server.run(store.fetch, text, tenant.id)]


def _counts(tenant: Tenant) -> dict[str, int]:
    store: Any = tenant.server.store
    counted = {}
    for table in _TABLES:
        text = f"SELECT count(*) FROM {table} WHERE tenant_id = $1"  # noqa: S608 - names of this file
        counted[table] = int(tenant.server.run(store.fetch, text, tenant.id)[0][0])
    return counted


def _movements(tenant: Tenant) -> list[tuple[Any, ...]]:
    return _rows(tenant, "location_id, sku, delta, adjustment_id", "stock_movements")


def test_a_restock_is_one_movement_however_often_it_is_asked_for(tenant: Tenant) -> None:
    order, shelf = tenant.create(), tenant.api("POST", "/locations", {"name": "Shelf"})
    lines = [{"line_id": order["lines"][0]["id"], "quantity": 2}]
    body = {"lines": lines, "restock": {"location_id": shelf["id"]}}
    path = f"/api/orders/{order['id']}/cancellations"
    wire = Wire("POST", path, body, headers={"Idempotency-Key": "k"})
    [adjustment] = tenant.send(wire).json()["request"]["adjustments"]
    assert tenant.send(wire).headers["Idempotency-Replayed"] == "true"
    assert _movements(tenant) == [(shelf["id"], "MUG-RED", "2", adjustment["id"])]
    tenant.api("POST", f"/orders/{order['id']}/cancellations", {"lines": lines})
    assert len(_movements(tenant)) == 1


def test_a_restock_by_policy_goes_back_to_who_held_it_once_he_agrees(tenant: Tenant) -> None:
    tenant.api("PATCH", "/tenant", {"policy": {"restock_on_cancel": True}})
    order, dock = tenant.create(), tenant.api("POST", "/locations", {"name": "Dock", "connector": {"kind": "manual"}})
    lines = [{"line_id": order["lines"][0]["id"], "quantity": 3}]
    held = {"location_id": dock["id"], "stage": "picking", "lines": lines}
    tenant.api("POST", f"/orders/{order['id']}/allocations", held)
    asked = tenant.api("POST", f"/orders/{order['id']}/cancellations", {"unfulfilled_only": True})["request"]
    assert asked["state"] == "PENDING"
    assert _movements(tenant) == []
    for _ in range(2):
        answered = tenant.api("POST", f"/requests/{asked['id']}/accept", {})
    [back] = [each for each in answered["adjustments"] if each["allocation_id"] is not None]
    assert _movements(tenant) == [(dock["id"], "MUG-RED", "3", back["id"])]
    assert [step["step"] for step in back["steps"]] == ["requested", "restocked", "finished"]


def test_without_inventory_tracking_nothing_moves(tenant: Tenant) -> None:
    order, shelf = tenant.create(track_inventory=False), tenant.api("POST", "/locations", {"name": "Shelf"})
    done = tenant.api(
        "POST", f"/orders/{order['id']}/cancellations", {"restock": {"location_id": shelf["id"]}}
    )  # fmt: skip
    assert _movements(tenant) == []
    assert {each["steps"][0]["step"] for each in done["request"]["adjustments"]} == {"finished"}


def test_a_cancellation_writes_one_event_and_one_replay_and_no_task_where_nobody_listens(tenant: Tenant) -> None:
    order = tenant.create()
    before = _counts(tenant)
    wire = Wire("POST", f"/api/orders/{order['id']}/cancellations", {}, headers={"Idempotency-Key": "k"})
    for _ in range(3):
        assert tenant.send(wire).status_code == 200
    assert {name: _counts(tenant)[name] - before[name] for name in before} == {
        "events": 1,
        "tasks": 0,
        "replays": 1,
        "stock_movements": 0,
        "order_keys": 0,
        "orders": 0,
    }


@pytest.mark.parametrize("body", [{}, {"lines": [{"line_id": "nobody's"}]}, {"reason": 5}])
def test_a_dry_run_writes_nothing(tenant: Tenant, body: dict[str, Any]) -> None:
    order = tenant.create()
    before = tenant.snapshot(order["id"]), _counts(tenant)
    path = f"/api/orders/{order['id']}/cancellations?dry_run=true"
    for _ in range(2):
        tenant.send(Wire("POST", path, body, headers={"Idempotency-Key": "k"}))
    assert (tenant.snapshot(order["id"]), _counts(tenant)) == before


@pytest.mark.parametrize("sent", [b"", b"{}", b'{"lines": [{"line_'])
def test_a_body_that_ends_early_cancels_nothing(tenant: Tenant, sent: bytes) -> None:
    """Nothing at all, or an empty object, would cancel the whole order: the rest may have said otherwise."""
    order = tenant.create()
    before = tenant.snapshot(order["id"])
    rest = json.dumps({"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}).encode()
    host, _, port = tenant.server.base.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), PATIENCE) as client:
        head = f"POST /api/orders/{order['id']}/cancellations HTTP/1.1\r\nHost: x\r\n"
        head += f"Authorization: Bearer {tenant.key}\r\nContent-Length: {len(rest) + 9}\r\n\r\n"
        client.sendall(head.encode() + sent)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65_536):
            pass
    assert tenant.snapshot(order["id"]) == before
