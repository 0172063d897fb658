"""One who follows a tenant's live events: what waits for them, bounded, and how it ends."""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from enum import StrEnum
from typing import Protocol

from app.core.ports import StoredEvent
from app.core.refusal import Refusal
from app.service.access import Caller
from app.service.tail import Item

PORTION = 128
"""Events handed over at once, so that others have their turn."""

_MOST_WAITING = 1_000  # events that a reader may be behind
_LONG = 3600.0


class Ended(StrEnum):
    """Why a reader gets no more."""

    CLOSED = "closed"
    SLOW = "slow"
    KEY = "key"  # revoked or expired
    SHUTDOWN = "shutdown"
    FAULT = "fault"


class Room(Protocol):
    """What a reader is in."""

    async def past(self, reader: "Reader", after: str) -> tuple[list[StoredEvent], str]:
        """A page past an id, as far as the store tells it, and where that ends; there the reader joins the others."""
        ...

    def leave(self, reader: "Reader") -> None: ...


class Reader:
    """One who follows; made by `Live.open`, and to be closed by whoever has it."""

    def __init__(self, room: Room, caller: Caller, after: str, orders: Collection[str], types: Collection[str]) -> None:
        self._room = room
        self.caller = caller
        self._after = after
        self._orders = frozenset(orders)
        self._types = frozenset(types)
        self._queue: deque[Item] = deque()
        self._most = _MOST_WAITING
        self._skip: frozenset[str] = frozenset()
        self._joined = False
        self._waiter: asyncio.Future[None] | None = None
        self.ended: Ended | None = None
        self.on_end: Callable[[Ended], None] | None = None

    async def take(self, patience: float) -> list[Item] | None:
        """The next events; none if there are none within so many seconds; None once there will be no more."""
        until = time.monotonic() + patience
        while not self._queue and self.ended is None:
            left = until - time.monotonic()
            if left <= 0:
                return []
            await (self._wait(left) if self._joined else self._catch_up())
        return [self._queue.popleft() for _ in range(min(len(self._queue), PORTION))] or None

    async def __aiter__(self) -> AsyncIterator[Item]:
        try:
            while (items := await self.take(_LONG)) is not None:
                for item in items:
                    yield item
        finally:
            self.close()

    def close(self) -> None:
        self.end(Ended.CLOSED)

    def end(self, why: Ended) -> None:
        """The first time counts. At shutdown what is there may still be taken."""
        if self.ended is not None:
            return
        self.ended = why
        if why is not Ended.SHUTDOWN:
            self._queue.clear()
        self._room.leave(self)
        self._wake()
        if self.on_end is not None:
            self.on_end(why)

    def offer(self, items: Sequence[Item]) -> None:
        if not self._joined:
            return
        wanted = [item for item in items if self._wants(item.event) and item.event.id not in self._skip]
        if not wanted:
            return
        if len(self._queue) + len(wanted) > self._most:
            self.end(Ended.SLOW)
            return
        self._queue.extend(wanted)
        self._wake()

    def join(self, items: Sequence[Item], skip: frozenset[str]) -> None:
        """From now on it gets what is offered, `items` before that, and never what is in `skip`."""
        self._queue.extend(item for item in items if self._wants(item.event))
        self._most = _MOST_WAITING + len(self._queue)
        self._skip = skip
        self._joined = True

    async def _catch_up(self) -> None:
        """One page of the store, or, from where the tail's memory begins, the rest."""
        try:
            found, self._after = await self._room.past(self, self._after)
        except Refusal:
            self.end(Ended.FAULT)
            return
        self._queue.extend(Item(event) for event in found if self._wants(event))

    def _wants(self, event: StoredEvent) -> bool:
        return (not self._orders or event.order_id in self._orders) and (not self._types or self._fits(event))

    def _fits(self, event: StoredEvent) -> bool:
        if event.type in self._types:
            return True
        also = json.loads(event.after).get("also", ()) if '"also"' in event.after else ()
        return any(each["type"] in self._types for each in also)

    async def _wait(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(seconds, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
