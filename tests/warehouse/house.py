"""A tenant with locations on a real store, and what its warehouses do: no web and no worker, tasks are done by hand."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from app.core.ledger import Ledger
from app.core.messages import Allocate, Cancel, Target
from app.core.model import Order, Reason, Scope, Stage
from app.core.outbox import Job
from app.core.policy import Policy
from app.core.ports import Location, Ref, Store
from app.service import places
from app.service.answers import Answers
from app.service.desk import Desk
from app.service.fulfilment import Fulfilment
from app.service.metering import Meter
from app.service.signals import Signals
from app.service.vault import Vault, new_key
from app.warehouse.client import Client
from app.warehouse.connecting import connectors
from tests.store.world import World, new_order

PUBLIC = "https://dragoman.example"


class Counter(Meter):
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def answered(self, connector: str, outcome: str) -> None:
        self.seen.append((connector, outcome))


@dataclass
class House:
    world: World
    client: Client
    signals: Signals = field(default_factory=Signals)
    meter: Counter = field(default_factory=Counter)
    vault: Vault = field(default_factory=lambda: Vault([new_key()]))

    def __post_init__(self) -> None:
        store, clock = self.world.store, self.world.clock
        self.desk = Desk(store, clock, signals=self.signals, on_answer=Answers(self.meter))
        self.world.desk = self.desk
        self.fulfilment = Fulfilment(
            self.desk,
            store,
            clock,
            vault=self.vault,
            connectors=connectors(self.client, PUBLIC),
            meter=self.meter,
        )

    async def location(self, id_: str, kind: str | None, **settings: Any) -> None:
        at = self.world.watch()
        made = Location(
            tenant_id=self.world.tenant_id,
            id=id_,
            name=id_,
            connector=kind,
            settings=places.kept(kind, settings, None, self.vault, allow_private=True),
            created_at=at,
            updated_at=at,
        )
        await self.world.store.save_location(made)

    async def settings(self, id_: str) -> Mapping[str, Any]:
        found = await self.world.store.location(self.world.tenant_id, id_)
        assert found is not None
        return places.opened(found, self.vault)

    async def asked(self, held: Mapping[str, int], *, kind: str = "simulator", free: int = 0, **more: Any) -> Order:
        """An order of which locations have so many units each in picking; all of it is to be cancelled."""
        order = await self.world.create(new_order(sum(held.values()) + free, **more))
        for location_id, quantity in held.items():
            targets = (Target(ref=order.lines[0].id, quantity=quantity),)
            allocate = Allocate(location_id=location_id, connector=kind, targets=targets, stage=Stage.PICKING)
            await self.world.act(order.id, allocate)
        await self.cancel(order)
        return await self.world.order(order.id)

    async def cancel(self, order: Order) -> None:
        await self.world.act(order.id, Cancel(scope=Scope.ORDER, reason=Reason(text="Changed my mind")))

    def job(self, kind: str, order: Order, **payload: str) -> Job:
        payload = {"case_id": order.cases[-1].id, **payload}
        return Job(
            tenant_id=self.world.tenant_id,
            id=f"{kind}-1",
            order_id=order.id,
            kind=kind,
            payload=json.dumps(payload),
            due_at=self.world.watch(),
        )

    async def ask(self, order: Order, location_id: str) -> Order:
        await self.fulfilment.ask(self.job("warehouse", order, location_id=location_id))
        return await self.world.order(order.id)

    async def deadline(self, order: Order) -> Order:
        await self.fulfilment.overdue(self.job("deadline", order))
        return await self.world.order(order.id)

    async def events(self, order: Order) -> list[tuple[str, str, str, str]]:
        """Types with credential, dialect and party, without how the order came to be."""
        found = await self.world.store.order_events(self.world.tenant_id, order.id, 0, 100)
        kept = [e for e in found if e.type.startswith("cancellation.")]
        return [(e.type.removeprefix("cancellation."), e.credential_id, e.dialect, e.party) for e in kept]

    async def read(self, order: Order) -> Ledger:
        return await self.desk.read(self.world.caller, Ref.to_order("native", order.id))

    async def policy(self, **changed: Any) -> None:
        tenant = await self.world.store.tenant(self.world.tenant_id)
        assert tenant is not None
        await self.world.store.save_tenant(replace(tenant, policy=Policy(**changed)))


@asynccontextmanager
async def house(store: Store, policy: Policy | None = None) -> AsyncIterator[House]:
    client = Client(allow_private=True)
    try:
        yield House(await World(store).add_tenant(policy), client)
    finally:
        await client.close()


def summary(order: Order) -> tuple[str, str | None, list[str]]:
    case = order.cases[-1]
    return case.state.value, case.message, [ask.state.value for ask in case.asks]
