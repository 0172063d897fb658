"""Many clients at once: each does what the error page says, and tries again where it was told RATE_LIMITED."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

_CLIENTS = 12
_FEE = 595


def _ask(tenant: Tenant, mutation: str, selection: str, **given: Any) -> Any:
    name = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ {selection} }} }}"
    for tries in range(20):
        wire = Wire("POST", "/afosto/graphql", {"query": document, "variables": {"input": given}})
        answer = tenant.send(wire).json()
        codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
        if codes != ["RATE_LIMITED"]:
            return codes[0] if codes else answer["data"][mutation]
        time.sleep(0.01 * tries)
    raise AssertionError("too many tries")


def _together(act: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(_CLIENTS) as pool:
        return [*pool.map(act, range(_CLIENTS))]


def _approved(tenant: Tenant) -> tuple[Any, str]:
    order, contra = tenant.create(fees=[{"kind": "shipping", "title": "Parcel", "amount": _FEE}]), str(uuid4())
    items = [{"item_id": f"{order['lines'][0]['id']}.1", "contra_item_id": contra}]
    _ask(tenant, "cancelOrderItems", "id", order_id=order["id"], items=items)
    _ask(tenant, "approveOrderItems", "id", order_id=order["id"], items=[contra])
    return order, contra


def test_a_fee_is_never_credited_over_what_it_was(tenant: Tenant) -> None:
    order, contra = _approved(tenant)
    fees = [{"fee_id": order["fees"][0]["id"], "amount": 100}]
    answers = _together(
        lambda _: _ask(tenant, "addContraFeesToOrderItems", "items { id }", item_ids=[contra], fees=fees)
    )
    refused = [answer for answer in answers if isinstance(answer, str)]
    assert refused == ["VALIDATION_ERROR"] * (_CLIENTS - _FEE // 100)
    assert tenant.api("GET", f"/orders/{order['id']}")["fees"][0]["credited"] == _FEE // 100 * 100
    assert [event["type"] for event in tenant.events(order["id"])].count("fees.credited") == _FEE // 100


def test_a_cancellation_retried_with_its_own_ids(tenant: Tenant) -> None:
    """No idempotency key: the ids of the contra items say that it is the same."""
    order = tenant.create()
    items = [{"item_id": f"{order['lines'][0]['id']}.{n}", "contra_item_id": str(uuid4())} for n in (1, 2)]
    answers = _together(
        lambda _: _ask(tenant, "cancelOrderItems", "actions { action items }", order_id=order["id"], items=items)
    )
    expected = {"actions": [{"action": "HANDLE_APPROVAL", "items": [item["contra_item_id"] for item in items]}]}
    assert answers == [expected] * _CLIENTS
    assert [event["type"] for event in tenant.events(order["id"])] == ["order.created", "cancellation.requested"]


def test_one_item_wanted_by_many(tenant: Tenant) -> None:
    order = tenant.create()
    answers = _together(
        lambda _: _ask(
            tenant,
            "cancelOrderItems",
            "id",
            order_id=order["id"],
            items=[{"item_id": f"{order['lines'][0]['id']}.1", "contra_item_id": str(uuid4())}],
        )
    )
    assert sorted(map(str, answers)) == sorted([str({"id": order["id"]}), *["VALIDATION_ERROR"] * (_CLIENTS - 1)])


def test_one_contra_id_for_two_orders(tenant: Tenant) -> None:
    """Each is the first for its own order; the store has the last word."""
    contra = str(uuid4())
    orders = [tenant.create() for _ in range(_CLIENTS)]

    def cancel(n: int) -> Any:
        items = [{"item_id": f"{orders[n]['lines'][0]['id']}.1", "contra_item_id": contra}]
        return _ask(tenant, "cancelOrderItems", "id", order_id=orders[n]["id"], items=items)

    assert _together(cancel).count("VALIDATION_ERROR") == _CLIENTS - 1


def test_an_item_is_restocked_once(tenant: Tenant) -> None:
    order, contra = _approved(tenant)
    location = tenant.api("POST", "/locations", {"name": "Rotterdam"})
    items = [{"item_id": contra, "location_id": location["id"]}]
    answers = _together(lambda _: _ask(tenant, "restockOrderItems", "id", order_id=order["id"], items=items))
    assert answers.count("VALIDATION_ERROR") == _CLIENTS - 1
    assert [level["level"] for level in tenant.api("GET", "/stock")["levels"]] == [1]
