"""The queue: the verbs that are the same on both engines, and the texts of a claim.

A claim looks and then takes. The look goes through a tenant's channels one by one, so that one with a long queue costs
the others nothing, and finds for each task the head of its lane. Whatever waits behind a head that waits itself is put
off until then, so that no later look has to go over it again; when a task leaves its lane, the next one is due.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from app.core.outbox import Attempt, Delivery, Job, Settled
from app.core.ports import Kept
from app.store import codec
from app.store.retention import SqlRetention
from app.store.rows import Row
from app.store.sql import NIL, Step

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When what is set aside is due."""

_WINDOW = 32
_LOOKS, _MOST_LOOKS = 5, 20
"""Of one claim: for more, once there is something to do; and at all."""

JOB = "id, order_id, kind, payload, due_at, attempts, lease_until, lane, place, channel, failed_at, error"

# There is one index that serves each of these statements, whatever the planner believes of a queue that is now short
# and now long: they name its condition (`kind <> ''`, `attempts >= 0`), its order, or the whole key.
DUE_TENANTS = """
SELECT tenant_id FROM tasks WHERE due_at <= $1 AND kind <> ''
GROUP BY tenant_id ORDER BY min(due_at) LIMIT $2
"""
NEXT_DUE = "SELECT min(due_at) FROM tasks WHERE due_at > $1 AND kind <> ''"
BACKLOG = "SELECT count(*), min(due_at) FROM tasks WHERE due_at <= $1 AND kind <> ''"
CHANNELS = """
WITH RECURSIVE c AS (
SELECT (SELECT channel FROM tasks WHERE tenant_id = $1 AND attempts >= 0 ORDER BY channel LIMIT 1) AS channel
UNION ALL
SELECT (
SELECT n.channel FROM tasks n WHERE n.tenant_id = $1 AND n.channel > c.channel AND n.attempts >= 0
ORDER BY n.channel LIMIT 1
) FROM c WHERE c.channel IS NOT NULL
)
"""
# Of a lane: its head, and what of it is leased, which is one task at most.
HEAD = "FROM tasks e WHERE e.tenant_id = $1 AND e.lane = t.lane ORDER BY e.place, e.id LIMIT 1"
LEASED = (
    "FROM tasks l WHERE l.tenant_id = $1 AND l.lane = t.lane AND l.lease_until > $2 ORDER BY l.lease_until DESC LIMIT 1"
)
ASIDE = f"SELECT {JOB} FROM tasks WHERE tenant_id = $1 AND failed_at IS NOT NULL AND id > $2 ORDER BY id LIMIT $3"
TAKE_OFF = "DELETE FROM tasks WHERE tenant_id = $1 AND id = $2"
PUT_OFF = "UPDATE tasks SET due_at = $3 WHERE tenant_id = $1 AND id = $2 AND lease_until IS NULL AND due_at < $3"
AGAIN = """
UPDATE tasks SET due_at = $3, attempts = attempts + $4, lease_until = NULL, error = coalesce($5, error)
WHERE tenant_id = $1 AND id = $2
"""
SET_ASIDE = """
UPDATE tasks SET due_at = $3, attempts = attempts + $4, lease_until = NULL, error = coalesce($5, error),
failed_at = $6, lane = NULL
WHERE tenant_id = $1 AND id = $2
"""
# Whoever settles what another has delivered meanwhile comes too late: a message's job has its id, and is gone by then.
ENTRY = """
UPDATE webhook_deliveries SET state = $3, attempts = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2
AND ($3 = 'delivered' OR EXISTS (SELECT 1 FROM tasks WHERE tenant_id = $1 AND id = $2))
"""
RETRY = """
UPDATE tasks SET failed_at = NULL, error = NULL, attempts = 0, due_at = $3
WHERE tenant_id = $1 AND id = $2 AND failed_at IS NOT NULL
"""
WAKE = """
UPDATE tasks SET due_at = $3 WHERE tenant_id = $1 AND lease_until IS NULL AND due_at > $3 AND id = (
SELECT id FROM tasks WHERE tenant_id = $1 AND lane = $2 ORDER BY place, id LIMIT 1
)
"""
LOST = "attempts = attempts + CASE WHEN lease_until IS NULL THEN 0 ELSE 1 END"
"""A lease that nobody settled was a try: it may have been what ended its worker."""


