"""Cancels that meet others: two at once, a cancel and a shipment, and a warehouse that has still to answer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

BASE = "/shopline/openapi/2022-01/orders"


def _read(tenant: Tenant, order_id: str) -> Any:
    return tenant.send(Wire("GET", f"{BASE}/{order_id}")).json()["order"]


def test_of_two_cancels_at_once_one_wins(tenant: Tenant) -> None:
    for _ in range(5):
        order = tenant.create()
        wires = [Wire("POST", f"{BASE}/{order['id']}/cancel", {"reason": f"reason {n}"}) for n in range(2)]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(tenant.send, wires))
        assert sorted(answer.status_code for answer in answers) == [200, 406]
        winner = next(answer for answer in answers if answer.status_code == 200).json()["order"]
        loser = next(answer for answer in answers if answer.status_code == 406)
        assert loser.json() == {"errors": ["the order is cancelled already"]}
        assert _read(tenant, order["id"]) == winner
        assert [event["type"] for event in tenant.events(order["id"])] == ["order.created", "cancellation.accepted"]


def test_a_cancel_and_a_shipment_at_once_never_overlap(tenant: Tenant) -> None:
    for _ in range(5):
        order = tenant.create()
        wires = [Wire("POST", f"{BASE}/{order['id']}/cancel"), Wire("POST", f"{BASE}/{order['id']}/fulfillments")]
        with ThreadPoolExecutor(2) as pool:
            cancelled, shipped = pool.map(tenant.send, wires)
        assert sorted((cancelled.status_code, shipped.status_code)) == [200, 406]
        read = _read(tenant, order["id"])
        assert read["status"] == ("cancelled" if cancelled.status_code == 200 else "finished")


def _held(tenant: Tenant, stage: str = "picking", quantity: int = 2) -> Any:
    """An order of which a warehouse is working on some pieces."""
    order = tenant.create(payment={"status": "paid"})
    location = tenant.api("POST", "/locations", {"name": "R", "connector": {"kind": "manual"}})
    lines = [{"line_id": order["lines"][0]["id"], "quantity": quantity}]
    body = {"location_id": location["id"], "stage": stage, "lines": lines}
    tenant.api("POST", f"/orders/{order['id']}/allocations", body)
    return order


def test_while_a_warehouse_has_to_answer(tenant: Tenant) -> None:
    order = _held(tenant)
    answer = tenant.send(Wire("POST", f"{BASE}/{order['id']}/cancel", {"reason": "late"}))
    assert answer.status_code == 202
    shown = answer.json()["order"]
    assert (shown["status"], shown["cancel_reason"], shown["canceled_at"]) == ("placed", None, None)
    assert (shown["fulfillment_status"], shown["financial_status"]) == ("waiting", "paid")
    assert [item["refund_quantity"] for item in shown["line_items"]] == [0, 0]
    case = tenant.send(Wire("GET", answer.headers["Location"])).json()
    assert (case["state"], case["dialect"], case["reason"]["text"]) == ("PENDING", "shopline", "late")
    before = tenant.snapshot(order["id"])
    again = tenant.send(Wire("POST", f"{BASE}/{order['id']}/cancel", {"reason": "again"}))
    assert again.status_code == 406
    assert case["id"] in again.json()["errors"][0]
    assert tenant.send(Wire("POST", f"{BASE}/{order['id']}/fulfillments")).status_code == 406
    assert tenant.snapshot(order["id"]) == before


def test_the_warehouse_agrees(tenant: Tenant) -> None:
    order = _held(tenant)
    keyed = Wire("POST", f"{BASE}/{order['id']}/cancel", {"reason": "late"}, headers={"Idempotency-Key": "k"})
    asked = tenant.send(keyed)
    assert asked.status_code == 202
    case = tenant.api("POST", asked.headers["Location"].removeprefix("/api") + "/accept")
    shown = _read(tenant, order["id"])
    assert (shown["status"], shown["cancel_reason"], shown["financial_status"]) == ("cancelled", "late", "paid")
    assert shown["canceled_at"] == case["decided_at"][:19] + "Z"
    assert [item["refund_quantity"] for item in shown["line_items"]] == [5, 2]
    again = tenant.send(keyed)
    assert (again.status_code, again.json()["order"]) == (200, shown)


def test_the_warehouse_refuses(tenant: Tenant) -> None:
    order = _held(tenant)
    keyed = Wire("POST", f"{BASE}/{order['id']}/cancel", {"reason": "late"}, headers={"Idempotency-Key": "k"})
    asked = tenant.send(keyed)
    tenant.api("POST", asked.headers["Location"].removeprefix("/api") + "/reject", {"message": "already packed"})
    shown = _read(tenant, order["id"])
    assert (shown["status"], shown["cancel_reason"], shown["fulfillment_status"]) == ("placed", None, "waiting")
    assert [item["refund_quantity"] for item in shown["line_items"]] == [0, 0]
    again = tenant.send(keyed)
    assert again.status_code == 406
    assert again.json() == {"errors": ["the warehouse refused the cancellation: already packed"]}


def test_a_warehouse_that_only_plans_is_not_asked(tenant: Tenant) -> None:
    order = _held(tenant, stage="planned")
    answer = tenant.send(Wire("POST", f"{BASE}/{order['id']}/cancel", {"reason": "late"}))
    assert (answer.status_code, answer.json()["order"]["status"]) == (200, "cancelled")


def test_the_moment_of_cancellation_is_when_the_last_piece_left(tenant: Tenant) -> None:
    """The whole is cancelled while a part waits for its warehouse: the order is cancelled when that agrees."""
    order = _held(tenant)
    line = {"line_id": order["lines"][0]["id"]}
    part = tenant.api("POST", f"/orders/{order['id']}/cancellations", {"lines": [line], "reason": "a part"})
    assert part["request"]["state"] == "PENDING"
    whole = tenant.send(Wire("POST", f"{BASE}/{order['id']}/cancel", {"reason": "the whole"}))
    assert whole.status_code == 200
    assert (whole.json()["order"]["status"], whole.json()["order"]["canceled_at"]) == ("placed", None)
    case = tenant.api("POST", f"/requests/{part['request']['id']}/accept")
    shown = _read(tenant, order["id"])
    assert (shown["status"], shown["cancel_reason"]) == ("cancelled", "the whole")
    assert shown["canceled_at"] == case["decided_at"][:19] + "Z"
