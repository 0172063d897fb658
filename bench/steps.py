"""Afosto's processes step by step, and what each change of a large order costs over the same change of a small one."""

import argparse
import json
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import Any
from zlib import crc32

from app.core.ids import child
from bench.data import Loaded, cancel_request, command, load_these, order_id
from bench.servers import Load, Server, dragoman, drive
from bench.table import Row

SMALL, LARGE = 3, 500
QUANTITY = 10
_OWN = 5
"""How many sets of orders the large ones take: one is walked through the steps, each of the others cancelled once."""
_TICK = 0.01
"""Seconds: what the system counts processor time in."""

Ask = Callable[[int], dict[str, Any]]


class Client:
    """Requests about the order of a number, all under a key of their own to retry with. Afosto's are about two items
    of its first line, as the guides write them: variables, and the actions are read with each answer."""

    def __init__(self, loaded: Loaded, lines: int, location: str) -> None:
        self._loaded = loaded
        self._lines = lines
        self._location = location

    def cancel(self, n: int) -> dict[str, Any]:
        return self._mutation(n, "cancelOrderItems", items=self._begun(n, (1, 2), "OUT_OF_STOCK"))

    def announce(self, n: int) -> dict[str, Any]:
        return self._mutation(n, "returnOrderItems", items=self._begun(n, (3, 4), "DAMAGED"))

    def receive(self, n: int) -> dict[str, Any]:
        return self._mutation(n, "receiveOrderItems", items=[{"item_id": contra(n, unit)} for unit in (3, 4)])

    def approve(self, n: int, units: Sequence[int] = (1, 2)) -> dict[str, Any]:
        return self._mutation(n, "approveOrderItems", items=[contra(n, unit) for unit in units])

    def credit(self, n: int) -> dict[str, Any]:
        fees = [{"fee_id": child(order_id(n), self._lines + 1), "amount": 295}]
        return self._mutation(n, "addContraFeesToOrderItems", item_ids=[contra(n, unit) for unit in (1, 2)], fees=fees)

    def restock(self, n: int) -> dict[str, Any]:
        items = [{"item_id": contra(n, unit), "location_id": self._location} for unit in (1, 2)]
        return self._mutation(n, "restockOrderItems", items=items)

    def finish(self, n: int, units: Sequence[int] = (1, 2)) -> dict[str, Any]:
        return self._mutation(n, "finishOrderItems", items=[contra(n, unit) for unit in units])

    def mail(self, n: int, units: Sequence[int] = (1, 2), name: str = "sendCancellationEmail") -> dict[str, Any]:
        return self._mutation(n, name, item_ids=[contra(n, unit) for unit in units])

    def ship(self, n: int) -> dict[str, Any]:
        return self._request(n, f"/api/orders/{order_id(n)}/fulfillments", {})

    def native(self, n: int) -> dict[str, Any]:
        return cancel_request(self._loaded, n)

    def shopline(self, n: int) -> dict[str, Any]:
        return self._request(n, f"/shopline/orders/{order_id(n)}/cancel", {"reason": "Sold out"})

    def convictional(self, n: int) -> dict[str, Any]:
        path = f"/convictional/orders/{order_id(n)}/items/{child(order_id(n), 1)}/cancel"
        return self._request(n, path, {"newQuantity": QUANTITY - 2, "reason": "Sold out"})

    def happycolis(self, n: int) -> dict[str, Any]:
        document = "mutation Cancel($id: String!) { orderCancel(id: $id) { id type state message } }"
        body = {"query": document, "variables": {"id": order_id(n)}}
        return self._request(n, "/happycolis/graphql", body)

    def _begun(self, n: int, units: Iterable[int], reason: str) -> list[dict[str, str]]:
        line = child(order_id(n), 1)
        return [{"item_id": f"{line}.{unit}", "contra_item_id": contra(n, unit), "reason": reason} for unit in units]

    def _mutation(self, n: int, name: str, **given: Any) -> dict[str, Any]:
        title = name[0].upper() + name[1:]
        fees = name == "addContraFeesToOrderItems"
        told = "items { id }" if fees else "order { id actions { action items } }"
        document = f"mutation {title}($input: {title}Input!) {{ {name}(input: $input) {{ {told} }} }}"
        variables = {"input": given if fees else {"order_id": order_id(n), **given}}
        return self._request(n, "/afosto/graphql", {"query": document, "variables": variables})

    def _request(self, n: int, path: str, body: Any) -> dict[str, Any]:
        key = f"{order_id(n)}-{crc32(json.dumps(body).encode()):x}"
        headers = {"Authorization": f"Bearer {self._loaded.key}", "Idempotency-Key": key}
        return {"method": "POST", "path": path, "headers": headers, "body": body}