def due_in(channel: str) -> str:
    """The first tasks of a channel that are due."""
    return f"""
SELECT id, lane, due_at FROM tasks WHERE tenant_id = $1 AND channel = {channel} AND due_at <= $2 AND attempts >= 0
ORDER BY due_at LIMIT $3
"""


def windows(limit: int, widest: int) -> Iterator[int]:
    """How many tasks of each channel the looks of one claim go over."""
    window = max(_WINDOW, limit)
    for _ in range(_MOST_LOOKS):
        yield window
        window = max(limit, min(2 * window, widest))


class Choice:
    """What a look leads to: `take` has when each was due, `put_off` the ids, until when, and behind which task."""

    def __init__(self, rows: Sequence[Row], now: Any, limit: int, window: int) -> None:
        """Rows of channel, task, its time, its lane's head, the head's time, what of the lane is leased, until when."""
        self.put_off: list[tuple[str, Any, str]] = []
        found: dict[str, tuple[int, Any]] = {}
        turns: Counter[str] = Counter()
        held = []
        for channel, id_, due_at, head, head_due_at, leased_id, until in rows:
            first, first_due_at = (id_, due_at) if head is None else (head, head_due_at)
            if leased_id is not None:
                held.append((str(id_), until, str(leased_id)))
            elif first_due_at > now:
                self.put_off.append((str(id_), first_due_at, str(first)))
            elif str(first) not in found:
                found[str(first)] = turns[channel], first_due_at
                turns[channel] += 1
        chosen = sorted(found.items(), key=lambda item: item[1])[:limit]
        self.take = {id_: due_at for id_, (_, due_at) in chosen}
        # What waits for a job that is out comes into its turn soon, unless so much of it waits that it hides the rest.
        full = len(rows) >= window
        if full:
            self.put_off += held
        self._more = bool(self.put_off) or (full and bool(self.take))

    def ends(self, look: int, found: int, limit: int) -> bool:
        """Whether this was the last look of the claim, which has found so many jobs."""
        return not self._more or found >= limit or (found > 0 and look >= _LOOKS)


@dataclass(slots=True)
class Endings:
    """Rows of values for the texts that say how jobs ended."""

    done: list[Row] = field(default_factory=list)
    again: list[Row] = field(default_factory=list)
    aside: list[Row] = field(default_factory=list)
    woken: list[Row] = field(default_factory=list)
    log: list[Row] = field(default_factory=list)

    def steps(self) -> list[Step]:
        """Lanes are woken last: whoever puts off what waits behind a task first makes sure that it stays."""
        steps = [(ENTRY, self.log), (TAKE_OFF, self.done), (AGAIN, self.again), (SET_ASIDE, self.aside)]
        return [(text, rows) for text, rows in (*steps, (WAKE, self.woken)) if rows]


