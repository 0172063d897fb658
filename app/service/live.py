"""Live events: whoever follows a tenant gets each of its events once, from where they left off, without a gap.

All readers of a tenant share one tail, which looks when something was signalled, and from time to time. A reader that
starts in the past reads pages of the store until the tail's memory takes over. One that is too slow is dropped:
nothing is kept for it without bound, and it can come back to where it was.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Sequence

from app.core.ports import Credential, Store, StoredEvent
from app.core.refusal import Refusal
from app.service.access import Caller
from app.service.clock import Clock
from app.service.metering import Meter
from app.service.reader import PORTION, Ended, Reader
from app.service.signals import Signals
from app.service.tail import HOLD, PAGE, Item, Tail

log = logging.getLogger("dragoman.live")

_WHOLE_LOOK = 5.0  # seconds; finds what no signal told of, and what was late
_PAUSE = 1.0  # seconds, while the database is away
_AT_ONCE = 2  # pages read at a time by all who catch up, so that they leave connections to others


class _Room:
    """Those who follow one tenant, and the tail that they share. It lasts as long as anybody is in it."""

    def __init__(self, live: "Live", tenant_id: str) -> None:
        self._live = live
        self._tenant_id = tenant_id
        self.tail = Tail(live.store, live.clock, tenant_id)
        self.readers: dict[Reader, None] = {}
        self._task: asyncio.Task[None] | None = None
        # Held from a look until all have what it found: nobody joins, and nobody else looks, in between.
        self._looking = asyncio.Lock()
        self._woken = asyncio.Event()

    async def enter(self, reader: Reader, *, now: bool) -> None:
        """`now`: from here on, not from its position. Raises Refusal."""
        async with self._looking:
            if not self.tail.started:
                await self.tail.start()
                self._task = asyncio.create_task(self._run(), name=f"live {self._tenant_id}")
            if now:
                items = await self.tail.look()
                reader.join((), self.tail.young | {item.event.id for item in items})
                await self._tell(items)

    def leave(self, reader: Reader) -> None:
        if reader in self.readers:
            del self.readers[reader]
            self._live.left(self._tenant_id, reader)
        if not self.readers and self._task is not None:
            self._task.cancel()

    def wake(self) -> None:
        self._woken.set()

    async def past(self, reader: Reader, after: str) -> tuple[list[StoredEvent], str]:
        """A page past an id, as far as the store tells it, and where that ends; there the reader joins the others."""
        floor = self.tail.floor
        if after < floor:
            async with self._live.paging:
                page = await self._live.store.events(self._tenant_id, after, PAGE)
            found = [event for event in page if event.id <= floor]
            return found, found[-1].id if len(found) == PAGE else floor
        async with self._looking:
            if after >= self.tail.floor:
                skip = frozenset(id_ for id_ in self.tail.young if id_ <= after)
                reader.join(self.tail.since(after), skip)
        return [], after

    async def _run(self) -> None:
        try:
            await self._follow()
        except Exception:
            log.exception("the live feed of a tenant broke off", extra={"facts": {"tenant": self._tenant_id}})
            for reader in [*self.readers]:
                reader.end(Ended.FAULT)

    async def _follow(self) -> None:
        whole_at = time.monotonic() + _WHOLE_LOOK
        check_at = time.monotonic() + self._live.check_every
        while True:
            await self._woken_before(min(whole_at, check_at))
            try:
                whole = time.monotonic() >= whole_at
                async with self._looking:
                    await self._tell(await self.tail.look(whole=whole))
                whole_at = time.monotonic() + _WHOLE_LOOK if whole else whole_at
                if time.monotonic() >= check_at:
                    await self._check_keys()
                    check_at = time.monotonic() + self._live.check_every
            except Refusal:
                whole_at = 0.0
                await asyncio.sleep(_PAUSE)
            if self.tail.young:
                self._woken.set()

    async def _woken_before(self, moment: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, moment - time.monotonic())):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()
        await asyncio.sleep(HOLD)

    async def _tell(self, items: Sequence[Item]) -> None:
        for start in range(0, len(items), PORTION):
            portion = items[start : start + PORTION]
            for reader in [*self.readers]:
                reader.offer(portion)
            await asyncio.sleep(0)

    async def _check_keys(self) -> None:
        for credential_id in {reader.caller.credential_id for reader in self.readers}:
            held = await self._live.store.credential(self._tenant_id, credential_id)
            for reader in [*self.readers]:
                if reader.caller.credential_id == credential_id and not self._may_stay(reader.caller, held):
                    reader.end(Ended.KEY)

    def _may_stay(self, caller: Caller, held: Credential | None) -> bool:
        if held is None or held.revoked_at is not None or not held.tenant_active:
            return False
        now = self._live.clock.now()
        return not any(end is not None and end <= now for end in (caller.expires_at, held.expires_at))


class Live:
    """All live readers of this process. Keys are looked at again every `check_every` seconds."""

    def __init__(
        self, store: Store, signals: Signals, clock: Clock, meter: Meter | None = None, check_every: float = 30.0
    ) -> None:
        self.store = store
        self.clock = clock
        self.check_every = max(1.0, check_every)
        self.paging = asyncio.Semaphore(_AT_ONCE)
        self._meter = meter or Meter()
        self._rooms: dict[str, _Room] = {}
        self._ended = False
        signals.listen(self._heard)

    async def open(
        self,
        caller: Caller,
        *,
        after: str | None = None,
        orders: Collection[str] = (),
        types: Collection[str] = (),
    ) -> Reader:
        """Follow events past an id, or from now on; only those of the orders and types, if any are named.

        Raises Refusal when the database is out of reach.
        """
        room = self._rooms.get(caller.tenant_id)
        if room is None:
            room = self._rooms[caller.tenant_id] = _Room(self, caller.tenant_id)
        reader = Reader(room, caller, after or "", orders, types)
        room.readers[reader] = None
        self._meter.reading(1)
        try:
            await room.enter(reader, now=after is None)
        except BaseException:
            reader.close()
            raise
        if self._ended:
            reader.end(Ended.SHUTDOWN)
        return reader

    def left(self, tenant_id: str, reader: Reader) -> None:
        self._meter.reading(-1)
        if reader.ended is Ended.SLOW:
            self._meter.dropped()
            log.info("a live reader was too slow", extra={"facts": {"credential": reader.caller.credential_id}})
        if not self._rooms[tenant_id].readers:
            del self._rooms[tenant_id]

    def forget(self, credential_id: str) -> None:
        """A key was revoked here: its streams end at once."""
        for reader in self._readers():
            if reader.caller.credential_id == credential_id:
                reader.end(Ended.KEY)

    def end(self) -> None:
        """For the end of the process: everybody gets what is there, and nobody anything more."""
        self._ended = True
        for reader in self._readers():
            reader.end(Ended.SHUTDOWN)

    def _readers(self) -> list[Reader]:
        return [reader for room in self._rooms.values() for reader in room.readers]

    def _heard(self, tenant_id: str, _: str) -> None:
        for room in self._rooms.values() if not tenant_id else filter(None, [self._rooms.get(tenant_id)]):
            room.wake()
