"""Bulk creation: many orders in few statements, each recognised again by its keys, else by its number."""

import asyncio
import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core import create
from app.core.messages import Context, CreateOrder
from app.core.ports import Commit, Moved, Store, Taken
from app.core.refusal import Code, Refusal
from app.service import tracing
from app.service.access import Caller
from app.service.clock import Clock
from app.service.signals import Signals

BATCH = 500
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one row: a new order, one that was there already, or a refusal. `number` is the row's own."""

    order_id: str | None
    number: str | None
    created: bool
    refusal: Refusal | None = None


def recognisable(command: CreateOrder, seed: str) -> CreateOrder:
    """An order that has neither key nor number gets a number that follows from `seed`, so that a retry finds it."""
    if command.number is not None or command.keys:
        return command
    digest = hashlib.sha256(seed.encode()).digest()
    return replace(command, number="DR-" + base64.b32encode(digest[:10]).decode())


class Importer:
    def __init__(self, store: Store, clock: Clock, signals: Signals | None = None) -> None:
        self._store = store
        self._clock = clock
        self._signals = signals or Signals()

    async def add(
        self,
        caller: Caller,
        dialect: str,
        commands: Sequence[CreateOrder],
        *,
        after: "asyncio.Task[list[Imported]] | None" = None,
    ) -> list[Imported]:
        """One batch, all that can go in in one transaction; running it again creates nothing twice.

        Nothing is written before `after`, an earlier batch, has ended: of two rows alike the first is the order.
        """
        now = self._clock.now()
        found = await self._store.load(caller.tenant_id, None, None)
        if found is None or not found.active:
            raise Refusal(Code.TENANT_INACTIVE)
        ctx = Context(caller.actor(dialect), found.policy, now)
        results: list[Imported | None] = []
        changes = []
        for command in commands:
            try:
                change = create.decide_create(command, caller.tenant_id, self._clock.new_order_id(now), ctx)
            except Refusal as refusal:
                results.append(Imported(None, command.number, created=False, refusal=refusal))
            else:
                results.append(None)
                changes.append(change)
        if after is not None:
            await asyncio.wait([after])
        now, trace = self._clock.now(), tracing.current()
        commits = [
            Commit(change=change, event_id=self._clock.new_id(now), subscribed=found.subscribed, trace=trace)
            for change in changes
        ]
        added = iter(await self._write(caller.tenant_id, commits))
        return [result if result is not None else next(added) for result in results]

    async def _write(self, tenant_id: str, commits: list[Commit]) -> list[Imported]:
        for _ in range(_TRIES):
            try:
                taken = await self._store.add_orders(tenant_id, commits) if commits else []
            except Moved:
                continue
            self._signals.changed(tenant_id)
            return [_result(commit, other) for commit, other in zip(commits, taken, strict=True)]
        raise Refusal(Code.BUSY)


def _result(commit: Commit, taken: Taken | None) -> Imported:
    order = commit.change.ledger.order
    if taken is None:
        return Imported(order.id, order.number, created=True)
    # A number that was made up for this one is nobody's.
    number = None if order.number == create.number_of(order.id) else order.number
    if taken.field.startswith("lines."):
        return Imported(None, number, created=False, refusal=Refusal(Code.DUPLICATE, field=taken.field))
    return Imported(taken.order_id, number, created=False)
