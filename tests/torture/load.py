"""Clients of several dialects that do business with the same orders at once. No test and no fixture is here."""

import json
import random
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.dialects import intents
from tests.dialects.server import Wire
from tests.torture import afosto
from tests.torture.asking import CANCELLING, Ask, Client

_LATEST = 30
"""Orders that clients still think of: few enough for them to meet."""
_STAGES = ("planned", "requested", "accepted", "picking")
_SIMULATED = (
    None,
    "accept",
    "refuse",
    "silent",
    "twice",
    "contradict",
    {"behaviour": "accept", "delay": 0.5},
    {"behaviour": "refuse", "delay": 0.2, "message": "on its way"},
    {"behaviour": "accept", "delay": 5},
)
"""What a simulated warehouse makes of an order; the last comes after the deadline."""
_SOME_GIVE_UP = 0.25
_LONGEST_PAUSE = 0.15


@dataclass
class Shop:
    """A tenant, as its clients see it. `locations` and `webhooks` are ids by name."""

    id: str
    key: str
    on_silence: str
    locations: dict[str, str] = field(default_factory=dict)
    webhooks: dict[str, str] = field(default_factory=dict)
    orders: deque[Any] = field(default_factory=lambda: deque(maxlen=_LATEST))
    asked_by_hand: deque[str] = field(default_factory=deque)
    begun: deque[Ask] = field(default_factory=deque)
    """Cancellations that their clients have to take further."""
    asks: list[Ask] = field(default_factory=list)
    """Everything that anybody asked for."""


class Load:
    """Threads that ask at random, each with a sequence of its own; what fails in one is raised by `check`."""

    def __init__(self, bases: Sequence[str], shops: Sequence[Shop], seed: int) -> None:
        self._bases = bases
        self._shops = shops
        self._seed = seed
        self._stopped = threading.Event()
        self._running: list[Future[None]] = []

    def check(self) -> None:
        for each in self._running:
            if each.done():
                each.result()

    @contextmanager
    def running(self, clients: int) -> Iterator[None]:
        """Until the block ends; then what is being asked is asked to its end."""
        with ThreadPoolExecutor(clients, thread_name_prefix="client") as pool:
            self._running = [pool.submit(self._work, n) for n in range(clients)]
            try:
                yield
            finally:
                self._stopped.set()
        self.check()

    def _work(self, n: int) -> None:
        rng = random.Random(f"{self._seed}:{n}")
        shop = self._shops[n % len(self._shops)]
        client = Client(self._bases, shop.key, rng)
        one = _Clerk(shop, client, rng, f"{self._seed}-{n}")
        try:
            while not self._stopped.wait(rng.uniform(0, _LONGEST_PAUSE)):
                one.step()
        finally:
            client.close()


class _Clerk:
    """One client of a shop."""

    def __init__(self, shop: Shop, client: Client, rng: random.Random, name: str) -> None:
        self._shop = shop
        self._client = client
        self._rng = rng
        self._name = name
        self._count = 0

    def step(self) -> None:
        if not self._shop.orders or self._rng.random() < 0.35:
            self._create()
        elif self._shop.asked_by_hand and self._rng.random() < 0.15:
            self._answer()
        elif self._shop.begun and self._rng.random() < 0.15:
            self._go_on()
        elif self._rng.random() < 0.15:
            self._ship()
        else:
            self._cancel()

    def _create(self) -> None:
        id_ = self._id()
        where = self._rng.choice([None, *self._shop.locations])
        state = "open" if where is not None else self._rng.choice(("open", "draft"))
        body: dict[str, Any] = {"number": id_, "state": state, "currency": "EUR", "lines": intents.lines()}
        if (simulate := self._rng.choice(_SIMULATED)) is not None:
            body["metadata"] = {"simulate": simulate}
        created = self._ask(Ask(id_, "create", "native", Wire("POST", "/api/orders", body)))
        if not created.done:
            return
        order = json.loads(created.body)
        if where is not None:
            told = {"location_id": self._shop.locations[where], "stage": self._rng.choice(_STAGES)}
            self._ask(self._native("allocate", order["id"], f"/api/orders/{order['id']}/allocations", told))
        elif order["state"] == "draft":
            self._ask(self._native("open", order["id"], f"/api/orders/{order['id']}/open", {}))
        self._shop.orders.append(order)

    def _ship(self) -> None:
        order = self._order()
        line = self._rng.choice(order["lines"])
        told = {"lines": [{"line_id": line["id"], "quantity": 1}]}
        self._ask(self._native("ship", order["id"], f"/api/orders/{order['id']}/fulfillments", told))

    def _cancel(self) -> None:
        dialect = self._rng.choice(sorted(CANCELLING))
        ask = CANCELLING[dialect](self._client, self._rng, self._id(), self._order())
        if ask is None:
            return
        begun = self._ask(ask).status == 202
        if dialect == "afosto":
            self._shop.begun.append(ask)  # perhaps it is in, and nobody was told
        elif begun:
            self._shop.asked_by_hand.append(ask.case_id)

    def _go_on(self) -> None:
        """As far as it may go: a warehouse may still have to agree, and then it is for later."""
        begun = self._shop.begun.popleft()
        for step in afosto.STEPS:
            wire = afosto.take(step, begun.order_id, begun.contras)
            ask = Ask(self._id(), step, "afosto", wire, begun.order_id, contras=begun.contras)
            if not self._ask(ask).done:
                return

    def _answer(self) -> None:
        """A person at a warehouse. Where no person was asked, it is one answer too many, which changes nothing."""
        case = self._shop.asked_by_hand.popleft()
        word = self._rng.choice(("accept", "reject"))
        self._ask(self._native("answer", "", f"/api/requests/{case}/{word}", {"message": "by hand"}))

    def _native(self, kind: str, order_id: str, path: str, body: Any) -> Ask:
        return Ask(self._id(), kind, "native", Wire("POST", path, body), order_id)

    def _ask(self, ask: Ask) -> Ask:
        ask.gives_up = self._rng.random() < _SOME_GIVE_UP
        self._shop.asks.append(ask)
        return self._client.ask(ask)

    def _order(self) -> Any:
        return self._rng.choice(list(self._shop.orders))

    def _id(self) -> str:
        self._count += 1
        return f"{self._name}-{self._count}"
