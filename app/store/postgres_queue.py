"""Claiming, settling and handing on jobs on PostgreSQL: each one statement, or a transaction where it is many rows."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import cache
from typing import Any

import asyncpg

from app.core.outbox import Delivery, Job
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
SELECT DISTINCT lane FROM tasks WHERE tenant_id = $1 AND lane = ANY($2::text[]) AND id <> ALL($3::text[]::uuid[])
"""
TAKE_OFF = f"{tasks.TAKE_OFF} RETURNING 1"

_MOST_ROWS = 16
"""That one statement adds of a kind; more go in as a transaction, by COPY."""
_WINDOW, _WIDEST = 32, 2000
"""Tasks that one look goes over in each channel."""
_TRIES = 3


@cache
def hand_on(done: int, jobs: int, deliveries: int, replays: int) -> str:
    """Raises, as a commit does, unless all that is to be removed is there."""
    parts = [f"d{n} AS ({tasks.TAKE_OFF.replace('$2', f'${n + 2}')} RETURNING 1)" for n in range(done)]
    offset = done + 1
    for table, rows in (("tasks", jobs), ("webhook_deliveries", deliveries), ("replays", replays)):
        if rows:
            parts.append(f"{table}_ AS ({statements.insert(table, rows, offset=offset)})")
            offset += rows * (statements.columns(table) - 1)
    removed = " + ".join([f"(SELECT count(*) FROM d{n})" for n in range(done)] or ["0"])
    return "WITH " + ",\n".join(parts) + f"\nSELECT 1/({removed} = {done})::int"


class PostgresQueue(tasks.SqlTasks):
    @abstractmethod
    @asynccontextmanager
    def transaction(self) -> AsyncIterator[asyncpg.Connection]: ...

    @abstractmethod
    async def fetch_anew(self, text: str, *values: Any) -> Sequence[Row]:
        """With a plan made for this very call: for a text that has several indexes to choose from, of a table that is
        now short and now long."""

    async def changed(self, text: str, *values: Any) -> int:
        return len(await self.fetch(f"{text.strip()} RETURNING 1", *values))

    async def claim(
        self, tenant_id: str, now: datetime, lease_until: datetime, limit: int, busy: Sequence[str] = ()
    ) -> list[Job]:
        jobs: list[Job] = []
        window, tries = max(_WINDOW, limit), _TRIES
        while len(jobs) < limit and tries:
            rows = await self.fetch_anew(LOOK, tenant_id, now, window, list(busy))
            choice = tasks.Choice(rows, now, limit - len(jobs))
            taken = await self._take(tenant_id, now, lease_until, choice)
            await self._put_off(tenant_id, choice)
            jobs += taken
            if choice.exhausts(window, _WIDEST):
                break
            if choice.take and not taken:
                tries -= 1  # somebody else was quicker
            window = min(2 * window, _WIDEST)
        return jobs

    async def _take(self, tenant_id: str, now: datetime, lease_until: datetime, choice: tasks.Choice) -> list[Job]:
        if not choice.take:
            return []
        rows = await self.fetch_each(TAKE, [(tenant_id, id_, now, lease_until) for id_ in choice.take])
        return self.claimed(tenant_id, rows, choice.take)

    async def _put_off(self, tenant_id: str, choice: tasks.Choice) -> None:
        if choice.put_off:
            with suppress(Moved):  # a deadlock; they are looked at again
                await self.together((tasks.PUT_OFF, [(tenant_id, *each) for each in choice.put_off]))

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
        occupied = await self._occupied(tenant_id, jobs, gone) if leased_until is not None else []
        added, own = tasks.leased(jobs, leased_until, occupied, busy)
        replay = self.replay(tenant_id, kept)
        tables = [
            ("tasks", [self.task_row(job) for job in added]),
            ("webhook_deliveries", [self.delivery_row(delivery) for delivery in deliveries]),
            ("replays", [] if replay is None else [replay]),
        ]
        await self._write(tenant_id, gone, tables)
        return own

    async def _occupied(self, tenant_id: str, jobs: Sequence[Job], gone: list[str]) -> list[str]:
        lanes = list({job.lane for job in jobs if job.lane is not None})
        return [row[0] for row in await self.fetch_anew(OCCUPIED, tenant_id, lanes, gone)] if lanes else []

    async def _write(self, tenant_id: str, gone: list[str], tables: list[tuple[str, list[Row]]]) -> None:
        counts = [len(gone), *(len(rows) for _, rows in tables)]
        if max(counts) <= _MOST_ROWS:
            values = [value for _, rows in tables for row in rows for value in row[1:]]
            await self.fetch(hand_on(*counts), tenant_id, *gone, *values)
            return
        async with self.transaction() as connection:
            if len(await connection.fetchmany(TAKE_OFF, [(tenant_id, id_) for id_ in gone])) != len(gone):
                raise Moved
            await copy(connection, tables)


async def copy(connection: asyncpg.Connection, tables: Sequence[tuple[str, list[Row]]]) -> None:
    for table, rows in tables:
        if rows:
            names = statements.INSERTS[table].split(", ")
            await connection.copy_records_to_table(table, records=rows, columns=names)