class SqlTasks(SqlRetention):
    due_tenants_text = DUE_TENANTS

    async def due_tenants(self, now: datetime, limit: int) -> list[str]:
        return [row[0] for row in await self.fetch(self.due_tenants_text, self.to_time(now), limit)]

    async def next_due(self, after: datetime | None = None) -> datetime | None:
        (row,) = await self.fetch(NEXT_DUE, self.to_time(after or datetime.min.replace(tzinfo=UTC)))
        found = self.from_time(row[0])
        return None if found == NEVER else found

    async def backlog(self, now: datetime) -> tuple[int, float]:
        ((count, oldest),) = await self.fetch(BACKLOG, self.to_time(now))
        return count, (now - self.at(oldest)).total_seconds() if count else 0.0

    async def tasks_aside(self, tenant_id: str, after: str, limit: int) -> list[Job]:
        return [self.job(tenant_id, row) for row in await self.fetch(ASIDE, tenant_id, after or NIL, limit)]

    async def retry_task(self, tenant_id: str, task_id: str, now: datetime) -> bool:
        return await self.changed(RETRY, tenant_id, task_id, self.to_time(now)) > 0

    async def keep(self, tenant_id: str, kept: Kept) -> None:
        for step in self.replay_steps(tenant_id, kept):
            await self.together(step)

    def endings(self, tenant_id: str, settled: Sequence[Settled]) -> Endings:
        """In the order of their ids, so that two who settle the same at once do not lock each other out."""
        found = Endings()
        for each in sorted(settled, key=lambda each: each.job.id):
            job, entry = each.job, each.delivery
            key, facts = (tenant_id, job.id), (int(each.tried), error_of(each))
            if each.aside_at is not None:
                found.aside.append((*key, self.to_time(NEVER), *facts, self.to_time(each.aside_at)))
            elif each.again_at is not None:
                found.again.append((*key, self.to_time(each.again_at), *facts))
            else:
                found.done.append(key)
            if entry is not None:
                told = codec.encode(attempts(entry))
                found.log.append((tenant_id, entry.id, entry.state.value, told, self.to_time(entry.updated_at)))
            if each.again_at is None:
                found.woken += self.woken(tenant_id, job)
        return found

    def woken(self, tenant_id: str, *gone: Job) -> list[Row]:
        """Of `WAKE`, for jobs that leave their lanes: what comes next is due as those were."""
        return [(tenant_id, job.lane, self.to_time(job.due_at)) for job in gone if job.lane is not None]

    def job(self, tenant_id: str, row: Row) -> Job:
        id_, order_id, kind, payload, due_at, attempts, lease_until, lane, place, channel, failed_at, error = row
        return Job(
            tenant_id=tenant_id,
            id=str(id_),
            order_id=str(order_id),
            kind=kind,
            payload=payload,
            due_at=self.at(due_at if failed_at is None else failed_at),
            attempts=attempts,
            lease_until=self.from_time(lease_until),
            lane=lane,
            place=place,
            channel=channel,
            failed_at=self.from_time(failed_at),
            error=error,
        )

    def claimed(self, tenant_id: str, rows: Iterable[Row], due: dict[str, Any]) -> list[Job]:
        """In the order in which they were due."""
        jobs = [self.job(tenant_id, row) for row in rows]
        jobs = [replace(job, due_at=self.at(due[job.id])) for job in jobs]
        return sorted(jobs, key=lambda job: (job.due_at, job.place))

    def task_row(self, job: Job) -> Row:
        """Of `statements.INSERTS`; a leased one is due when its lease ends."""
        due_at, lease_until = self.to_time(job.lease_until or job.due_at), self.to_time(job.lease_until)
        id_, order, lane = job.id, job.order_id, job.lane
        return (
            job.tenant_id, id_, order, job.kind, job.payload, due_at, job.attempts, lane, job.place, job.channel,
            lease_until,
        )  # fmt: skip

    def delivery_row(self, delivery: Delivery) -> Row:
        return (
            delivery.tenant_id,
            delivery.id,
            delivery.subscription_id,
            delivery.event_id,
            delivery.order_id,
            delivery.topic,
            delivery.body,
            delivery.place,
            delivery.state.value,
            codec.encode(attempts(delivery)),
            self.to_time(delivery.created_at),
            self.to_time(delivery.updated_at),
        )


def leased(
    jobs: Sequence[Job], until: datetime | None, occupied: Iterable[str], busy: Sequence[str]
) -> tuple[list[Job], list[Job]]:
    """The jobs as they are to be added, and of them those that their maker may go on with."""
    full, added, own = {*occupied}, [], []
    for job in sorted(jobs, key=lambda job: (job.place, job.id)):
        if until is None or job.channel in busy or job.lane in full:
            added.append(replace(job, lease_until=None))
        else:
            added.append(replace(job, lease_until=until))
            own.append(added[-1])
        if job.lane is not None:
            full.add(job.lane)
    return added, own


def tenant_of(*groups: Sequence[Job] | Sequence[Delivery]) -> str | None:
    return next((each.tenant_id for group in groups for each in group), None)


def attempts(delivery: Delivery) -> list[Attempt]:
    return [replace(each, response=storable(each.response), error=error_of(each)) for each in delivery.attempts]


def storable(text: str) -> str:
    """What a stranger's server or an exception said, as any database takes it."""
    if text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def error_of(that: Settled | Attempt) -> str | None:
    return None if that.error is None else storable(that.error)
