"""Two Dragomans, one behind the other: what Convictional asks of the first travels as HappyColis to the second."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant
from tests.warehouse.conftest import House
from tests.warehouse.faces import cancel, decided, held_order, location, policy, until

pytestmark = pytest.mark.parametrize("engines", [("sqlite", "postgresql"), ("postgresql", "sqlite")], ids="-".join)


@dataclass
class Chain:
    """A shop at the first, whose warehouse is a tenant of the second; both know the order by its number."""

    first: House
    second: House
    shop: Tenant = field(init=False)
    warehouse: Tenant = field(init=False)

    def __post_init__(self) -> None:
        self.shop, self.warehouse = Tenant.add(self.first.server), Tenant.add(self.second.server)
        policy(self.shop, sync_wait=15)

    def dock(self, **more: Any) -> str:
        made = self.warehouse.api("POST", "/credentials", {"name": "first"})
        return location(
            self.shop,
            "happycolis",
            **{
                "url": f"{self.second.server.base}/happycolis/graphql",
                "organization_id": self.warehouse.id,
                "client_id": made["id"],
                "client_secret": made["key"].rpartition(".")[2],
                "tp_app_id": "shop",
                **more,
            },
        )

    def order(self, dock: str, *, connector: str = "simulator", **behaviour: Any) -> tuple[Any, Any]:
        """The same order at both, in picking at the second."""
        ours = held_order(self.shop, dock, dock)
        theirs = self.warehouse.create(number=ours["number"])
        body = {"location_id": location(self.warehouse, connector, **behaviour), "stage": "picking"}
        self.warehouse.api("POST", f"/orders/{theirs['id']}/allocations", body)
        return ours, theirs

    def both(self, ours: Any, theirs: Any) -> tuple[Any, Any]:
        return self.shop.api("GET", f"/orders/{ours['id']}"), self.warehouse.api("GET", f"/orders/{theirs['id']}")


@pytest.fixture
def chain(engines: tuple[str, str], sqlite_house: House, postgresql_house: House) -> Chain:
    houses = {"sqlite": sqlite_house, "postgresql": postgresql_house}
    return Chain(*(houses[engine] for engine in engines))


def test_a_refusal_comes_back_in_the_words_of_the_warehouse(chain: Chain):
    ours, theirs = chain.order(chain.dock(), behaviour="refuse", message="Already packed")

    answer = cancel(chain.shop, "convictional", ours)

    assert (answer.status_code, answer.json()) == (
        422,
        {"errors": {"general": ["The warehouse refused: Already packed"]}},
    )
    here, there = chain.both(ours, theirs)
    assert [(o["state"], o["cancelled"], o["cases"][0]["state"]) for o in (here, there)] == [
        ("open", False, "REJECTED")
    ] * 2
    assert (there["cases"][0]["dialect"], here["cases"][0]["dialect"]) == ("happycolis", "convictional")
    assert [line["open"] for line in here["lines"]] == [5, 2]
    types = [event["type"] for event in chain.shop.events(ours["id"])]
    assert types[-4:] == [
        f"cancellation.{word}" for word in ("requested", "matched", "forwarded", "rejected")
    ]  # fmt: skip


def test_an_agreement_cancels_both(chain: Chain):
    ours, theirs = chain.order(chain.dock(), message="Put back")

    answer = cancel(chain.shop, "convictional", ours)

    assert (answer.status_code, answer.json()["hasCancellations"]) == (200, True)
    assert [item["cancelled"] for item in answer.json()["items"]] == [True, True]
    assert [(o["state"], o["cancelled"]) for o in chain.both(ours, theirs)] == [("completed", True)] * 2


def test_it_is_the_webhook_that_brings_the_answer(chain: Chain):
    """Polling would take longer than anybody waits here."""
    dock = chain.dock()
    ours, theirs = chain.order(dock, connector="manual")
    policy(chain.shop, sync_wait=0)
    asked = cancel(chain.shop, "convictional", ours)
    assert asked.status_code == 202
    until(lambda: chain.both(ours, theirs)[1]["cases"])
    request_id = chain.both(ours, theirs)[1]["cases"][0]["id"]
    until(lambda: any("forwarded" in e["type"] for e in chain.shop.events(ours["id"])))
    chain.warehouse.api("POST", f"/requests/{request_id}/reject", {"message": "Too late"})

    request = decided(chain.shop, asked.headers["Location"].rpartition("/")[2])
    assert (request["state"], request["message"]) == ("REJECTED", "Too late")
    path = f"/api/callbacks/{chain.shop.id}/{dock}"
    until(lambda: (path, 200) in chain.first.door.passed)


def test_without_webhooks_it_is_polled(chain: Chain):
    ours, _ = chain.order(chain.dock(register_webhooks=False), behaviour="refuse", message="Already packed")

    answer = cancel(chain.shop, "convictional", ours)

    assert (answer.status_code, "Already packed" in answer.text) == (422, True)
    assert chain.warehouse.api("GET", "/webhooks") in ({"webhooks": []}, {"webhooks": [], "next_cursor": None})


def test_part_of_an_order_is_refused_before_it_gets_there(chain: Chain):
    ours, theirs = chain.order(chain.dock())
    line = ours["lines"][0]["id"]

    answer = chain.shop.send(_item_cancel(ours["id"], line))

    assert (answer.status_code, "whole orders only" in answer.text) == (422, True)
    assert chain.both(ours, theirs)[1]["cases"] == []


def test_a_warehouse_that_is_not_there_yet_is_asked_again(chain: Chain):
    """Its address answers nothing at first, and the worker comes back."""
    chain.second.door.closed = True
    url = f"{chain.second.door.url}/happycolis/graphql"
    token_url = f"{chain.second.server.base}/happycolis/token"
    ours, theirs = chain.order(chain.dock(url=url, token_url=token_url))
    policy(chain.shop, sync_wait=0)
    asked = cancel(chain.shop, "convictional", ours)
    assert asked.status_code == 202
    chain.second.door.closed = False

    assert decided(chain.shop, asked.headers["Location"].rpartition("/")[2])["state"] == "ACCEPTED"
    assert [o["cancelled"] for o in chain.both(ours, theirs)] == [True, True]


def _item_cancel(order_id: str, item_id: str) -> Any:
    return Wire("POST", f"/convictional/orders/{order_id}/items/{item_id}/cancel", {"newQuantity": 2})
