"""Both guides from start to end, in every variant that they leave to the client, to the order or to the tenant."""

from collections.abc import Iterator
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from graphql import print_schema

from tests.dialects.afosto.guide import Choices, Guide, connected
from tests.dialects.tenants import Tenant
from tests.house.sources import ROOT

_FEES = [{"kind": "shipping", "title": "Parcel", "amount": 595}, {"kind": "payment", "title": "Card", "amount": 150}]
_GOODS, _SHIPPING = 5 * 1250 + 2 * 800, 745
_TAKEN = 2 * 1250 + 800
tracked = pytest.mark.parametrize("track", [True, False], ids=["tracked", "untracked"])


def _choices(*, track: bool) -> Iterator[Choices]:
    for own_ids, fees, restock, mail in product([True, False], repeat=4):
        if track or not restock:
            yield Choices(own_ids, fees, restock, mail)


def _order(tenant: Tenant, *, track: bool, **more: Any) -> Any:
    return tenant.create(fees=_FEES, customer={"email": "ann@example.com"}, track_inventory=track, **more)


def _location(tenant: Tenant) -> str:
    """The only one, so that the first is the one."""
    found = tenant.api("GET", "/locations")["locations"] or [tenant.api("POST", "/locations", {"name": "Rotterdam"})]
    return str(found[0]["id"])


def _stock(tenant: Tenant, location_id: str) -> dict[str, int]:
    levels = tenant.api("GET", f"/stock?location_id={location_id}")["levels"]
    return {level["sku"]: level["level"] for level in levels}


def _expected(first: list[str], choices: Choices, *, track: bool, mail: str) -> list[str]:
    return [
        *first,
        "approveOrderItems",
        *(["addContraFeesToOrderItems"] if choices.fees else []),
        *(["restockOrderItems"] if track and choices.restock else []),
        "finishOrderItems",
        *([mail] if choices.mail else []),
    ]


def _check_end(tenant: Tenant, guide: Guide, order: Any, kind: str) -> None:
    """What another dialect sees: all finished, and each thing done once."""
    assert order["total"] == _GOODS + _SHIPPING - _TAKEN - (_SHIPPING if guide.choices.fees else 0), guide.choices
    told = tenant.api("GET", f"/orders/{guide.order_id}")
    assert {a["step"] for case in told["cases"] for a in case["adjustments"]} == {"finished"}
    assert {case["dialect"] for case in told["cases"]} == {"afosto"}
    types = [event["type"] for event in tenant.events(guide.order_id)]
    assert types.count("mail.requested") == guide.choices.mail
    assert types.count("fees.credited") == guide.choices.fees
    assert types.count(f"{kind}.finished") == 1


def test_the_schema_that_is_committed_is_the_one_that_is_served(tenant: Tenant) -> None:
    with connected(tenant) as session:
        assert session.client.schema is not None
        assert print_schema(session.client.schema) + "\n" == (ROOT / "openapi/afosto.graphql").read_text()


@tracked
def test_cancel_order_items(tenant: Tenant, track: bool) -> None:
    location_id, stock = _location(tenant), {"MUG-RED": 0, "TEA-GREEN": 0}
    with connected(tenant) as session:
        for choices in _choices(track=track):
            guide = Guide(session, _order(tenant, track=track)["id"], choices)
            mugs, teas = (row["ids"] for row in guide.items())
            taken = [mugs[0], mugs[3], teas[1]]

            order = guide.follow(guide.cancel(taken))

            contras = guide.contras(taken)
            assert len(contras) == 3
            assert {UUID(contra).version for contra in contras} == {4}
            guide.tell("sendCancellationEmail", contras)
            mail = "sendCancellationEmail"
            assert guide.done == _expected(["cancelOrderItems"], choices, track=track, mail=mail), choices
            _check_end(tenant, guide, order, "cancel")
            assert order["status"] == "OPEN"
            if choices.restock:
                stock = {"MUG-RED": stock["MUG-RED"] + 2, "TEA-GREEN": stock["TEA-GREEN"] + 1}
    assert _stock(tenant, location_id) == (stock if track else {})


