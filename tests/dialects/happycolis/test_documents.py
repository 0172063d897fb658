"""One document with several changing fields: each is its own commit, one after the other, told beside the others."""

from typing import Any

import httpx

from tests.dialects.server import Wire, keyed
from tests.dialects.tenants import Tenant

_THREE = """
mutation Three($a: String!, $b: String!, $c: String!) {
  first: orderCancel(id: $a) { state }
  second: orderHold(id: $b) { type state message }
  third: orderCancel(id: $c) { id state }
}
"""
_ONE_AFTER_THE_OTHER = """
mutation Walk($id: String!) {
  orderOpen(id: $id) { ...told }
  orderHold(id: $id) { ...told }
  orderResume(id: $id) { ...told }
  orderCancel(id: $id) { ...told }
  again: orderCancel(id: $id) { ...told }
}
fragment told on DispatchableRequest { type state }
"""


def _three(*orders: Any) -> Wire:
    variables = dict(zip("abc", (order["id"] for order in orders), strict=True))
    return Wire("POST", "/happycolis/graphql", {"query": _THREE, "variables": variables})


def _types(tenant: Tenant, order: Any) -> list[str]:
    return [event["type"] for event in tenant.events(order["id"])]


def _picking(tenant: Tenant) -> Any:
    order = tenant.create()
    location = tenant.api("POST", "/locations", {"name": "R", "connector": {"kind": "manual"}})
    tenant.api("POST", f"/orders/{order['id']}/allocations", {"location_id": location["id"], "stage": "picking"})
    return order


def test_each_is_done_and_told(tenant: Tenant) -> None:
    a, b, c = tenant.create(), tenant.create(), _picking(tenant)
    answer = tenant.send(_three(a, b, c)).json()
    assert answer["data"]["first"] == {"state": "PENDING"}
    assert answer["data"]["second"]["state"] == "ACCEPTED"
    assert answer["data"]["third"]["id"] == tenant.api("GET", f"/orders/{c['id']}")["cases"][0]["id"]
    assert [_types(tenant, order)[-1] for order in (a, b, c)] == [
        "cancellation.accepted",
        "order.held",
        "cancellation.requested",
    ]


def test_what_was_done_is_told_beside_what_was_not(tenant: Tenant) -> None:
    """The second fails: the first was committed before it, and the third is all the same."""
    a, c = tenant.create(), tenant.create()
    answer = tenant.send(_three(a, {"id": "nope"}, c)).json()
    assert answer["data"]["second"] is None
    assert (answer["data"]["first"]["state"], answer["data"]["third"]["state"]) == ("PENDING", "PENDING")
    assert answer["errors"] == [{"message": "Order not found", "path": ["second"], "extensions": {"code": "NOT_FOUND"}}]
    assert [_types(tenant, order)[-1] for order in (a, c)] == ["cancellation.accepted"] * 2


def test_nothing_was_done(tenant: Tenant) -> None:
    unknown = {"id": "nope"}
    answer = tenant.send(_three(unknown, unknown, unknown)).json()
    assert answer["data"] is None
    assert [error["path"] for error in answer["errors"]] == [["first"], ["second"], ["third"]]


def test_a_refusal_is_a_payload_like_another(tenant: Tenant) -> None:
    a, b, c = tenant.create(), tenant.create(state="draft"), tenant.create()
    answer = tenant.send(_three(a, b, c)).json()
    assert "errors" not in answer
    assert answer["data"]["second"] == {
        "type": "HOLD",
        "state": "REJECTED",
        "message": "The order is not in the state OPENED",
    }
    assert _types(tenant, b) == ["order.created"]


def test_one_after_the_other_on_the_same_order(tenant: Tenant) -> None:
    order = tenant.create(state="draft")
    wire = Wire("POST", "/happycolis/graphql", {"query": _ONE_AFTER_THE_OTHER, "variables": {"id": order["id"]}})
    answer = tenant.send(wire).json()
    assert answer["data"] == {
        "orderOpen": {"type": "OPEN", "state": "PENDING"},
        "orderHold": {"type": "HOLD", "state": "ACCEPTED"},
        "orderResume": {"type": "RESUME", "state": "ACCEPTED"},
        "orderCancel": {"type": "CANCEL", "state": "PENDING"},
        "again": {"type": "CANCEL", "state": "REJECTED"},
    }
    assert _types(tenant, order) == [
        "order.created",
        "order.opened",
        "order.held",
        "order.resumed",
        "cancellation.accepted",
    ]


def test_a_retry_does_none_of_them_again(tenant: Tenant) -> None:
    orders = tenant.create(), tenant.create(), _picking(tenant)
    wire = keyed(_three(*orders))
    first = tenant.send(wire)
    before = [tenant.snapshot(order["id"]) for order in orders]
    again = tenant.send(wire)
    assert again.json() == first.json()
    assert _replayed(first, again) == (False, True)
    assert [tenant.snapshot(order["id"]) for order in orders] == before


def test_a_retry_does_what_was_not_done_before(tenant: Tenant) -> None:
    """A refusal is not kept, so that it can go better the next time; what was done is not done again."""
    a, b, c = tenant.create(), tenant.create(state="draft"), tenant.create()
    wire = keyed(_three(a, b, c))
    first = tenant.send(wire)
    tenant.api("POST", f"/orders/{b['id']}/open")
    before = tenant.snapshot(a["id"]), tenant.snapshot(c["id"])
    again = tenant.send(wire)
    assert [answer.json()["data"]["second"]["state"] for answer in (first, again)] == ["REJECTED", "ACCEPTED"]
    assert again.json()["data"]["third"] == first.json()["data"]["third"]
    assert (tenant.snapshot(a["id"]), tenant.snapshot(c["id"])) == before
    assert _replayed(first, again) == (False, False)


def test_while_it_waits_a_retry_finds_the_same_request(tenant: Tenant) -> None:
    """3.1: the answer of an open order's cancellation is PENDING, also when it is given again after the decision."""
    order = _picking(tenant)
    body = {"query": "mutation ($id: String!) { orderCancel(id: $id) { id state } }", "variables": {"id": order["id"]}}
    wire = keyed(Wire("POST", "/happycolis/graphql", body))
    first = tenant.send(wire)
    tenant.api("POST", f"/requests/{first.json()['data']['orderCancel']['id']}/reject", {"message": "Packed"})
    again = tenant.send(wire)
    assert again.json() == first.json()
    assert _replayed(first, again) == (False, True)
    fresh = tenant.send(keyed(wire, "key-2")).json()["data"]["orderCancel"]
    assert fresh["id"] != first.json()["data"]["orderCancel"]["id"]


def _replayed(*answers: httpx.Response) -> tuple[bool, ...]:
    return tuple("Idempotency-Replayed" in answer.headers for answer in answers)
