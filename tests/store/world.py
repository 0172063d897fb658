"""What the store's tests share: a clock that moves only as told, tenants with a caller, and tables as plain values."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Boolean, DateTime, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

import app.store.tables  # noqa: F401 - declares the tables
from app.core import create
from app.core.commands import Command
from app.core.ledger import Ledger
from app.core.messages import Change, Context, CreateOrder, NewLine
from app.core.model import Actor, Order, Party
from app.core.outbox import Subscription
from app.core.policy import Policy
from app.core.ports import Commit, Location, Ref, ReplayKey, Store, Tenant
from app.service.access import SCOPES, Caller
from app.service.clock import Clock
from app.service.desk import Desk, Done, Once, Reply
from app.store.registry import SqlRegistry

START = datetime(2026, 3, 4, 5, 6, 7, 890_000, UTC)
TABLES = SQLModel.metadata.tables
VIEWS = {
    "order_lines": "tenant_id order_id number state order_cancelled currency line_id sku title type unit_price "
    "quantity open pending cancelled fulfilled returned created_at updated_at",
    "order_cancellations": "tenant_id order_id number request_id state scope reason_code reason credential_id dialect "
    "party adjustment_id line_id step units amount currency created_at decided_at",
}
"""The columns of each, in their order."""

Row = dict[str, Any]
Decide = Callable[[Ledger, Any, Context], Change]


class Watch:
    """Each look at it is one step later; without a step it stands still until moved."""

    def __init__(self, at: datetime = START, step: timedelta = timedelta(milliseconds=1)) -> None:
        self.at = at
        self.step = step

    def __call__(self) -> datetime:
        at = self.at
        self.at += self.step
        return at


@dataclass
class World:
    """One tenant, its caller and a desk, on one store."""

    store: Store
    watch: Watch = field(default_factory=Watch)
    tenant_id: str = "t1"
    credential_id: str = "c1"
    subscribed: bool = False

    def __post_init__(self) -> None:
        self.clock = Clock(self.watch)
        self.desk = Desk(self.store, self.clock)
        self.caller = Caller(self.tenant_id, self.credential_id, Party.SELLER, frozenset(SCOPES), None, None)

    def on(self, store: Store) -> "World":
        """The same tenant seen through another store, as another process would."""
        return replace(self, store=store)

    async def add_tenant(self, policy: Policy | None = None, *, active: bool = True) -> "World":
        tenant = Tenant(
            id=self.tenant_id, name="Tenant", active=active, policy=policy or Policy(), created_at=self.watch()
        )
        await self.store.add_tenant(tenant)
        return self

    async def subscribe(self, **more: Any) -> Subscription:
        """From now on somebody is to hear of every change."""
        made = subscription(**{"tenant_id": self.tenant_id, **more})
        await self.store.save_subscription(made)
        self.subscribed = True
        return made

    async def add_location(self, id_: str, connector: str | None = None) -> None:
        at = self.watch()
        await self.store.save_location(
            Location(
                tenant_id=self.tenant_id,
                id=id_,
                name=id_,
                connector=connector,
                settings="{}",
                created_at=at,
                updated_at=at,
            )
        )

    def context(self, *, policy: Policy | None = None, dialect: str = "native") -> Context:
        return Context(Actor(self.credential_id, dialect, Party.SELLER), policy or Policy(), self.watch())

    def creation(self, command: CreateOrder, **more: Any) -> Commit:
        """A new order decided on, not yet written."""
        ctx = self.context()
        change = create.decide_create(command, self.tenant_id, self.clock.new_order_id(ctx.now), ctx)
        return self.commit(change, **more)

    def decision(
        self, decide: Decide, order: Order, command: Command, *, ctx: Context | None = None, **more: Any
    ) -> Commit:
        return self.commit(decide(Ledger(order), command, ctx or self.context()), **more)

    def commit(self, change: Change, *, key: str | None = None, **more: Any) -> Commit:
        replay = ReplayKey(self.credential_id, key) if key is not None else None
        event_id = more.pop("event_id", None) or self.clock.new_id(change.ledger.order.updated_at)
        return Commit(
            change=change, event_id=event_id, replay_key=replay, **{"subscribed": self.subscribed, **more}
        )  # fmt: skip

    async def create(self, command: CreateOrder) -> Order:
        return await self.write(self.creation(command))

    async def write(self, commit: Commit) -> Order:
        await self.store.commit(commit)
        return commit.change.ledger.order

    async def act(
        self,
        order_id: str,
        command: Command,
        *,
        key: str | None = None,
        fingerprint: str = "f",
        dialect: str = "native",
    ) -> Reply:
        once = None if key is None else Once(key, fingerprint)
        return await self.desk.act(self.caller, dialect, Ref.to_order(dialect, order_id), command, told, once=once)

    async def order(self, order_id: str) -> Order:
        found = await self.store.load(self.tenant_id, Ref.to_order("native", order_id), None)
        assert found is not None
        assert found.order is not None
        return found.order


def told(done: Done) -> str:
    """A reply that shows everything a face could: two equal ones saw the same state."""
    positions = {line_id: held.counts() for line_id, held in done.ledger.positions.items()}
    case = done.case and [done.case.id, done.case.state.value]
    return json.dumps([done.ledger.order.id, done.ledger.order.version, positions, case])


def new_order(*quantities: int, **more: Any) -> CreateOrder:
    """Lines `S0`, `S1`, … of these quantities (default one of 5), each at 10.00."""
    lines = tuple(NewLine(sku=f"S{n}", quantity=q, unit_price=1000) for n, q in enumerate(quantities or (5,)))
    return CreateOrder(**{"currency": "EUR", "lines": lines, **more})


def subscription(**more: Any) -> Subscription:
    facts = {"dialect": "native", "credential_id": "c1", "url": "https://example.com/", "created_at": START}
    return Subscription(**{"tenant_id": "t1", "id": "s1", "updated_at": START, **facts, **more})


async def table(store: Store, name: str) -> list[Row]:
    """A table's rows as Python values that do not depend on the engine, sorted by primary key."""
    sql, declared = cast(SqlRegistry, store), TABLES[name]
    columns = ", ".join(column.name for column in declared.columns)
    rows = await sql.fetch(f"SELECT {columns} FROM {name}")  # noqa: S608 - a declared table
    plain = [
        {column.name: _plain(sql, column.type, value) for column, value in zip(declared.columns, row, strict=True)}
        for row in rows
    ]
    return sorted(plain, key=lambda row: [row[column.name] for column in declared.primary_key])


async def everything(store: Store) -> dict[str, list[Row]]:
    return {name: await table(store, name) for name in TABLES}


def _plain(sql: SqlRegistry, type_: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(type_, DateTime):
        return sql.from_time(value)
    if isinstance(type_, Boolean):
        return bool(value)
    if isinstance(type_, JSONB):
        return json.loads(value)
    return str(value) if isinstance(type_, Uuid) else value