@tracked
def test_some_items_further_on_than_others(tenant: Tenant, track: bool) -> None:
    """One is finished before the next is approved, and one more is cancelled in between."""
    location_id, then = _location(tenant), "HANDLE_RESTOCK" if track else "HANDLE_FINISH"
    with connected(tenant) as session:
        choices = Choices(own_ids=True, fees=False, restock=True, mail=True)
        guide = Guide(session, _order(tenant, track=track)["id"], choices)
        mugs, teas = (row["ids"] for row in guide.items())
        guide.cancel([mugs[0], mugs[1], teas[1]])
        first, second, tea = (guide.contras([item])[0] for item in (mugs[0], mugs[1], teas[1]))
        ahead = guide.step("approveOrderItems", [first])
        assert ahead["actions"] == [
            {"action": "HANDLE_APPROVAL", "items": [second, tea]},
            {"action": then, "items": [first]},
        ]
        [parcel] = ahead["fees"]["shipping"]
        guide.credit([first], [{"fee_id": parcel["id"], "amount": 195}])
        done = guide.step("finishOrderItems", [first])
        assert done["actions"] == [{"action": "HANDLE_APPROVAL", "items": [second, tea]}]
        assert done["total"] == _GOODS + _SHIPPING - 1250 - 195

        guide.step("approveOrderItems", [tea])
        more = guide.cancel([mugs[4]])
        [last] = guide.contras([mugs[4]])
        assert more["actions"] == [
            {"action": "HANDLE_APPROVAL", "items": [second, last]},
            {"action": then, "items": [tea]},
        ]
        guide.credit([tea], [{"fee_id": parcel["id"], "amount": 400}])
        ended = guide.follow(more)

        guide.tell("sendCancellationEmail", [first, second, tea, last])
    assert ended["total"] == _GOODS + _SHIPPING - 3 * 1250 - 800 - 595
    assert (ended["status"], sum(row["total"] for row in ended["fees"]["shipping"])) == ("OPEN", 0)
    assert _stock(tenant, location_id) == ({"MUG-RED": 2, "TEA-GREEN": 1} if track else {})


@tracked
def test_return_order_items(tenant: Tenant, track: bool) -> None:
    """Announced, received in two parcels, and the order is CLOSED again in the end."""
    location_id, stock = _location(tenant), {"MUG-RED": 0, "TEA-GREEN": 0}
    with connected(tenant) as session:
        for choices in _choices(track=track):
            guide = Guide(session, _order(tenant, track=track)["id"], choices)
            tenant.api("POST", f"/orders/{guide.order_id}/fulfillments", {})
            mugs, teas = (row["ids"] for row in guide.items())
            taken = [mugs[1], mugs[4], teas[0]]

            announced = guide.announce(taken)
            assert (announced["status"], announced["actions"]) == ("OPEN", [])
            contras = guide.contras(taken)
            first = guide.receive(contras[:1])
            assert first["actions"] == [{"action": "HANDLE_APPROVAL", "items": contras[:1]}]
            order = guide.follow(guide.receive(contras[1:]))

            guide.tell("sendReturnEmail", contras)
            begun = ["returnOrderItems", "receiveOrderItems", "receiveOrderItems"]
            assert guide.done == _expected(begun, choices, track=track, mail="sendReturnEmail"), choices
            _check_end(tenant, guide, order, "return")
            assert order["status"] == "CLOSED"
            if choices.restock:
                stock = {"MUG-RED": stock["MUG-RED"] + 2, "TEA-GREEN": stock["TEA-GREEN"] + 1}
    assert _stock(tenant, location_id) == (stock if track else {})


