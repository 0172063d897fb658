"""Claiming, settling and handing on jobs on SQLite: each one piece of work for the writer, so they never interleave."""

import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from app.core.outbox import Delivery, Job, Settled
from app.core.ports import Kept, Moved
from app.store import statements, tasks
from app.store.rows import Row

_T = TypeVar("_T")

CHANNELS = f"{tasks.CHANNELS.strip()} SELECT channel FROM c WHERE channel IS NOT NULL"
LOOK = f"""
SELECT $4, t.id, t.due_at, h.id AS head, h.due_at AS head_due_at, EXISTS (SELECT 1 {tasks.LEASED}) AS taken
FROM ({tasks.due_in("$4").strip()}) t LEFT JOIN tasks h ON h.tenant_id = $1 AND h.id = (SELECT e.id {tasks.HEAD})
"""
TAKE = f"UPDATE tasks SET due_at = $3, lease_until = $3, {tasks.LOST} WHERE tenant_id = $1 AND id = $2"
ONE = f"SELECT {tasks.JOB} FROM tasks WHERE tenant_id = $1 AND id = $2"
OCCUPIED = "SELECT 1 FROM tasks WHERE tenant_id = $1 AND lane = $2 LIMIT 1"

_WINDOW, _WIDEST = 32, 500
"""Tasks that one look goes over in each channel."""


class SqliteQueue(tasks.SqlTasks):
    # Left alone it goes through all tasks in the order of their tenants.
    due_tenants_text = tasks.DUE_TENANTS.replace("FROM tasks", "FROM tasks INDEXED BY tasks_due")

    @abstractmethod
    async def write(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """In the writer's thread, within a transaction."""

    async def changed(self, text: str, *values: Any) -> int:
        return await self.write(lambda connection: _run(connection, text, values).rowcount)

    async def claim(
        self, tenant_id: str, now: datetime, lease_until: datetime, limit: int, busy: Sequence[str] = ()
    ) -> list[Job]:
        at, until = self.to_time(now), self.to_time(lease_until)

        def work(connection: sqlite3.Connection) -> tuple[list[Row], tasks.Choice]:
            choice = _choose(connection, (tenant_id, at, window), limit - len(jobs), busy)
            _many(connection, TAKE, ((tenant_id, id_, until) for id_ in choice.take))
            _many(connection, tasks.PUT_OFF, ((tenant_id, *each) for each in choice.put_off))
            rows = [_run(connection, ONE, (tenant_id, id_)).fetchone() for id_ in choice.take]
            return rows, choice

        jobs: list[Job] = []
        window = max(_WINDOW, limit)
        while len(jobs) < limit:
            rows, choice = await self.write(work)
            jobs += self.claimed(tenant_id, rows, choice.take)
            if choice.exhausts(window, _WIDEST):
                break
            window = min(2 * window, _WIDEST)
        return jobs

    async def settle(self, tenant_id: str, settled: Sequence[Settled]) -> None:
        endings = self.endings(tenant_id, settled)
        steps = [(tasks.TAKE_OFF, endings.done), *endings.others(), (tasks.ENTRY, endings.log)]
        await self.together(*steps)

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
        gone = [(tenant_id, job.id) for job in done]
        entries = [self.delivery_row(delivery) for delivery in deliveries]
        replay = self.replay_steps(tenant_id, kept)

        def work(connection: sqlite3.Connection) -> list[Job]:
            if gone and _many(connection, tasks.TAKE_OFF, gone) != len(gone):
                raise Moved
            occupied = _occupied(connection, tenant_id, jobs) if leased_until is not None else []
            added, own = tasks.leased(jobs, leased_until, occupied, busy)
            _many(connection, statements.insert("tasks", 1), map(self.task_row, added))
            _many(connection, statements.insert("webhook_deliveries", 1), entries)
            for step in replay:
                _many(connection, *step)
            return own

        return await self.write(work)


def _run(connection: sqlite3.Connection, text: str, values: Sequence[Any]) -> sqlite3.Cursor:
    return connection.execute(statements.sqlite(text), values)


def _many(connection: sqlite3.Connection, text: str, rows: Iterable[Sequence[Any]]) -> int:
    """How many rows they changed."""
    return connection.executemany(statements.sqlite(text), rows).rowcount


def _occupied(connection: sqlite3.Connection, tenant_id: str, jobs: Sequence[Job]) -> list[str]:
    found = []
    for lane in {job.lane for job in jobs if job.lane is not None}:
        if _run(connection, OCCUPIED, (tenant_id, lane)).fetchone() is not None:
            found.append(lane)
    return found


def _choose(
    connection: sqlite3.Connection, scope: tuple[str, str, int], limit: int, busy: Sequence[str]
) -> tasks.Choice:
    """`scope`: tenant, time, how many tasks of a channel are looked at."""
    tenant_id, now, _ = scope
    rows: list[Row] = []
    for (channel,) in _run(connection, CHANNELS, (tenant_id,)).fetchall():
        if channel not in busy:
            rows += _run(connection, LOOK, (*scope, channel)).fetchall()
    return tasks.Choice(rows, now, limit)
