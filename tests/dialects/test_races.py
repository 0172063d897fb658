"""Everybody at once on a few orders, through all dialects: what was answered is what happened, each once.

`DRAGOMAN_TORTURE_RACES` says how many requests; without it, some hundred.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.dialects import telling
from tests.dialects.books import check
from tests.dialects.server import PATIENCE, Server, Wire, keyed, succeeded
from tests.dialects.speakers import SPEAKERS
from tests.dialects.telling import Chosen, adjustments
from tests.dialects.tenants import Tenant

REQUESTS = int(os.environ.get("DRAGOMAN_TORTURE_RACES", "400"))
CLIENTS = 12
ORDERS = 3
PIECES = REQUESTS // 15
SKUS = ("MUG-RED", "TEA-GREEN", "TRAY-OAK")
POLICY = {"warehouse_deadline": 1, "sync_wait": 0}
_ONE_CALL = ("native", "convictional")
_STEPS = {"receive": "received", "approve": "approved", "restock": "restocked", "finish": "finished"}


@dataclass
class Told:
    """What clients were told that they did: each entry is one unit of a line, one case, one step, one answer."""

    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: int = 0
    twice: int = 0

    def __add__(self, other: "Told") -> "Told":
        return Told(self.done + other.done, self.refused + other.refused, self.twice + other.twice)


class Client:
    def __init__(self, tenant: Tenant, orders: Sequence[Any], places: Mapping[str, str], seed: int) -> None:
        self._tenant = tenant
        self._orders = orders
        self._places = places
        self._rng = random.Random(seed)
        self._told = Told()

    def work(self, requests: int) -> Told:
        kinds: Sequence[Callable[[Any, int], None]] = (
            self._ship, self._cancel, self._cancel, self._begin, self._announce, self._step, self._step, self._step,
            self._allocate, self._answer,
        )  # fmt: skip
        for _ in range(requests):
            order = self._tenant.api("GET", f"/orders/{self._rng.choice(self._orders)['id']}")
            self._rng.choice(kinds)(order, self._rng.randrange(len(SKUS)))
        return self._told

    def _ship(self, order: Any, line: int) -> None:
        speaker = self._rng.choice([each for each in SPEAKERS.values() if each.ship(order, line, 1) is not None])
        self._ask(speaker.ship(order, line, 1), ("shipped", order["lines"][line]["id"]))

    def _cancel(self, order: Any, line: int) -> None:
        speaker, units = SPEAKERS[self._rng.choice(_ONE_CALL)], self._rng.randint(1, 3)
        seen = self._tenant.send(speaker.read(order)).json()
        wire = speaker.cancel_part(order, seen, line, units, "late")
        if wire is not None and (wire.body or {}).get("newQuantity", 0) >= 0:
            self._ask(wire, ("cancel", order["id"]), *[("taken", order["lines"][line]["id"])] * units)

    def _begin(self, order: Any, line: int) -> None:
        words = telling.begin_cancel(line, 1, own_ids=True)
        unit = self._rng.randint(1, PIECES)
        self._say(words, order, [unit], ("cancel", order["id"]), ("taken", order["lines"][line]["id"]))

    def _announce(self, order: Any, line: int) -> None:
        words = telling.announce(line, 1, own_ids=True)
        self._say(words, order, [self._rng.randint(1, PIECES)], ("return", order["id"]))

    def _step(self, order: Any, line: int) -> None:
        if adjustments(order):
            word = self._rng.choice(sorted(_STEPS))
            chosen = Chosen(self._rng.randrange(1000), self._rng.randrange(1000))
            self._say(telling.step(word, chosen, self._places["shelf"]), order, [], (word, order["id"]))

    def _allocate(self, order: Any, line: int) -> None:
        lines = [{"line_id": order["lines"][line]["id"], "quantity": self._rng.randint(1, 2)}]
        body = {"location_id": self._places["people"], "lines": lines, "stage": "requested"}
        self._ask(Wire("POST", f"/api/orders/{order['id']}/allocations", body), ("allocated", order["id"]))

    def _answer(self, order: Any, line: int) -> None:
        """Whether it came first or last is not told, so it counts nothing."""
        waiting = [case["id"] for case in order["cases"] if any(ask["state"] == "PENDING" for ask in case["asked"])]
        if waiting:
            word = self._rng.choice(("accept", "reject"))
            self._ask(Wire("POST", f"/api/requests/{self._rng.choice(waiting)}/{word}", {"message": "so"}))

    def _say(self, words: telling.Words, order: Any, units: Sequence[int], *what: tuple[str, str]) -> None:
        self._ask(words[self._rng.choice(sorted(words))](order, units), *what)

    def _ask(self, wire: Wire | None, *what: tuple[str, str]) -> None:
        """Now and then it is clicked twice."""
        assert wire is not None
        sent = keyed(wire, uuid4().hex)
        answers = [self._tenant.send(sent)]
        if self._rng.random() < 0.1:
            answers.append(self._tenant.send(sent))
            self._told.twice += succeeded(answers[0])
            _check_same(answers, replayed=bool(what))
        if any(succeeded(answer) for answer in answers):  # who was too late at first may be in time then
            self._told.done.update(what)
        else:
            self._told.refused += 1


def _check_same(answers: Sequence[httpx.Response], *, replayed: bool) -> None:
    """An answer that came too late has changed nothing, so nothing is kept of it: then the second is like the first."""
    first, again = answers
    if succeeded(first):
        assert succeeded(again), again.text
        assert not replayed or again.headers.get("Idempotency-Replayed") == "true"


def happened(orders: Sequence[Any]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for order in orders:
        for line in order["lines"]:
            found["shipped", line["id"]] += line["fulfilled"]
        for case in order["cases"]:
            found["return" if case["type"] == "RETURN" else "cancel", order["id"]] += 1
            for adjustment in case["adjustments"]:
                if case["type"] == "CANCEL":
                    found["taken", adjustment["line_id"]] += adjustment["quantity"]
                if case["stepwise"] or case["type"] == "RETURN":
                    steps = Counter(step["step"] for step in adjustment["steps"])
                    assert max(steps.values()) == 1
                    found.update((word, order["id"]) for word, step in _STEPS.items() if step in steps)
        found["allocated", order["id"]] += len(order["allocations"])
    return +found


def _settled(tenant: Tenant, order_id: str) -> Any:
    """Once every warehouse has answered, or its time is up."""
    deadline = time.monotonic() + PATIENCE
    while True:
        order = tenant.api("GET", f"/orders/{order_id}")
        if not any(ask["state"] == "PENDING" for case in order["cases"] for ask in case["asked"]):
            return order
        assert time.monotonic() < deadline, "a warehouse is waited for without end"
        time.sleep(0.05)


@pytest.mark.parametrize("on_silence", ["accept", "reject"])
def test_what_was_answered_is_what_happened(server: Server, on_silence: str) -> None:
    tenant = Tenant.add(server)
    tenant.api("PATCH", "/tenant", {"policy": {**POLICY, "on_silence": on_silence}})
    places = {
        "shelf": tenant.api("POST", "/locations", {"name": "shelf"})["id"],
        "people": tenant.api("POST", "/locations", {"name": "people", "connector": {"kind": "manual"}})["id"],
    }
    lines = [{"sku": sku, "quantity": PIECES, "unit_price": 100 + n} for n, sku in enumerate(SKUS)]
    orders = [tenant.create(lines=lines) for _ in range(ORDERS)]
    seed = random.SystemRandom().randrange(1 << 32)
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [Client(tenant, orders, places, seed + n) for n in range(CLIENTS)]
        told = sum(pool.map(lambda client: client.work(REQUESTS // 2 // CLIENTS), clients), Told())
    after = [_settled(tenant, order["id"]) for order in orders]
    assert happened(after) == told.done, f"seed {seed}"
    after = _all_the_rest(tenant, after)
    for order in after:
        assert on_silence == "reject" or not any(line["open"] + line["pending"] for line in _undecided(order))
        assert len(_events(tenant, order["id"])) == order["version"]
        check(tenant, order["id"])
    assert told.done.total() > REQUESTS // 8
    assert told.refused > 0
    assert told.twice > 0


def _all_the_rest(tenant: Tenant, orders: Sequence[Any]) -> list[Any]:
    """Whoever has one word for all that is left says it at once; HappyColis answers with the case that it made or met.
    The orders after it."""
    asked = [(order, name, say) for order in orders for name, say in telling.cancel_rest().items()] * 2
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [*pool.map(lambda each: tenant.send(keyed(each[2](each[0], ()), uuid4().hex)), asked)]
    told, met = Counter[tuple[str, str]](), set[str]()
    for (order, name, _), answer in zip(asked, answers, strict=True):
        if succeeded(answer) and name == "happycolis":
            met.add(answer.json()["data"]["orderCancel"]["id"])
        elif succeeded(answer):
            told[order["id"], name] += 1
    after = [_settled(tenant, order["id"]) for order in orders]
    made = [(order["id"], case) for order in after for case in order["cases"] if case["scope"] != "lines"]
    assert Counter((id_, case["dialect"]) for id_, case in made if case["dialect"] != "happycolis") == told
    assert {case["id"] for _, case in made if case["dialect"] == "happycolis"} <= met
    assert {id_ for id_, _ in made} == {order["id"] for order in orders}
    return after


def _undecided(order: Any) -> list[Any]:
    """Lines of which nothing waits for a client to take a step."""
    waiting = {a["line_id"] for a in adjustments(order) if a["step"] == "awaiting_approval"}
    return [line for line in order["lines"] if line["id"] not in waiting]


def _events(tenant: Tenant, order_id: str) -> list[Any]:
    found: list[Any] = []
    while page := tenant.api("GET", f"/orders/{order_id}/events?limit=250&after={len(found)}")["events"]:
        found += page
    assert [event["version"] for event in found] == [*range(1, len(found) + 1)]
    return found
