"""Two calls racing are serialised; the later one is judged on the new state (contract 3.4)."""

from concurrent.futures import ThreadPoolExecutor

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant


def test_of_many_splits_of_one_item_one_wins(tenant: Tenant) -> None:
    order = tenant.create()
    path = f"/convictional/orders/{order['id']}/items/{order['lines'][0]['id']}/cancel"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda keep: tenant.send(Wire("POST", path, {"newQuantity": keep % 4})), range(8)))
    # Busy is possible too: eight at once on one order may lose three rounds.
    assert [answer.status_code for answer in answers].count(200) == 1
    assert {answer.status_code for answer in answers} <= {200, 422, 500}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code == 500)
    items = tenant.send(Wire("GET", f"/convictional/orders/{order['id']}")).json()["items"]
    assert [item["cancelled"] for item in items[:2]] == [True, False]
    assert len(items) <= 3
    assert len(tenant.events(order["id"])) == 2


def test_cancelling_and_fulfilling_never_overlap(tenant: Tenant) -> None:
    order = tenant.create()
    base = f"/convictional/orders/{order['id']}"
    wires = [
        Wire("POST", f"{base}/cancel", {"unfulfilledOnly": True}),
        Wire("POST", f"{base}/fulfillments", {"items": [{"sku": "MUG-RED", "quantity": 2}]}),
    ]
    with ThreadPoolExecutor(2) as pool:
        cancelled, shipped = pool.map(tenant.send, wires)
    assert cancelled.status_code == 200
    assert shipped.status_code in {200, 422}
    line = tenant.api("GET", f"/orders/{order['id']}")["lines"][0]
    assert (line["open"], line["pending"]) == (0, 0)
    assert (line["cancelled"], line["fulfilled"]) == ((3, 2) if shipped.status_code == 200 else (5, 0))
