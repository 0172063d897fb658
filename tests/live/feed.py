"""A feed that tests fill by hand: events become visible when a test says so. No test and no fixture is here."""

import asyncio
from bisect import bisect_right, insort
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, cast

from app.core import ids
from app.core.model import Party
from app.core.ports import Credential, Store, StoredEvent
from app.core.refusal import Code, Refusal
from app.service.access import SCOPES, Caller
from app.service.clock import Clock
from app.service.live import Live
from app.service.metering import Meter
from app.service.reader import Reader
from app.service.signals import Signals

TENANT = "t1"
PATIENCE = 10.0
NOW = datetime(2026, 3, 4, 5, 6, 7, 890_000, UTC)
_random = Random(1)
_versions = count(1)


def event(at: datetime, *, order: str = "o1", type_: str = "order.updated") -> StoredEvent:
    return StoredEvent(
        id=ids.uuid7(at, _random.getrandbits(74)),
        order_id=order,
        version=next(_versions),
        type=type_,
        at=at,
        credential_id="c1",
        dialect="native",
        party="seller",
        case_id=None,
        before="{}",
        after="{}",
    )


class Events:
    """What a store has of one tenant's events and keys; `asked` tells how often it was, `away` that it cannot say."""

    lateness = timedelta(seconds=15)

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.held: dict[str, StoredEvent] = {}
        self.keys: dict[str, Credential] = {}
        self.asked: list[str] = []
        self.read = 0
        self.away = False

    def show(self, *events: StoredEvent) -> None:
        for each in events:
            insort(self.ids, each.id)
            self.held[each.id] = each

    async def events(self, tenant_id: str, after: str, limit: int) -> list[StoredEvent]:
        self.asked.append(after)
        await asyncio.sleep(0)
        if self.away:
            raise Refusal(Code.UNAVAILABLE)
        if tenant_id != TENANT:
            return []
        first = bisect_right(self.ids, after)
        found = [self.held[id_] for id_ in self.ids[first : first + limit]]
        self.read += len(found)
        return found

    async def credential(self, tenant_id: str, credential_id: str) -> Credential | None:
        return self.keys.get(credential_id)

    @property
    def store(self) -> Store:
        return cast(Store, self)


class Counted(Meter):
    def __init__(self) -> None:
        self.now = self.dropped_ones = 0

    def reading(self, change: int) -> None:
        self.now += change

    def dropped(self) -> None:
        self.dropped_ones += 1


class Feed:
    """The live feed over such events, on the real clock."""

    def __init__(self, check_every: float = 30.0) -> None:
        self.events = Events()
        self.signals = Signals()
        self.clock = Clock()
        self.meter = Counted()
        self.live = Live(self.events.store, self.signals, self.clock, self.meter, check_every)
        self.add_key("c1")

    def add_key(self, id_: str, **facts: Any) -> None:
        self.events.keys[id_] = Credential(
            **{
                "tenant_id": TENANT,
                "id": id_,
                "name": "",
                "party": Party.SELLER,
                "scopes": SCOPES,
                "dialects": None,
                "secret_hash": "",
                "created_at": NOW,
                **facts,
            }
        )

    def make(self, **facts: Any) -> StoredEvent:
        """An event of this moment, visible and signalled."""
        made = event(self.clock.now(), **facts)
        self.events.show(made)
        self.signals.changed(TENANT, made.order_id)
        return made

    def earlier(self, seconds: float, **facts: Any) -> StoredEvent:
        made = event(self.clock.now() - timedelta(seconds=seconds), **facts)
        self.events.show(made)
        return made

    async def open(self, **facts: Any) -> Reader:
        return await self.live.open(caller(), **facts)


def caller(credential_id: str = "c1", expires_at: datetime | None = None) -> Caller:
    return Caller(TENANT, credential_id, Party.SELLER, frozenset(SCOPES), None, expires_at)


async def take(reader: Reader, number: int) -> list[StoredEvent]:
    """Exactly so many events, however they come; fewer if the reader ended."""
    found: list[StoredEvent] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < number and (items := await reader.take(PATIENCE)) is not None:
            found += [item.event for item in items]
    assert len(found) <= number
    return found


async def nothing(reader: Reader, seconds: float = 0.5) -> None:
    assert await reader.take(seconds) == []
