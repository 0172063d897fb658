"""Synchronous faces and warehouses that take their time: 200, the face's own refusal, or 202 and where to look."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.dialects.tenants import Tenant
from tests.warehouse.faces import CANCEL, cancel, decided, held_order, location, policy

DIALECTS = sorted(CANCEL)
LONG, SHORT = 15, 0.2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_warehouse_that_agrees_in_time(tenant: Tenant, dialect):
    policy(tenant, sync_wait=LONG)
    order = held_order(tenant, location(tenant, message="Put back"))

    answer = cancel(tenant, dialect, order)

    assert (answer.status_code, "Location" in answer.headers) == (200, False)
    after = tenant.api("GET", f"/orders/{order['id']}")
    assert (after["cancelled"], after["cases"][0]["message"]) == (True, "Put back")
    assert [event["type"] for event in tenant.events(order["id"])][-2:] == [
        "cancellation.requested",
        "cancellation.accepted",
    ]


@pytest.mark.parametrize(("dialect", "status"), [("native", 409), ("convictional", 422), ("shopline", 406)])
def test_a_warehouse_that_refuses_in_time(tenant: Tenant, dialect, status):
    policy(tenant, sync_wait=LONG)
    order = held_order(tenant, location(tenant, behaviour="refuse", message="Already packed"))

    answer = cancel(tenant, dialect, order, "k")

    assert (answer.status_code, "Location" in answer.headers) == (status, False)
    assert "Already packed" in answer.text
    after = tenant.api("GET", f"/orders/{order['id']}")
    assert (after["state"], after["has_cancellations"], after["cases"][0]["state"]) == ("open", False, "REJECTED")

    again = cancel(tenant, dialect, order, "k")
    assert (again.status_code, again.json()) == (status, answer.json())
    assert len(tenant.api("GET", f"/orders/{order['id']}")["cases"]) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_warehouse_that_is_silent(tenant: Tenant, dialect):
    policy(tenant, sync_wait=SHORT)
    order = held_order(tenant, location(tenant, behaviour="silent"))

    answer = cancel(tenant, dialect, order)

    assert answer.status_code == 202
    assert answer.elapsed.total_seconds() >= SHORT
    request = tenant.api("GET", answer.headers["Location"].removeprefix("/api"))
    assert (request["order_id"], request["state"], request["dialect"]) == (order["id"], "PENDING", dialect)
    assert tenant.api("GET", f"/orders/{order['id']}")["has_cancellations"] is False


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_warehouse_that_is_late_is_waited_for_under_the_same_key(tenant: Tenant, dialect):
    policy(tenant, sync_wait=SHORT)
    order = held_order(tenant, location(tenant, delay=1))
    assert cancel(tenant, dialect, order, "k").status_code == 202

    policy(tenant, sync_wait=LONG)
    answer = cancel(tenant, dialect, order, "k")

    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (200, "true")
    assert tenant.api("GET", f"/orders/{order['id']}")["cancelled"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_person_is_not_waited_for(tenant: Tenant, dialect):
    policy(tenant, sync_wait=LONG)
    order = held_order(tenant, location(tenant, "manual"))
    started = time.monotonic()

    assert cancel(tenant, dialect, order).status_code == 202
    assert time.monotonic() - started < LONG / 3


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("first", ["accept", "refuse"])
def test_mixed_answers_are_a_success_since_something_was_cancelled(tenant: Tenant, dialect, first):
    policy(tenant, sync_wait=LONG)
    second = {"accept": "refuse", "refuse": "accept"}[first]
    order = held_order(tenant, location(tenant, behaviour=first), location(tenant, behaviour=second))

    answer = cancel(tenant, dialect, order)

    assert answer.status_code == 200
    after = tenant.api("GET", f"/orders/{order['id']}")
    counts = [(line["open"], line["cancelled"]) for line in after["lines"]]
    assert counts == ([(0, 5), (2, 0)] if first == "accept" else [(5, 0), (0, 2)])
    assert (after["state"], after["cases"][0]["state"]) == ("open", "REJECTED")


def test_an_order_says_itself_what_the_simulator_does(tenant: Tenant):
    policy(tenant, sync_wait=LONG)
    dock = location(tenant)
    order = held_order(tenant, dock, metadata={"simulate": {"behaviour": "refuse", "message": "No box left"}})

    assert "No box left" in cancel(tenant, "native", order).text


@pytest.mark.parametrize(
    ("on_silence", "state", "cancelled"), [("accept", "ACCEPTED", True), ("reject", "REJECTED", False)]
)
def test_a_deadline(tenant: Tenant, on_silence, state, cancelled):
    policy(tenant, sync_wait=0, warehouse_deadline=1, on_silence=on_silence)
    order = held_order(tenant, location(tenant, behaviour="silent"))
    asked = cancel(tenant, "native", order)
    assert asked.status_code == 202

    request = decided(tenant, asked.json()["request"]["id"])

    assert (request["state"], request["message"]) == (state, "No answer from the warehouse in time")
    assert tenant.api("GET", f"/orders/{order['id']}")["cancelled"] is cancelled
    assert tenant.events(order["id"])[-1]["credential_id"] == "deadline"


def test_many_wait_at_once_and_others_are_served_meanwhile(tenant: Tenant):
    policy(tenant, sync_wait=2)
    dock = location(tenant, behaviour="silent")
    orders = [held_order(tenant, dock) for _ in range(20)]
    with ThreadPoolExecutor(len(orders)) as threads:
        waiting = [threads.submit(cancel, tenant, "native", order) for order in orders]
        time.sleep(0.5)
        started = time.monotonic()
        assert tenant.api("GET", f"/orders/{orders[0]['id']}")["cases"][0]["state"] == "PENDING"
        assert time.monotonic() - started < 1
        assert {each.result().status_code for each in waiting} == {202}
