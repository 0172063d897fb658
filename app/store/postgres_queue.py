"""Claiming, settling and handing on jobs on PostgreSQL: each few statements, however many the jobs.

Batches are one statement for each job, sent together. One for all of them would be less work if it were planned well,
but a plan made while the queue was short may go through all of a long one.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import asyncpg

from app.core.outbox import Delivery, Job, Settled
from app.core.ports import Kept, Moved
from app.store import statements, tasks
from app.store.rows import Row

LOOK = f"""{tasks.CHANNELS.strip()}
SELECT c.channel, t.id, t.due_at, h.id AS head, h.due_at AS head_due_at, x.id AS leased_id, x.lease_until AS until
FROM c CROSS JOIN LATERAL ({tasks.due_in("c.channel").strip()}) t
LEFT JOIN LATERAL (SELECT e.id, e.due_at {tasks.HEAD}) h ON true
LEFT JOIN LATERAL (SELECT l.id, l.lease_until {tasks.LEASED}) x ON true
WHERE c.channel <> ALL($4::text[])
"""
TAKE = f"""
UPDATE tasks SET due_at = $4, lease_until = $4, {tasks.LOST} WHERE tenant_id = $1 AND id = (
SELECT id FROM tasks WHERE tenant_id = $1 AND id = $2 AND due_at <= $3 FOR UPDATE SKIP LOCKED
)
RETURNING {tasks.JOB}
"""
STILL_WAITING = "SELECT id FROM tasks WHERE tenant_id = $1 AND id = $2 AND due_at = $3 FOR SHARE"
OCCUPIED = """
SELECT lane FROM tasks WHERE tenant_id = $1 AND lane = $2 AND id <> ALL($3::text[]::uuid[]) ORDER BY place, id LIMIT 1
"""

_WIDEST = 1000
"""Tasks of a channel that one look goes over at most."""
_TRIES = 3


class PostgresQueue(tasks.SqlTasks):
    @abstractmethod
    @asynccontextmanager
    def transaction(self) -> AsyncIterator[asyncpg.Connection]: ...

    async def changed(self, text: str, *values: Any) -> int:
        return len(await self.fetch(f"{text.strip()} RETURNING 1", *values))

    async def claim(
        self, tenant_id: str, now: datetime, lease_until: datetime, limit: int, busy: Sequence[str] = ()
    ) -> list[Job]:
        jobs: list[Job] = []
        for look, window in enumerate(tasks.windows(limit, _WIDEST), start=1):
            rows = await self.fetch(LOOK, tenant_id, now, window, list(busy))
            choice = tasks.Choice(rows, now, limit - len(jobs), window)
            taken = await self.fetch_each(TAKE, [(tenant_id, id_, now, lease_until) for id_ in choice.take])
            jobs += self.claimed(tenant_id, taken, choice.take)
            await self._put_off(tenant_id, choice.put_off)
            if choice.ends(look, len(jobs), limit):
                break
        return jobs

    async def _put_off(self, tenant_id: str, later: Sequence[tuple[str, Any, str]]) -> None:
        """Only behind what still waits, or is out, and stays so meanwhile: a lane that something leaves is woken."""
        if not later:
            return
        heads = {head: until for _, until, head in later}
        with suppress(Moved):  # a deadlock; they are looked at again
            async with self.transaction() as connection:
                rows = [(tenant_id, *each) for each in sorted(heads.items())]
                waiting = {str(row[0]) for row in await connection.fetchmany(STILL_WAITING, rows)}
                rows = [(tenant_id, id_, until) for id_, until, head in sorted(later) if head in waiting]
                await connection.executemany(tasks.PUT_OFF, rows)

    async def settle(self, tenant_id: str, settled: Sequence[Settled]) -> None:
        steps = self.endings(tenant_id, settled).steps()
        for tries in range(_TRIES, 0, -1):
            try:
                await self.together(*steps)
                break
            except Moved:  # a deadlock with somebody who settles the same
                if tries == 1:
                    raise

    async def hand_on(
        self,
        done: Sequence[Job],
        jobs: Sequence[Job],
        deliveries: Sequence[Delivery],
        leased_until: datetime | None = None,
        *,
        busy: Sequence[str] = (),
        kept: Kept | None = None,
    ) -> list[Job]:
        tenant_id = tasks.tenant_of(done, jobs, deliveries)
        if tenant_id is None:
            return []
        gone = [job.id for job in done]
        lanes: list[Row] = []
        if leased_until is not None:
            lanes = [(tenant_id, lane, gone) for lane in {job.lane for job in jobs} if lane is not None]
        async with self.transaction() as connection:
            occupied = await connection.fetchmany(OCCUPIED, lanes) if lanes else []
            added, own = tasks.leased(jobs, leased_until, [row[0] for row in occupied], busy)
            if gone:
                rows = await connection.fetchmany(f"{tasks.TAKE_OFF} RETURNING 1", [(tenant_id, id_) for id_ in gone])
                if len(rows) != len(gone):
                    raise Moved
            for text, rows in (
                (statements.insert("tasks", 1), [self.task_row(job) for job in added]),
                (statements.insert("webhook_deliveries", 1), [self.delivery_row(each) for each in deliveries]),
                (tasks.WAKE, self.woken(tenant_id, *done)),
                *self.replay_steps(tenant_id, kept),
            ):
                if rows:
                    await connection.executemany(text, rows)
        return own