def contra(n: int, unit: int) -> str:
    """The id that the client gives to a contra item."""
    return f"{n:08x}-0000-4000-8000-{unit:012x}"


def rows(engine: str, url: str, asked: argparse.Namespace) -> Iterator[Row]:
    walked = 2 * asked.rounds * asked.cancels
    several = _OWN * asked.large
    large = [command(SMALL, QUANTITY)] * several + [command(LARGE, QUANTITY)] * several
    loaded = load_these(url, [command()] * walked + large)
    with dragoman(url) as service:
        location = _location(service, loaded)
        yield from _walked(engine, service, Client(loaded, SMALL, location), asked)
        small, big = (_sets(walked + 1 + n * several, asked.large) for n in range(2))
        clients = Client(loaded, SMALL, location), Client(loaded, LARGE, location)
        yield from _large(engine, service, clients, (small, big))


def _walked(engine: str, service: Server, client: Client, asked: argparse.Namespace) -> Iterator[Row]:
    """Each step on as many orders of its own at once as the cancellation over REST, in turn with it."""
    steps = {
        "cancelOrderItems": client.cancel,
        "approveOrderItems": client.approve,
        "addContraFeesToOrderItems": client.credit,
        "restockOrderItems": client.restock,
        "finishOrderItems": client.finish,
    }
    ratios: dict[str, list[float]] = {name: [] for name in steps}
    costs: dict[str, list[float]] = {name: [] for name in steps}
    first = 1
    for _ in range(asked.rounds):
        rest, spent = _timed(service, asked.in_flight, client.native, range(first, first + asked.cancels))
        numbers = range(first + asked.cancels, first + 2 * asked.cancels)
        for name, step in steps.items():
            load, cpu = _timed(service, asked.in_flight, step, numbers)
            ratios[name].append(load.per_second / rest.per_second)
            costs[name].append(cpu / spent)
        first += 2 * asked.cancels
    for name in steps:
        yield Row(f"{engine}: {name} over the REST line cancel", median(ratios[name]), limit="at least 0.7")
        yield Row(f"{engine}: its processor time over that one's", median(costs[name]))


def _large(
    engine: str, service: Server, clients: tuple[Client, Client], sets: tuple[list[range], list[range]]
) -> Iterator[Row]:
    """One request at a time; small and large in turn."""
    measured = [_changes(client) for client in clients]
    for (place, name, small), (_, _, large) in zip(*measured, strict=True):
        (few, less), (many, more) = (
            _timed(service, 1, ask, own[place]) for ask, own in zip((small, large), sets, strict=True)
        )
        if name:
            ratio = median(many.ms) / median(few.ms)
            yield Row(f"{engine}: {name}, {LARGE} lines over {SMALL}", ratio, limit="under 5")
            yield Row(f"{engine}: its processor time over that one's", more / max(less, _TICK))


def _changes(client: Client) -> list[tuple[int, str, Ask]]:
    """Which set of orders each is done to, and what it is called; without a name, it only leads to the next."""
    return [
        (0, "cancelOrderItems", client.cancel),
        (0, "approveOrderItems", client.approve),
        (0, "addContraFeesToOrderItems", client.credit),
        (0, "restockOrderItems", client.restock),
        (0, "finishOrderItems", client.finish),
        (0, "sendCancellationEmail", client.mail),
        (0, "", client.ship),
        (0, "returnOrderItems", client.announce),
        (0, "receiveOrderItems", client.receive),
        (0, "", partial(client.approve, units=(3, 4))),
        (0, "", partial(client.finish, units=(3, 4))),
        (0, "sendReturnEmail", partial(client.mail, units=(3, 4), name="sendReturnEmail")),
        (1, "native line cancel", client.native),
        (2, "Shopline cancel", client.shopline),
        (3, "Convictional line cancel", client.convictional),
        (4, "HappyColis orderCancel", client.happycolis),
    ]


def _sets(first: int, size: int) -> list[range]:
    return [range(first + n * size, first + (n + 1) * size) for n in range(_OWN)]


def _timed(service: Server, in_flight: int, ask: Ask, numbers: range) -> tuple[Load, float]:
    """With the processor time that the service took."""
    before = service.cpu()
    load = drive(service, in_flight, map(ask, numbers))
    return load, service.cpu() - before


def _location(service: Server, loaded: Loaded) -> str:
    headers = {"Authorization": f"Bearer {loaded.key}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{service.url}/api/locations", b'{"name": "Rotterdam"}', headers)
    with urllib.request.urlopen(asked) as answer:
        return str(json.load(answer)["id"])
