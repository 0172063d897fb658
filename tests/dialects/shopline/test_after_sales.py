"""Returns and cancellations that another face walks step by step: what is seen of them here, at each step."""

from typing import Any

import pytest

from app.core.aftersales import AnnounceReturn, GiveBack, StepTarget, TakeStep
from app.core.commands import Command
from app.core.messages import Cancel, Target
from app.core.model import Party, Scope, Step
from app.core.ports import Ref
from app.service.access import SCOPES, Caller
from app.service.clock import Clock
from app.service.desk import Desk
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

BASE = "/shopline/openapi/2022-01/orders"
Seen = tuple[str, str, str, list[int], list[str], str | None]


def _act(tenant: Tenant, order: Any, command: Command) -> None:
    """As a face does that walks step by step: on the same database, while the server runs."""
    desk = Desk(tenant.server.store, Clock())
    caller = Caller(tenant.id, "walker", Party.SELLER, frozenset(SCOPES), None, None)
    ref = Ref.to_order("afosto", order["id"])
    tenant.server.run(desk.act, caller, "afosto", ref, command, lambda done: "")


def _walk(tenant: Tenant, order: Any, step: Step, *refs: str) -> None:
    targets = tuple(StepTarget(ref=ref) for ref in refs)
    _act(tenant, order, TakeStep(step=step, targets=targets))


def _seen(tenant: Tenant, order: Any) -> Seen:
    """Three statuses, units gone and statuses by line, and how far after-sales are; lists have to agree."""
    shown = tenant.send(Wire("GET", f"{BASE}/{order['id']}")).json()["order"]
    words = {name: shown[name] for name in ("status", "fulfillment_status", "financial_status")}
    asked = "&".join(f"{name}={word}" for name, word in words.items())
    assert tenant.send(Wire("GET", f"{BASE}/count?{asked}")).json() == {"count": 1}, asked
    items = shown["line_items"]
    gone, lines = [item["refund_quantity"] for item in items], [item["fulfillment_status"] for item in items]
    return (*words.values(), gone, lines, _after_sales(tenant, shown))


def _after_sales(tenant: Tenant, shown: Any) -> str | None:
    found = tenant.send(Wire("GET", f"{BASE}/after_sales_list")).json()
    statuses = [post_sale["status"] for post_sale in found["post_sales"]]
    assert found["count"] == len(statuses)
    assert found["pending_count"] == statuses.count("pending")
    assert found["processing_count"] == statuses.count("processing")
    for post_sale in found["post_sales"]:
        assert post_sale["updated_at"] == shown["updated_at"]
        assert all(item in shown["line_items"] for item in post_sale["line_items"])
        narrowed = tenant.send(Wire("GET", f"{BASE}/after_sales_list?status={post_sale['status']}")).json()
        assert narrowed["post_sales"] == [post_sale]
    return statuses[0] if statuses else None


def _paid(tenant: Tenant) -> Any:
    return tenant.create(payment={"status": "paid"})


def _contra(tenant: Tenant, order: Any, index: int = 0) -> str:
    found = tenant.server.run(tenant.server.store.load, tenant.id, Ref.to_order("", order["id"]), None)
    return str(found.order.adjustments[index].id)


def test_a_cancel_step_by_step(tenant: Tenant) -> None:
    order = _paid(tenant)
    assert _seen(tenant, order) == ("placed", "waiting", "paid", [0, 0], ["waiting", "waiting"], None)
    two = Target(ref=order["lines"][0]["id"], quantity=2)
    _act(tenant, order, Cancel(scope=Scope.LINES, targets=(two,), stepwise=True))
    assert _seen(tenant, order) == ("placed", "waiting", "paid", [0, 0], ["waiting", "waiting"], "pending")
    contra = _contra(tenant, order)
    _walk(tenant, order, Step.APPROVED, contra)
    assert _seen(tenant, order) == ("placed", "waiting", "paid", [2, 0], ["waiting", "waiting"], "processing")
    _walk(tenant, order, Step.FINISHED, contra)
    assert _seen(tenant, order) == ("placed", "waiting", "paid", [2, 0], ["waiting", "waiting"], "finished")


