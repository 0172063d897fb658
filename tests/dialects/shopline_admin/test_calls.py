"""What a literal answer cannot show: pages walked by their `link`, retries, races, the mail that was asked for."""

import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from pathlib import Path

import httpx

from tests.dialects.server import PATIENCE, Wire, keyed, serve
from tests.dialects.tenants import Tenant

_PATH = "/shopline-admin/admin/openapi/v20260301"


def _page(tenant: Tenant, query: str) -> httpx.Response:
    answer = tenant.send(Wire("GET", f"{_PATH}/orders.json{query}"))
    assert answer.status_code == 200, answer.text
    return answer


def _names(answer: httpx.Response) -> list[str]:
    return [order["name"] for order in answer.json()["orders"]]


def _links(answer: httpx.Response) -> dict[str, str]:
    """By `rel`, each as a path with its query."""
    found = re.findall(r'<https?://[^/]+([^>]+)>; rel="(\w+)"', answer.headers.get("link", ""))
    return {rel: target for target, rel in found}


def _follow(tenant: Tenant, target: str) -> httpx.Response:
    answer = tenant.send(Wire("GET", target))
    assert answer.status_code == 200, answer.text
    return answer


def test_pages_there_and_back(tenant: Tenant) -> None:
    names = [tenant.create(payment={"status": "paid"})["number"] for _ in range(5)]
    tenant.create()  # unpaid: the filter has to hold on every page
    for direction, expected in (("asc", names), ("desc", names[::-1])):
        first = _page(tenant, f"?limit=2&financial_status=paid&sort_condition=id:{direction}")
        assert _links(first).keys() == {"next"}
        second = _follow(tenant, _links(first)["next"])
        assert _links(second).keys() == {"previous", "next"}
        third = _follow(tenant, _links(second)["next"])
        assert _links(third).keys() == {"previous"}
        assert _names(first) + _names(second) + _names(third) == expected
        back = _follow(tenant, _links(third)["previous"])
        assert _names(back) == _names(second)
        start = _follow(tenant, _links(back)["previous"])
        assert (_names(start), set(_links(start))) == (_names(first), {"next"})
        assert all(f"{_PATH}/orders.json?" in target for target in _links(second).values())


def test_orders_that_come_meanwhile_move_no_page(tenant: Tenant) -> None:
    names = [tenant.create()["number"] for _ in range(3)]
    first = _page(tenant, "?limit=2")
    names.append(tenant.create()["number"])
    assert _names(first) + _names(_follow(tenant, _links(first)["next"])) == names


def test_a_calculation_under_a_key_keeps_nothing(tenant: Tenant) -> None:
    """It changes nothing, so that there is nothing to do once."""
    order = tenant.create(payment={"status": "paid"})
    body = {"refund_line_items": [{"line_item_id": order["lines"][0]["id"], "quantity": 1}]}
    wire = keyed(Wire("POST", f"{_PATH}/orders/{order['id']}/refunds/calculate.json", body))
    before = tenant.snapshot(order["id"])
    assert tenant.send(wire).json()["refund"]["transactons"][0]["amount"] == "12.50"
    assert "Idempotency-Replayed" not in tenant.send(wire).headers
    assert tenant.snapshot(order["id"]) == before


def test_one_refund_of_twenty_at_once(tenant: Tenant) -> None:
    order = tenant.create(payment={"status": "paid"})
    item = {"line_item_id": order["lines"][0]["id"], "quantity": 5, "type": "Unshipped"}
    wire = Wire("POST", f"{_PATH}/order/refund.json", {"order_id": order["id"], "refund_line_items": [item]})
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: tenant.send(wire), range(20)))
    assert sorted({answer.status_code for answer in answers} - {503}) == [200, 422]
    assert [answer.status_code for answer in answers].count(200) == 1
    seen = tenant.api("GET", f"/orders/{order['id']}")
    assert (seen["refunded"], seen["lines"][0]["cancelled"]) == (6250, 5)


def test_cancel_and_amount_are_one_change(tenant: Tenant) -> None:
    """Whoever loses a race against a shipment gets nothing, neither a cancellation nor money."""
    order = tenant.create(payment={"status": "paid"})
    cancel = Wire("POST", f"{_PATH}/orders/{order['id']}/cancel.json", {"amount": 78.5})
    ship = Wire("POST", f"{_PATH}/orders/{order['id']}/fulfillments.json", {"fulfillment": {}})
    with ThreadPoolExecutor(2) as pool:
        cancelled, shipped = pool.map(tenant.send, (cancel, ship))
    assert sorted((cancelled.status_code, shipped.status_code)) == [200, 422]
    seen = tenant.api("GET", f"/orders/{order['id']}")
    assert (seen["cancelled"], seen["refunded"]) == ((True, 7850) if cancelled.is_success else (False, 0))


def test_the_buyer_is_told_once_and_only_if_it_is_asked_for(sqlite_template: Path, tmp_path: Path) -> None:
    """By the worker, in the folder that stands for a mail server."""
    database, folder = shutil.copy(sqlite_template, tmp_path / "dragoman.db"), tmp_path / "mail"
    with serve(f"sqlite:///{database}", mail_folder=str(folder)) as server:
        tenant = Tenant.add(server)
        for name, email in (("bob", False), ("ann", True)):
            order = tenant.create(customer={"name": name, "email": f"{name}@example.com"})
            wire = keyed(Wire("POST", f"{_PATH}/orders/{order['id']}/cancel.json", {"email": email}), name)
            assert tenant.send(wire).is_success
            assert tenant.send(wire).headers["Idempotency-Replayed"] == "true"
        deadline = time.monotonic() + PATIENCE
        while not (sent := list(folder.glob("new/*"))):
            assert time.monotonic() < deadline, "no mail was sent"
            time.sleep(0.05)
    assert [message_from_bytes(each.read_bytes())["To"] for each in sent] == ["ann <ann@example.com>"]
