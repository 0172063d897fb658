"""A store that is slow or partly away: of several nodes of a database one may be."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from app.core.ports import Store
from app.core.refusal import Code, Refusal
from app.service.desk import Desk
from tests.outbox.receiver import Receiver
from tests.outbox.world import LIMITS, World

_SHORT = replace(LIMITS, lease=0.6)


class Slow:
    """A store that takes long to say that messages were handed on."""

    def __init__(self, store: Store, seconds: float) -> None:
        self._store = store
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name != "hand_on":
            return found

        async def call(*args: Any, **facts: Any) -> Any:
            answer = await found(*args, **facts)
            await asyncio.sleep(self._seconds)
            return answer

        return call


async def test_messages_that_are_found_before_they_were_handed_on(
    store: Store, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """It hears of them so late that it has claimed them itself."""
    world = await World(store).open()
    subscription = await world.subscribe(receiver.url)
    await world.orders(5)
    slow: Any = Slow(store, 1.5)
    async with world.working(_SHORT, store=slow):
        await world.settled()
    assert [each.state for each in await world.log(subscription)] == ["delivered"] * 5
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


class Partly:
    """A store of which one node is away: what looks over all tenants is refused, and so is all of one tenant."""

    def __init__(self, store: Store, dead: str) -> None:
        self._store = store
        self._dead = dead
        self.away = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in {"due_tenants", "next_due", "claim"}:
            return found

        async def call(*args: Any, **facts: Any) -> Any:
            if self.away and (name != "claim" or args[0] == self._dead):
                raise Refusal(Code.UNAVAILABLE)
            return await found(*args, **facts)

        return call


async def test_tenants_on_other_nodes_are_served(store: Store, receiver: Receiver) -> None:
    """Found without a signal, as what another machine left."""
    world, dead = await World(store).open(), await World(store).open()
    for each in (dead, world):
        await each.subscribe(receiver.url)
        await each.order()
    partly: Any = Partly(store, dead.tenant_id)
    async with world.working(store=partly):
        await world.settled()
        partly.away = True
        for each in (dead, world):
            each.desk = Desk(store, each.clock)
            await each.order()
        await receiver.got(3)
        partly.away = False
        await world.settled()
    assert len(receiver.requests) == 4
