"""Claiming, settling and handing on jobs on SQLite: each one piece of work for the writer, so they never interleave."""

import sqlite3
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from app.core.outbox import Delivery, Job, Settled
from app.core.ports import Kept, Moved
from app.store import statements, tasks
from app.store.rows import Row

_T = TypeVar("_T")

CHANNELS = f"{tasks.CHANNELS.strip()} SELECT channel FROM c WHERE channel IS NOT NULL"
LOOK = f"""
SELECT $4, t.id, t.due_at, h.id AS head, h.due_at AS head_due_at, x.id AS leased_id, x.lease_until AS until
FROM ({tasks.due_in("$4").strip()}) t
LEFT JOIN tasks h ON h.tenant_id = $1 AND h.id = (SELECT e.id {tasks.HEAD})
LEFT JOIN tasks x ON x.tenant_id = $1 AND x.id = (SELECT l.id {tasks.LEASED})
"""
TAKE = f"UPDATE tasks SET due_at = $3, lease_until = $3, {tasks.LOST} WHERE tenant_id = $1 AND id = $2"
ONE = f"SELECT {tasks.JOB} FROM tasks WHERE tenant_id = $1 AND id = $2"
OCCUPIED = "SELECT 1 FROM tasks WHERE tenant_id = $1 AND lane = $2 LIMIT 1"

_WIDEST = 500
"""Tasks of a channel that one look goes over at most: others wait for the writer meanwhile."""


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
        jobs: list[Job] = []
        for look, window in enumerate(tasks.windows(limit, _WIDEST), start=1):
            scope = _Scope(tenant_id, self.to_time(now), limit - len(jobs), window, busy)
            rows, choice = await self.write(partial(_claim, scope, self.to_time(lease_until)))
            jobs += self.claimed(tenant_id, rows, choice.take)
            if choice.ends(look, len(jobs), limit):
                break
        return jobs

    async def settle(self, tenant_id: str, settled: Sequence[Settled]) -> None:
        await self.together(*self.endings(tenant_id, settled).steps())

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
        more = [(tasks.WAKE, self.woken(tenant_id, *done)), *self.replay_steps(tenant_id, kept)]

        def work(connection: sqlite3.Connection) -> list[Job]:
            if gone and _many(connection, tasks.TAKE_OFF, gone) != len(gone):
                raise Moved
            occupied = _occupied(connection, tenant_id, jobs) if leased_until is not None else []
            added, own = tasks.leased(jobs, leased_until, occupied, busy)
            _many(connection, statements.insert("tasks", 1), map(self.task_row, added))
            _many(connection, statements.insert("webhook_deliveries", 1), entries)
            for step in more:
                _many(connection, *step)
            return own

        return await self.write(work)


@dataclass(frozen=True, slots=True)
class _Scope:
    tenant_id: str
    now: str
    limit: int
    window: int
    busy: Sequence[str]

    def choose(self, connection: sqlite3.Connection) -> tasks.Choice:
        rows: list[Row] = []
        for (channel,) in _run(connection, CHANNELS, (self.tenant_id,)).fetchall():
            if channel not in self.busy:
                rows += _run(connection, LOOK, (self.tenant_id, self.now, self.window, channel)).fetchall()
        return tasks.Choice(rows, self.now, self.limit, self.window)


def _claim(scope: _Scope, until: str, connection: sqlite3.Connection) -> tuple[list[Row], tasks.Choice]:
    choice, tenant_id = scope.choose(connection), scope.tenant_id
    _many(connection, TAKE, ((tenant_id, id_, until) for id_ in choice.take))
    _many(connection, tasks.PUT_OFF, ((tenant_id, *each[:2]) for each in choice.put_off))
    return [_run(connection, ONE, (tenant_id, id_)).fetchone() for id_ in choice.take], choice


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