def test_all_of_it_cancelled_step_by_step(tenant: Tenant) -> None:
    order = _paid(tenant)
    _act(tenant, order, Cancel(scope=Scope.ORDER, stepwise=True))
    assert _seen(tenant, order) == ("placed", "waiting", "paid", [0, 0], ["waiting", "waiting"], "pending")
    before = tenant.snapshot(order["id"])
    for path, body in (("close", None), ("cancel", {"reason": "late"}), ("fulfillments", {})):
        assert tenant.send(Wire("POST", f"{BASE}/{order['id']}/{path}", body)).status_code == 406, path
    assert tenant.snapshot(order["id"]) == before
    both = [_contra(tenant, order, n) for n in (0, 1)]
    _walk(tenant, order, Step.APPROVED, *both)
    assert _seen(tenant, order) == ("cancelled", "cancelled", "paid", [5, 2], ["waiting", "waiting"], "processing")
    _walk(tenant, order, Step.FINISHED, *both)
    assert _seen(tenant, order) == ("cancelled", "cancelled", "paid", [5, 2], ["waiting", "waiting"], "finished")


def test_a_return_step_by_step(tenant: Tenant) -> None:
    order = _paid(tenant)
    parcel = tenant.send(Wire("POST", f"{BASE}/{order['id']}/fulfillments", {})).json()["fulfillment"]
    assert tenant.send(Wire("POST", f"{BASE}/{order['id']}/fulfillments/{parcel['id']}/complete")).status_code == 200
    assert tenant.send(Wire("POST", f"{BASE}/{order['id']}/close")).status_code == 200
    assert _seen(tenant, order) == ("closed", "finished", "paid", [0, 0], ["finished", "finished"], None)
    two = Target(ref=order["lines"][0]["id"], quantity=2)
    _act(tenant, order, AnnounceReturn(targets=(two,)))
    lines = ["returning", "finished"]
    assert _seen(tenant, order) == ("finished", "returning", "paid", [0, 0], lines, "pending")
    before = tenant.snapshot(order["id"])
    assert tenant.send(Wire("POST", f"{BASE}/{order['id']}/close")).json() == {"errors": ["the order is not finished"]}
    assert tenant.snapshot(order["id"]) == before
    contra, lines = _contra(tenant, order), ["partially_returned", "finished"]
    for step in (Step.RECEIVED, Step.APPROVED):
        _walk(tenant, order, step, contra)
        assert _seen(tenant, order) == ("finished", "partially_returned", "paid", [2, 0], lines, "processing")
    _walk(tenant, order, Step.FINISHED, contra)
    assert _seen(tenant, order) == ("finished", "partially_returned", "paid", [2, 0], lines, "finished")
    _act(tenant, order, GiveBack(targets=(two,)))
    assert _seen(tenant, order) == ("finished", "partially_returned", "partially_refunded", [2, 0], lines, "finished")
    assert tenant.send(Wire("POST", f"{BASE}/{order['id']}/close")).json()["order"]["status"] == "closed"


def test_a_return_that_starts_here_is_finished_at_once(tenant: Tenant) -> None:
    order = _paid(tenant)
    tenant.send(Wire("POST", f"{BASE}/{order['id']}/fulfillments", {}))
    asked = [{"id": line["id"], "quantity": line["quantity"]} for line in order["lines"]]
    answer = tenant.send(Wire("POST", f"{BASE}/{order['id']}/partial_refund", {"is_return": True, "line_items": asked}))
    assert answer.status_code == 200
    assert _seen(tenant, order) == ("finished", "returned", "refunded", [5, 2], ["returned", "returned"], "finished")


@pytest.mark.parametrize("path", ["refund", "partial_refund"])
def test_a_refund_while_something_is_on_its_way_back(tenant: Tenant, path: str) -> None:
    """It is counted once, when it arrives as when the money goes back."""
    order = _paid(tenant)
    tenant.send(Wire("POST", f"{BASE}/{order['id']}/fulfillments", {}))
    _act(tenant, order, AnnounceReturn(targets=(Target(ref=order["lines"][1]["id"]),)))
    body = {"line_items": [{"id": order["lines"][1]["id"], "quantity": 2}]} if path == "partial_refund" else {}
    answer = tenant.send(Wire("POST", f"{BASE}/{order['id']}/{path}", body))
    assert answer.status_code == 200
    seen = _seen(tenant, order)
    assert (seen[1], seen[3][1], seen[5]) == ("returning", 2, "pending")
    _walk(tenant, order, Step.RECEIVED, _contra(tenant, order))
    assert (seen[3], "partially_returned") == (_seen(tenant, order)[3], _seen(tenant, order)[1])
