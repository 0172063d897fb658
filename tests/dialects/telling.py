"""The same intent about an order in every dialect that has words for it: cancellations and returns step by step, fees,
refunds, shipments. No test and no fixture is here.

Each says what is asked, given the order as the native API shows it. `units` are those of its line that go: dialects
that count say how many, and Afosto names each.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from tests.dialects.server import Wire

Order = Mapping[str, Any]
Say = Callable[[Order, Sequence[int]], Wire]
Words = Mapping[str, Say]
"""By dialect."""


def adjustments(order: Order) -> list[dict[str, Any]]:
    """All of them by id, each with the dialect of its case."""
    found = [
        {**a, "dialect": case["dialect"], "kind": case["type"]} for case in order["cases"] for a in case["adjustments"]
    ]
    return sorted(found, key=lambda a: str(a["id"]))


def numbers(adjustment: Mapping[str, Any]) -> list[int]:
    return [n for first, last in adjustment["units"] for n in range(first, last + 1)]


def afosto(mutation: str, **given: Any) -> Wire:
    name = f"{mutation[0].upper()}{mutation[1:]}Input"
    told = "items { id }" if mutation == "addContraFeesToOrderItems" else "order { id actions { action items } }"
    document = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ {told} }} }}"
    return Wire("POST", "/afosto/graphql", {"query": document, "variables": {"input": given}})


def _native(order: Order, path: str, body: Any = None) -> Wire:
    return Wire("POST", f"/api/orders/{order['id']}{path}", body)


def _lines(order: Order, line: int, count: int) -> list[dict[str, Any]]:
    return [{"line_id": order["lines"][line]["id"], "quantity": count}]


def _begun(order: Order, line: int, units: Sequence[int], *, own_ids: bool) -> list[dict[str, Any]]:
    id_ = order["lines"][line]["id"]
    return [
        {"item_id": f"{id_}.{n}", "reason": "LATE"} | ({"contra_item_id": str(uuid4())} if own_ids else {})
        for n in units
    ]


def begin_cancel(line: int, count: int, *, own_ids: bool) -> Words:
    def native(order: Order, _: Sequence[int]) -> Wire:
        body = {"lines": _lines(order, line, count), "stepwise": True, "reason_code": "LATE"}
        return _native(order, "/cancellations", body)

    def stepwise(order: Order, units: Sequence[int]) -> Wire:
        items = _begun(order, line, units, own_ids=own_ids)
        return afosto("cancelOrderItems", order_id=order["id"], items=items)

    return {"native": native, "afosto": stepwise}


def announce(line: int, count: int, *, own_ids: bool) -> Words:
    def native(order: Order, _: Sequence[int]) -> Wire:
        return _native(order, "/returns", {"lines": _lines(order, line, count), "reason_code": "LATE"})

    def stepwise(order: Order, units: Sequence[int]) -> Wire:
        items = _begun(order, line, units, own_ids=own_ids)
        return afosto("returnOrderItems", order_id=order["id"], items=items)

    return {"native": native, "afosto": stepwise}


def announce_loose(count: int) -> Words:
    loose = [{"sku": "LOOSE", "quantity": count, "unit_price": 77}]
    return {"native": lambda order, _: _native(order, "/returns", {"loose": loose})}


_MUTATIONS = {
    "receive": "receiveOrderItems",
    "approve": "approveOrderItems",
    "restock": "restockOrderItems",
    "finish": "finishOrderItems",
}


class Chosen:
    """An adjustment by its place among all of the order, or one unit of it."""

    def __init__(self, place: int, unit: int | None) -> None:
        self._place = place
        self._unit = unit

    def _found(self, order: Order) -> tuple[dict[str, Any], list[int]]:
        known = adjustments(order)
        found = known[self._place % len(known)]
        units = numbers(found)
        return found, units if self._unit is None else [units[self._unit % len(units)]]

    def native(self, order: Order) -> str:
        found, units = self._found(order)
        return str(found["id"]) if self._unit is None else f"{found['origin']}.{units[0]}"

    def items(self, order: Order) -> list[str]:
        """As Afosto calls them: only its own clients give them ids."""
        found, units = self._found(order)
        given = found["contra_ids"] if found["dialect"] == "afosto" else {}
        return [given.get(str(n)) or f"{found['origin']}.{n}" for n in units]


def step(word: str, chosen: Chosen, location_id: str) -> Words:
    def native(order: Order, _: Sequence[int]) -> Wire:
        place = {"location_id": location_id} if word == "restock" else {}
        return _native(order, f"/{word}", {"adjustments": [chosen.native(order)], **place})

    def stepwise(order: Order, _: Sequence[int]) -> Wire:
        ids: list[Any] = [*chosen.items(order)]
        if word == "receive":
            ids = [{"item_id": id_} for id_ in ids]
        if word == "restock":
            ids = [{"item_id": id_, "location_id": location_id} for id_ in ids]
        return afosto(_MUTATIONS[word], order_id=order["id"], items=ids)

    return {"native": native, "afosto": stepwise}


def credit(chosen: Chosen, fee: int, amount: int) -> Words:
    def fee_of(order: Order) -> list[dict[str, Any]]:
        return [{"fee_id": order["fees"][fee % len(order["fees"])]["id"], "amount": amount}]

    return {
        "native": lambda order, _: _native(
            order, "/credit-fees", {"adjustments": [chosen.native(order)], "fees": fee_of(order)}
        ),
        "afosto": lambda order, _: afosto(
            "addContraFeesToOrderItems", item_ids=chosen.items(order), fees=fee_of(order)
        ),
    }


def ship(line: int, count: int) -> Words:
    def shopline(order: Order, _: Sequence[int]) -> Wire:
        items = [{"id": order["lines"][line]["id"], "ship_quantity": count}]
        return Wire("POST", f"/shopline/orders/{order['id']}/fulfillments", {"line_items": items})

    def convictional(order: Order, _: Sequence[int]) -> Wire:
        items = [{"sku": order["lines"][line]["sku"], "quantity": count}]
        return Wire("POST", f"/convictional/orders/{order['id']}/fulfillments", {"items": items})

    return {
        "native": lambda order, _: _native(order, "/fulfillments", {"lines": _lines(order, line, count)}),
        "shopline": shopline,
        "convictional": convictional,
    }


def move(place: int, state: str) -> Words:
    """A shipment is `delivered`, or `void`."""
    word = {"delivered": "complete", "void": "cancel"}[state]

    def one(order: Order) -> str:
        return f"orders/{order['id']}/fulfillments/{order['fulfillments'][place % len(order['fulfillments'])]['id']}"

    return {
        "native": lambda order, _: Wire("PATCH", f"/api/{one(order)}", {"state": state}),
        "shopline": lambda order, _: Wire("POST", f"/shopline/{one(order)}/{word}"),
    }


def cancel_rest() -> Words:
    """All that is left, at once."""

    def happycolis(order: Order, _: Sequence[int]) -> Wire:
        document = "mutation ($id: String!) { orderCancel(id: $id) { id } }"
        return Wire("POST", "/happycolis/graphql", {"query": document, "variables": {"id": order["id"]}})

    return {
        "native": lambda order, _: _native(order, "/cancellations", {"unfulfilled_only": True}),
        "convictional": lambda order, _: Wire(
            "POST", f"/convictional/orders/{order['id']}/cancel", {"unfulfilledOnly": True}
        ),
        "shopline": lambda order, _: Wire("POST", f"/shopline/orders/{order['id']}/cancel", {}),
        "happycolis": happycolis,
    }


def refund(line: int | None, count: int, price: int | None, *, back: bool) -> Words:
    """Units of a line, a price, or all that is left; `back`: what was shipped of it came back, too."""

    def native(order: Order, _: Sequence[int]) -> Wire:
        body: dict[str, Any] = {"receive": back}
        if price is not None:
            body["amount"] = price
        elif line is not None:
            body["lines"] = _lines(order, line, count)
        return _native(order, "/refunds", body)

    def shopline(order: Order, _: Sequence[int]) -> Wire:
        path = f"/shopline/orders/{order['id']}"
        if price is not None:
            return Wire(
                "POST", f"{path}/partial_refund", {"price": f"{price // 100}.{price % 100:02d}", "is_return": back}
            )
        items = [] if line is None else [{"id": order["lines"][line]["id"], "quantity": count}]
        return Wire("POST", f"{path}/partial_refund", {"line_items": items, "is_return": back})

    whole = line is None and price is None
    alone: Say = lambda order, _: Wire("POST", f"/shopline/orders/{order['id']}/refund")  # noqa: E731
    return {"native": native} | ({"shopline": alone} if whole and not back else {} if whole else {"shopline": shopline})


def refund_item(place: int, count: int, items: Callable[[Order], Sequence[Any]], *, cancel: bool) -> Words:
    """Convictional's own: of one item of a chain, which is certain units."""

    def convictional(order: Order, _: Sequence[int]) -> Wire:
        known = items(order)
        item = {"ItemId": known[place % len(known)]["_id"], "Reason": "late", "QuantityToRefund": count}
        path = f"/convictional/orders/{order['id']}/refund"
        return Wire("POST", path, {"items": [item], "cancelUnfulfilled": cancel})

    return {"convictional": convictional}


def archive(*, away: bool) -> Words:
    native, shopline = ("archive", "close") if away else ("unarchive", "open")
    return {
        "native": lambda order, _: _native(order, f"/{native}"),
        "shopline": lambda order, _: Wire("POST", f"/shopline/orders/{order['id']}/{shopline}"),
    }


def allocate(line: int, count: int, location_id: str, stage: str) -> Words:
    def native(order: Order, _: Sequence[int]) -> Wire:
        body = {"location_id": location_id, "stage": stage, "lines": _lines(order, line, count)}
        return _native(order, "/allocations", body)

    return {"native": native}
