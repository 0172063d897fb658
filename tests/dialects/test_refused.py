"""A warehouse refuses what was asked in HappyColis: Convictional and Shopline, who show nothing of it, stay as they
were, to the byte, and so do their lists by change time; whoever follows requests finds the order by that."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

FACES = (
    "/convictional/orders/{id}",
    "/convictional/orders?sellerOrderCode={id}",
    "/shopline/orders/{id}",
    "/shopline/openapi/2022-01/orders?ids={id}",
)
BUYERS = "/convictional/buyer/orders/{id}"


def _picked(tenant: Tenant) -> Any:
    """In picking at a warehouse that a person answers for."""
    order = tenant.create()
    location = tenant.api("POST", "/locations", {"name": "Utrecht", "connector": {"kind": "manual"}})
    held = tenant.api("POST", f"/orders/{order['id']}/allocations", {"location_id": location["id"]})
    return tenant.api("PATCH", f"/orders/{order['id']}/allocations/{held['id']}", {"stage": "picking"})["order"]


def _look(tenant: Tenant, order_id: str) -> Mapping[str, bytes]:
    answers = {path: tenant.send(Wire("GET", path.format(id=order_id))) for path in FACES}
    buyer = tenant.add_key(party="buyer")
    answers[BUYERS] = tenant.send(Wire("GET", BUYERS.format(id=order_id)), key=buyer)
    assert all(answer.status_code == 200 for answer in answers.values())
    return {path: answer.content for path, answer in answers.items()}


def _ask(tenant: Tenant, document: str) -> Any:
    answer = tenant.send(Wire("POST", "/happycolis/graphql", {"query": document}))
    assert answer.status_code == 200
    return answer.json()["data"]


def _cancel(tenant: Tenant, order_id: str) -> str:
    asked = _ask(tenant, f'mutation {{ orderCancel(id: "{order_id}") {{ id state }} }}')["orderCancel"]
    assert asked["state"] == "PENDING"
    return str(asked["id"])


def _changed_since(tenant: Tenant, at: str) -> tuple[int, int]:
    """How many the lists of both have."""
    since = quote(at)
    count = tenant.send(Wire("GET", f"/shopline/orders/count?updated_at_min={since}")).json()["count"]
    listed = tenant.send(Wire("GET", f"/shopline/orders?updated_at_min={since}")).json()["orders"]
    assert len(listed) == count
    return len(tenant.send(Wire("GET", f"/convictional/orders?updated={since}")).json()), count


def _later(at: str) -> str:
    return (datetime.fromisoformat(at) + timedelta(milliseconds=1)).isoformat(timespec="milliseconds")


def test_who_sees_nothing_of_a_refused_question_sees_no_change(tenant: Tenant) -> None:
    order = _picked(tenant)
    id_, before = order["id"], _look(tenant, order["id"])
    request = _cancel(tenant, id_)
    assert _look(tenant, id_) == before
    tenant.api("POST", f"/requests/{request}/reject", {"message": "Already packed"})
    told = f'{{ dispatchableRequest(id: "{request}") {{ state message }} order(id: "{id_}") {{ state }} }}'
    assert _ask(tenant, told) == {
        "dispatchableRequest": {"state": "REJECTED", "message": "Already packed"},
        "order": {"state": "OPENED"},
    }
    assert _look(tenant, id_) == before
    assert _changed_since(tenant, order["updated_at"]) == (1, 1)
    assert _changed_since(tenant, _later(order["updated_at"])) == (0, 0)
    found = tenant.api("GET", f"/orders?updated_after={quote(order['updated_at'])}")["orders"]
    assert [each["id"] for each in found] == [id_]
    assert found[0]["updated_at"] > order["updated_at"]


def test_once_the_warehouse_agrees_both_show_it_and_when(tenant: Tenant) -> None:
    order = _picked(tenant)
    id_, before = order["id"], _look(tenant, order["id"])
    request = _cancel(tenant, id_)
    tenant.api("POST", f"/requests/{request}/accept", {})
    updated = tenant.api("GET", f"/orders/{id_}")["updated_at"]
    assert all(seen != before[path] for path, seen in _look(tenant, id_).items())
    assert tenant.send(Wire("GET", f"/convictional/orders/{id_}")).json()["updated"] == updated
    assert _changed_since(tenant, updated) == (1, 1)
    assert _changed_since(tenant, _later(updated)) == (0, 0)