@pytest.mark.parametrize("approve", [True, False], ids=["approved", "not approved"])
def test_return_lines_that_are_there_already(tenant: Tenant, approve: bool) -> None:
    """Whoever registered them, they keep their ids: step 1 is left out, and approval where the tenant has none."""
    tenant.api("PATCH", "/tenant", {"policy": {"approve_returns": approve}})
    _location(tenant)
    order = _order(tenant, track=True)
    tenant.api("POST", f"/orders/{order['id']}/fulfillments", {})
    lines = [{"line_id": order["lines"][0]["id"], "quantity": 2}]
    loose = [{"sku": "LAMP", "quantity": 1, "unit_price": 900}]
    tenant.api("POST", f"/orders/{order['id']}/returns", {"lines": lines, "loose": loose})
    with connected(tenant) as session:
        guide = Guide(session, order["id"], Choices(own_ids=False, fees=False, restock=True, mail=True))
        rows = [row for row in guide.items() if row["type"] in {"RETURN", "LOOSE_RETURN"}]
        assert [(row["type"], row["sku"], len(row["ids"])) for row in rows] == [
            ("RETURN", "MUG-RED", 2),
            ("LOOSE_RETURN", "LAMP", 1),
        ]
        ids = [id_ for row in rows for id_ in row["ids"]]
        ended = guide.follow(guide.receive(ids))
        guide.tell("sendReturnEmail", ids)
    walked = ["receiveOrderItems", "approveOrderItems", "restockOrderItems", "finishOrderItems", "sendReturnEmail"]
    assert guide.done == [step for step in walked if approve or step != "approveOrderItems"]
    assert (ended["status"], ended["total"]) == ("CLOSED", _GOODS + _SHIPPING - 2 * 1250 - 900)


@tracked
def test_a_bundle_with_its_parts(tenant: Tenant, track: bool) -> None:
    """A part without a price needs no approval, one with a price does; the actions tell them apart."""
    _location(tenant)
    bought = [
        {"id": "kit", "sku": "KIT", "quantity": 1, "unit_price": 5000, "type": "assemble_bundle"},
        {"sku": "BULB", "quantity": 2, "unit_price": 0, "type": "part", "parent_id": "kit"},
        {"sku": "SHADE", "quantity": 1, "unit_price": 1500, "type": "priced_part", "parent_id": "kit"},
    ]
    order = tenant.create(lines=bought, track_inventory=track)
    tenant.api("POST", f"/orders/{order['id']}/fulfillments", {})
    with connected(tenant) as session:
        guide = Guide(session, order["id"], Choices(own_ids=True, fees=True, restock=True, mail=False))
        kit, bulbs, shade = (row["ids"] for row in guide.items())
        guide.announce([*kit, bulbs[1], *shade])
        bundle, part, priced = guide.contras([*kit, bulbs[1], *shade])
        received = guide.receive([bundle, part, priced])
        assert received["actions"] == [
            {"action": "HANDLE_APPROVAL", "items": [bundle, priced]},
            {"action": "HANDLE_RESTOCK" if track else "HANDLE_FINISH", "items": [part]},
        ]
        ended = guide.follow(received)
    assert (ended["status"], ended["total"]) == ("CLOSED", 0)


@pytest.mark.parametrize("word", ["accept", "reject"])
def test_a_warehouse_that_has_to_agree(tenant: Tenant, word: str) -> None:
    """Until it has, there is nothing to do; then the process goes on, or the items are as they were."""
    order = _order(tenant, track=True)
    place = tenant.api("POST", "/locations", {"name": "Z", "connector": {"kind": "manual"}})
    tenant.api("POST", f"/orders/{order['id']}/allocations", {"location_id": place["id"], "stage": "picking"})
    with connected(tenant) as session:
        guide = Guide(session, order["id"], Choices(own_ids=True, fees=False, restock=False, mail=False))
        mugs = guide.items()[0]["ids"]
        waiting = guide.cancel(mugs[:2])
        assert (waiting["status"], waiting["actions"]) == ("OPEN", [])
        assert len(guide.contras(mugs[:2])) == 2
        [case] = tenant.api("GET", f"/orders/{order['id']}")["cases"]
        tenant.api("POST", f"/requests/{case['id']}/{word}", {"location_id": place["id"]})
        if word == "accept":
            ended = guide.follow(guide.read())
            assert guide.done == ["cancelOrderItems", "approveOrderItems", "finishOrderItems"]
            assert ended["total"] == _GOODS + _SHIPPING - 2 * 1250
        else:
            assert guide.read()["actions"] == []
            assert guide.contras(mugs[:2]) == []
            assert [row["is_contra"] for row in guide.items()] == [False, False]
