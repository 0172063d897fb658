"""Claiming, settling and handing on jobs on PostgreSQL: each few statements, however many the jobs.

Batches are one statement for each job, sent together. One for all of them would be less work if it were planned well,
but a plan made while the queue was short may go through all of a long one.
"""

from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg

from app.core.outbox import Delivery, Job, Settled
from app.core.ports import Kept, Moved
from app.store import statements, tasks
from app.store.rows import Row

LOOK = f"""{tasks.CHANNELS.strip()}
SELECT c.channel, t.id, t.due_at, h.id AS head, h.due_at AS head_due_at, x.id IS NOT NULL AS taken
FROM c CROSS JOIN LATERAL ({tasks.due_in("c.channel").strip()}) t
LEFT JOIN LATERAL (SELECT e.id, e.due_at {tasks.HEAD}) h ON true
LEFT JOIN LATERAL (SELECT l.id {tasks.LEASED}) x ON true
WHERE c.channel <> ALL($4::text[])
"""
TAKE = f"""
UPDATE tasks SET due_at = $4, lease_until = $4, {tasks.LOST} WHERE tenant_id = $1 AND id = (
SELECT id FROM tasks WHERE tenant_id = $1 AND id = $2 AND due_at <= $3 FOR UPDATE SKIP LOCKED
)
RETURNING {tasks.JOB}
"""
OCCUPIED = """
SELECT id FROM tasks WHERE tenant_id = $1 AND lane = $2 AND id <> ALL($3::text[]::uuid[]) ORDER BY place LIMIT 1
"""

_WINDOW, _WIDEST = 32, 2000
"""Tasks that one look goes over in each channel."""
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
        window, tries = max(_WINDOW, limit), _TRIES
        while len(jobs) < limit and tries:
            choice = tasks.Choice(await self.fetch(LOOK, tenant_id, now, window, list(busy)), now, limit - len(jobs))
            taken = await self.fetch_each(TAKE, [(tenant_id, id_, now, lease_until) for id_ in choice.take])
            jobs += self.claimed(tenant_id, taken, choice.take)
            await self._settle((tasks.PUT_OFF, [(tenant_id, *each) for each in choice.put_off]))
            if choice.exhausts(window, _WIDEST):
                break
            if choice.take and not taken:
                tries -= 1  # somebody else was quicker
            window = min(2 * window, _WIDEST)
        return jobs

    async def settle(self, tenant_id: str, settled: Sequence[Settled]) -> None:
        await self._settle(*self.endings(tenant_id, settled))

    async def _settle(self, *steps: Step) -> None:
        for tries in range(_TRIES, 0, -1):
            try:
                return await self.together(*steps)
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
        lanes = list({job.lane for job in jobs if job.lane is not None}) if leased_until is not None else []
        async with self.transaction() as connection:
            await connection.execute(PLAN_ANEW)
            occupied = await connection.fetch(OCCUPIED, tenant_id, lanes, gone) if lanes else []
            added, own = tasks.leased(jobs, leased_until, [row[0] for row in occupied], busy)
            if gone and len(await connection.fetch(TAKE_OFF, tenant_id, gone)) != len(gone):
                raise Moved
            for table, rows in (
                ("tasks", [self.task_row(job) for job in added]),
                ("webhook_deliveries", [self.delivery_row(delivery) for delivery in deliveries]),
                *self.replay_rows(tenant_id, kept),
            ):
                if rows:
                    await connection.executemany(statements.insert(table, 1), rows)
        return own


async def _take(
    connection: asyncpg.Connection, scope: tuple[str, datetime, datetime], choice: tasks.Choice
) -> Sequence[Row]:
    """`scope`: tenant, time, end of the lease."""
    if choice.put_off:
        heads = await connection.fetch(STILL_WAITING, *scope[:2], list({*choice.behind.values()}))
        waiting = {str(row[0]) for row in heads}
        later = [(scope[0], *each) for each in choice.put_off if choice.behind[each[0]] in waiting]
        await connection.executemany(tasks.PUT_OFF, later)
    if not choice.take:
        return []
    return await connection.fetch(TAKE, *scope, list(choice.take))  # type: ignore[no-any-return]
