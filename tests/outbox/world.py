"""A tenant with orders and webhooks, and workers for it, on one store; no test and no fixture is here."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

from app.core import messages as m
from app.core.model import Party
from app.core.outbox import Delivery, Subscription
from app.core.policy import Policy
from app.core.ports import Ref, Store, Tenant
from app.outbox import Limits, Sender, Worker, make_worker
from app.service.access import SCOPES, Caller
from app.service.clock import Clock
from app.service.deliveries import Deliveries
from app.service.desk import Desk
from app.service.hooks import ANY_TEXT, DISABLED, Draft, Envelope, Hooks, Occasion, Outgoing
from app.service.metering import Meter
from app.service.signals import Signals
from app.service.vault import Vault, new_key
from app.service.webhooks import Webhooks
from app.service.work import Handler
from app.store.codec import decode_order

LIMITS = Limits(look=0.1, lease=20.0, first_wait=0.02, longest_wait=0.05, tries=3, finish=5.0)
_numbers = count(1)
_KEY = new_key()


class TinyHooks(Hooks):
    """One message an event, or several; its body says of what, for whom, and how the order stood."""

    topics = ("order.created", "order.updated", "extra", DISABLED)
    client_secret = False
    secret_form = ANY_TEXT

    def __init__(self, schedule: tuple[float, ...] = (0.02, 0.04), disable_after: float = 3600.0) -> None:
        self.schedule = schedule
        self.disable_after = disable_after
        self.extra = False
        self.broken: Callable[[Occasion], bool] = lambda _: False

    def drafts(self, occasion: Occasion) -> Sequence[Draft]:
        if self.broken(occasion):
            raise ValueError("a fault in a mapping")
        topic = "order.created" if occasion.event.version == 1 else "order.updated"
        order = occasion.ledger.order
        content = {"order": order.id, "version": occasion.event.version, "note": order.note, "number": order.number}
        return [Draft(topic, content), *([Draft("extra", content)] if self.extra else [])]

    def body(self, draft: Draft, envelope: Envelope) -> bytes:
        return json.dumps({"id": envelope.id, "topic": draft.topic, "data": draft.content}).encode()

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        return {"Content-Type": "application/json", "X-Id": outgoing.id, "X-Secrets": " ".join(outgoing.secrets)}


class Counting(Meter):
    def __init__(self) -> None:
        self.outcomes: list[tuple[str, str]] = []

    def delivered(self, dialect: str, outcome: str, seconds: float) -> None:
        self.outcomes.append((dialect, outcome))

    def mailed(self, outcome: str) -> None:
        self.outcomes.append(("mail", outcome))


@dataclass
class World:
    store: Store
    hooks: dict[str, Hooks] = field(default_factory=lambda: {"tiny": TinyHooks()})
    clock: Clock = field(default_factory=Clock)
    limits: Limits = LIMITS
    timeout: float = 5.0
    tenant_id: str = field(default_factory=lambda: uuid4().hex[:12])
    handlers: dict[str, Handler] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.signals = Signals()
        self.vault = Vault([_KEY])
        self.meter = Counting()
        self.desk = Desk(self.store, self.clock, signals=self.signals)
        self.caller = Caller(self.tenant_id, "c1", Party.SELLER, frozenset(SCOPES), None, None)
        self.webhooks = Webhooks(
            self.desk, self.store, self.store, self.hooks, vault=self.vault, clock=self.clock, allow_private=True
        )
        self.deliveries = Deliveries(self.desk, self.store, self.webhooks, self.signals, self.clock)

    @property
    def tiny(self) -> TinyHooks:
        hooks = self.hooks["tiny"]
        assert isinstance(hooks, TinyHooks)
        return hooks

    async def open(self) -> "World":
        now = self.clock.now()
        await self.store.add_tenant(
            Tenant(id=self.tenant_id, name="Test", active=True, policy=Policy(), created_at=now)
        )  # fmt: skip
        return self

    async def subscribe(self, url: str, **facts: Any) -> Subscription:
        made: list[Subscription] = []

        def render(subscription: Subscription, _: str | None) -> str:
            made.append(subscription)
            return ""

        await self.webhooks.add(self.caller, None, render, **{"dialect": "tiny", "url": url} | facts)
        return made[0]

    async def subscription(self, subscription: Subscription) -> Subscription:
        return await self.webhooks.subscription(self.tenant_id, subscription.id)

    async def order(self) -> str:
        command = m.CreateOrder(
            number=f"N{next(_numbers)}",
            currency="EUR",
            lines=(m.NewLine(sku="MUG", title="Mug", quantity=3, unit_price=100),),
        )
        return (await self.desk.create(self.caller, "native", command, lambda done: done.ledger.order.id)).text

    async def note(self, order_id: str, text: str) -> None:
        """A change of the order, which everybody hears of."""
        await self.desk.act(
            self.caller, "native", Ref.to_order("native", order_id), m.EditOrder(note=text), lambda _: ""
        )

    async def orders(self, count: int) -> list[str]:
        return list(await asyncio.gather(*(self.order() for _ in range(count))))

    async def log(self, subscription: Subscription) -> list[Delivery]:
        return await self.deliveries.log(self.tenant_id, subscription.id, limit=1000)

    async def test_message(self, subscription: Subscription) -> None:
        await self.deliveries.test(self.caller, None, lambda each: each.id, subscription_id=subscription.id)

    async def has_logged(self, subscription: Subscription, count: int) -> bool:
        return len(await self.log(subscription)) >= count

    async def has_tried(self, subscription: Subscription, count: int) -> bool:
        """So many tries of all its messages together, or more: the next may follow before anybody looks."""
        return sum(len(each.attempts) for each in await self.log(subscription)) >= count

    async def queue(self) -> int:
        """How many tasks there are at all, due or not."""
        due, _ = await self.store.backlog(self.clock.now().replace(year=9000))
        return due

    async def settled(self, seconds: float = 10.0) -> None:
        """Until nothing is left to do."""
        await until(self._is_empty, seconds)

    async def _is_empty(self) -> bool:
        return await self.queue() == 0

    def make_worker(self, limits: Limits | None = None, *, store: Store | None = None) -> Worker:
        return make_worker(
            store or self.store,
            Sender(timeout=self.timeout, allow_private=True),
            hooks=self.hooks,
            vault=self.vault,
            signals=self.signals,
            clock=self.clock,
            decode=decode_order,
            handlers=self.handlers,
            meter=self.meter,
            limits=limits or self.limits,
        )

    @asynccontextmanager
    async def working(self, limits: Limits | None = None, *, store: Store | None = None) -> AsyncIterator[Worker]:
        worker = self.make_worker(limits, store=store)
        task = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            worker.stop()
            await asyncio.wait_for(task, 20)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < ends, "it takes too long"
        await asyncio.sleep(0.01)
