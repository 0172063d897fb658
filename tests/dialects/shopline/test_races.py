"""Changes that meet others: cancels, shipments and refunds at once, and a warehouse that has still to answer."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

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


def _refund(body: dict[str, Any] | None, order: Any) -> Wire:
    return Wire("POST", f"{BASE}/{order['id']}/{'refund' if body is None else 'partial_refund'}", body)


def _minor(text: str) -> int:
    return int(text.replace(".", ""))


@pytest.mark.parametrize("alike", [True, False], ids=["prices", "prices, items and all of it"])
def test_of_many_refunds_at_once_never_more_goes_back_than_came_in(tenant: Tenant, alike: bool) -> None:
    """78.50 was paid. Whoever comes too late, or too often at once, is told so, and nothing of it is left behind."""
    order = tenant.create(payment={"status": "paid"})
    item = {"line_items": [{"id": order["lines"][1]["id"], "quantity": 1}]}
    bodies = [{"price": "10.00"}] * 12 if alike else [{"price": "7.77"}, item, {"price": "25.00"}, None] * 3
    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = list(pool.map(tenant.send, [_refund(body, order) for body in bodies]))
    assert {answer.status_code for answer in answers} <= {200, 406, 500}
    assert all(answer.json() == {"errors": ["Aborted"]} for answer in answers if answer.status_code == 500)
    taken = [answer.json() for answer in answers if answer.status_code == 200]
    while (answer := tenant.send(_refund(bodies[0], order))).status_code == 200:
        taken.append(answer.json())
    shown = tenant.send(Wire("GET", f"{BASE}/{order['id']}/refund")).json()
    prices = sorted(answer["refunds"]["refund_price"] for answer in taken)
    assert sorted(refund["refund_price"] for refund in shown["refunds"]) == prices
    assert sum(map(_minor, prices)) == _minor(shown["refund_total"]) <= _minor("78.50")
    numbers = sorted(int(answer["number"].rpartition("-S")[2]) for answer in taken)
    assert numbers == [*range(1, len(taken) + 1)]
    if alike:
        assert prices == ["10.00"] * 7
    types = [event["type"] for event in tenant.events(order["id"])]
    assert types == ["order.created"] + ["order.refunded"] * len(taken)


def test_of_the_same_items_refunded_and_returned_at_once_one_goes_through(tenant: Tenant) -> None:
    order = tenant.create(payment={"status": "paid"})
    tenant.api("POST", f"/orders/{order['id']}/fulfillments")
    body = {
        "is_return": True,
        "line_items": [{"id": line["id"], "quantity": line["quantity"]} for line in order["lines"]],
    }
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(tenant.send, [_refund(body, order)] * 4))
    assert sorted(answer.status_code for answer in answers) == [200, 406, 406, 406]
    read = _read(tenant, order["id"])
    assert (read["total_refund_price"], read["fulfillment_status"]) == ("78.50", "returned")
    assert [item["refund_quantity"] for item in read["line_items"]] == [5, 2]


def test_a_shipment_cancelled_and_completed_at_once(tenant: Tenant) -> None:
    for _ in range(3):
        order = tenant.create()
        parcel = tenant.api("POST", f"/orders/{order['id']}/fulfillments")
        path = f"{BASE}/{order['id']}/fulfillments/{parcel['id']}"
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(tenant.send, [Wire("POST", f"{path}/{what}") for what in ("cancel", "complete")]))
        assert sorted(answer.status_code for answer in answers) == [200, 406]
        winner = next(answer for answer in answers if answer.status_code == 200).json()["fulfillment"]
        assert tenant.send(Wire("GET", path)).json()["fulfillment"] == winner


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
