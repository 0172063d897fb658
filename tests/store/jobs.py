"""What the tests of the queue share: jobs and messages to taste, and a queue seen as a worker sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core import ids
from app.core.outbox import Delivery, Job, Settled
from app.core.ports import Store
from tests.store.world import START

LEASE = timedelta(seconds=60)
_numbers = iter(range(1, 1 << 40))


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def new_id(seconds: float = 0) -> str:
    return ids.uuid7(at(seconds), next(_numbers))


def job(lane: str | None = None, place: int = 0, due: float = 0, **more: Any) -> Job:
    """Due at the start, in the channel `c`."""
    facts = {"tenant_id": "t1", "id": new_id(), "order_id": new_id(), "kind": "webhook", "payload": "{}"}
    return Job(**{**facts, "due_at": at(due), "lane": lane, "place": place, "channel": "c", **more})


def jobs(count: int, *, lanes: str | None = "lane-{}", **more: Any) -> list[Job]:
    """One behind the other, each in a lane of its own (or all in one), due a millisecond apart."""
    return [job(lanes and lanes.format(n), n, due=n / 1000, **more) for n in range(count)]


def delivery(of: Job | None = None, **more: Any) -> Delivery:
    """A message, under the id of the job that sends it."""
    held = of or job()
    facts = {"tenant_id": held.tenant_id, "id": held.id, "order_id": held.order_id, "place": held.place}
    more = {"event_id": new_id(), "topic": "x", "body": '{"a": 1}', **more}
    return Delivery(**{"subscription_id": "s1", "created_at": START, "updated_at": START, **facts, **more})


@dataclass
class Queue:
    """One worker on one store."""

    store: Store
    tenant_id: str = "t1"

    async def add(self, *some: Job) -> None:
        await self.store.hand_on((), some, ())

    async def claim(self, seconds: float = 1, limit: int = 10, busy: Sequence[str] = ()) -> list[Job]:
        """At that many seconds after the start."""
        return await self.store.claim(self.tenant_id, at(seconds), at(seconds) + LEASE, limit, busy)

    async def claimed(self, seconds: float = 1, limit: int = 10, busy: Sequence[str] = ()) -> list[str]:
        return [each.id for each in await self.claim(seconds, limit, busy)]

    async def done(self, *some: Job) -> None:
        await self.settle(*(Settled(job=each) for each in some))

    async def again(self, one: Job, seconds: float) -> None:
        await self.settle(Settled(job=one, again_at=at(seconds), error="no"))

    async def settle(self, *settled: Settled) -> None:
        await self.store.settle(self.tenant_id, settled)
