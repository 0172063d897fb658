"""`POST /api/cancellations/bulk`: each line is its own cancellation, with its own result and its own idempotency."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.dialects.native.importing import BULK, ndjson, results
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant


def _codes(done: list[dict[str, Any]]) -> list[tuple[int, str, str | None]]:
    return [(each["line"], each["status"], each.get("problem", {}).get("code")) for each in done]


def test_ids_keys_and_objects(tenant: Tenant) -> None:
    orders = [tenant.create(keys={"shopline": f"S-{n}"}) for n in range(5)]
    for shipped in orders[2:4]:
        lines = [{"line_id": shipped["lines"][0]["id"], "quantity": 2}]
        tenant.api("POST", f"/orders/{shipped['id']}/fulfillments", {"lines": lines})
    dock = tenant.api("POST", "/locations", {"name": "Dock", "connector": {"kind": "manual"}})
    tenant.api("POST", f"/orders/{orders[4]['id']}/allocations", {"location_id": dock["id"], "stage": "requested"})
    rest = {"id": orders[2]["id"], "unfulfilled_only": True, "reason_code": "LATE", "reason": "too late"}
    rows = [orders[0]["id"], "shopline:S-1", rest, orders[3]["id"], orders[4]["id"], orders[0]["id"]]
    done = results(tenant, BULK, ndjson(map(json.dumps, rows)))
    assert _codes(done) == [
        (1, "cancelled", None),
        (2, "cancelled", None),
        (3, "cancelled", None),
        (4, "refused", "partly_fulfilled"),
        (5, "pending", None),
        (6, "refused", "already_cancelled"),
    ]
    assert [each["id"] for each in done[:3]] == [orders[0]["id"], "shopline:S-1", orders[2]["id"]]
    asked = tenant.api("GET", f"/requests/{done[2]['request_id']}")
    assert (asked["scope"], asked["reason"]) == ("rest", {"code": "LATE", "text": "too late"})
    assert tenant.api("GET", f"/requests/{done[4]['request_id']}")["state"] == "PENDING"
    states = [tenant.api("GET", f"/orders/{each['id']}") for each in orders]
    assert [each["cancelled"] for each in states] == [True, True, False, False, False]
    assert [each["version"] for each in states] == [2, 2, 3, 2, 3]


def test_lines_that_name_nothing_stop_nothing(tenant: Tenant) -> None:
    order = tenant.create()
    misspelt = {"id": order["id"], "unfulfiled_only": True}
    rows: list[Any] = ["shopline:nobody's", {"reason": "no id"}, 5, None, {"id": order["id"], "reason": 5}, misspelt]
    raw = ndjson([*map(json.dumps, rows), "", "{", json.dumps(order["id"])], end="")
    done = results(tenant, BULK, raw)
    assert _codes(done) == [
        (1, "refused", "order_not_found"),
        *((line, "refused", "invalid_request") for line in range(2, 7)),
        (8, "refused", "malformed_body"),
        (9, "cancelled", None),
    ]
    assert {each["request_id"] for each in done[:-1]} == {None}
    assert tenant.api("GET", f"/orders/{order['id']}")["version"] == 2


def test_each_line_takes_effect_once_under_an_idempotency_key(tenant: Tenant) -> None:
    orders = [tenant.create() for _ in range(3)]
    raw = ndjson(json.dumps(each["id"]) for each in orders[:2])
    first = results(tenant, BULK, raw, **{"Idempotency-Key": "k" * 255})
    assert _codes(first) == [(1, "cancelled", None), (2, "cancelled", None)]
    assert results(tenant, BULK, raw, **{"Idempotency-Key": "k" * 255}) == first
    # The same place under the same key, and another request: that line is refused, the others are as they were.
    other = ndjson(json.dumps(each["id"]) for each in (orders[0], orders[2]))
    again = results(tenant, BULK, other, **{"Idempotency-Key": "k" * 255})
    assert again[0] == first[0]
    assert _codes(again)[1] == (2, "refused", "idempotency_key_reused")
    assert [len(tenant.events(each["id"])) for each in orders] == [2, 2, 1]
    assert _codes(results(tenant, BULK, raw)) == [
        (1, "refused", "already_cancelled"),
        (2, "refused", "already_cancelled"),
    ]


def test_the_same_lines_from_many_clients_at_once(tenant: Tenant) -> None:
    orders = [tenant.create() for _ in range(5)]
    raw = ndjson(json.dumps(each["id"]) for each in orders)
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: results(tenant, BULK, raw, **{"Idempotency-Key": "k"}), range(8))]
    assert all(answer == answers[0] for answer in answers)
    assert [each["status"] for each in answers[0]] == ["cancelled"] * 5
    assert [len(tenant.events(each["id"])) for each in orders] == [2] * 5


def test_what_waited_tells_how_it_went(tenant: Tenant) -> None:
    order = tenant.create()
    dock = tenant.api("POST", "/locations", {"name": "Dock", "connector": {"kind": "manual"}})
    tenant.api("POST", f"/orders/{order['id']}/allocations", {"location_id": dock["id"], "stage": "picking"})
    raw = ndjson([json.dumps(order["id"])])
    [waits] = results(tenant, BULK, raw, **{"Idempotency-Key": "k"})
    assert waits["status"] == "pending"
    tenant.api("POST", f"/requests/{waits['request_id']}/reject", {"message": "Packed"})
    assert results(tenant, BULK, raw, **{"Idempotency-Key": "k"}) == [{**waits, "status": "refused"}]


@pytest.mark.parametrize("scopes", [("read_orders",), ("fulfil_orders", "admin")])
def test_without_the_scope(tenant: Tenant, scopes: tuple[str, ...]) -> None:
    order = tenant.create()
    wire = Wire("POST", BULK, raw=ndjson([json.dumps(order["id"])]))
    assert tenant.send(wire, key=tenant.add_key(scopes=scopes)).status_code == 403
    assert not tenant.api("GET", f"/orders/{order['id']}")["cancelled"]


def test_a_line_over_the_limit(tenant: Tenant) -> None:
    order = tenant.create()
    done = results(tenant, BULK, ndjson(['"' + "a" * (1 << 20) + '"', json.dumps(order["id"])]))
    assert _codes(done) == [(1, "refused", "body_too_large"), (2, "cancelled", None)]
