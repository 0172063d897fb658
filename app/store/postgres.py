"""The store on PostgreSQL: asyncpg, autocommit, one statement for a load and one for a commit.

Errors are told apart by SQLSTATE alone, since constraint names change on a distributed database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from app.core.finding import CaseQuery
from app.core.messages import Change
from app.core.model import Order
from app.core.ports import Commit, Found, Hints, Moved, Query, Ref, RefundQuery, ReplayKey, StoredEvent, Taken
from app.core.refusal import Code, Refusal
from app.store import codec, loading, queries, statements
from app.store.connections import Connections
from app.store.deliveries import SqlDeliveries
from app.store.gathering import Apart, Gathering
from app.store.mail_templates import SqlMailTemplates
from app.store.postgres_queue import PostgresQueue
from app.store.registry import SqlRegistry
from app.store.relay import Relay
from app.store.rows import CommitRows, Row, by_table
from app.store.sql import Step
from app.store.standby import Standby
from app.store.statements import Shape
from app.store.stock import SqlStock
from app.store.subscriptions import SqlSubscriptions

_LOAD_AGAIN = frozenset({"22012", "23505", "40P01", "40001"})
"""Division by zero: the version is stale. Unique violation: a key is taken. The others: deadlock, serialization."""


_DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

_TOO_LONG = frozenset({"57014", "55P03"})
"""Statement and lock time-out."""
_AWAY = frozenset({"08", "53", "57"})
"""Classes of states that say that the database is away, is full, or was told to stop."""


def _as_is(at: datetime) -> datetime:
    return at


class PostgresStore(SqlRegistry, SqlSubscriptions, SqlDeliveries, SqlStock, SqlMailTemplates, PostgresQueue):
    """With a `standby`, lists that name no order and the history of orders are read there, if it can tell."""

    def __init__(self, url: str, *, pool_size: int, timeout: float, standby: str = "", direct: str = "") -> None:
        self._direct = direct or url
        self._timeout = timeout
        self._connections = Connections(url, size=pool_size, timeout=timeout, pooled=bool(direct))
        self._standby = Standby(standby, pool_size=pool_size, timeout=timeout) if standby else None
        self._relay: Relay | None = None
        self._loads = Gathering(self._load, patience=timeout / 2)
        self._commits = Gathering(self._commit, patience=timeout / 2)

    @classmethod
    async def open(
        cls, url: str, *, pool_size: int, timeout: float, standby: str = "", direct: str = ""
    ) -> "PostgresStore":
        """Raises Refusal(UNAVAILABLE | TIMED_OUT) unless the database answers."""
        store = cls(url, pool_size=pool_size, timeout=timeout, standby=standby, direct=direct)
        await store.ready()
        return store

    async def close(self) -> None:
        """Refuses from now on, and waits for what is under way."""
        relay, self._relay = self._relay, None
        if relay is not None:
            await relay.close()
        await self._connections.close()
        if self._standby is not None:
            await self._standby.close()

    async def pass_on(self, hints: Hints) -> None:
        self._relay = Relay(self._direct, hints, self._timeout)

    @property
    def lateness(self) -> timedelta:
        """A commit may wait half the time-out to go with others, have it with them, and once more on its own; what is
        left is for clocks that differ. (Not of bulk loads and of changes of more rows than one statement writes, each
        of whose statements has it: they are late only where a database hardly answers.)"""
        return timedelta(seconds=3 * self._timeout)

    async def ready(self) -> None:
        await self.fetch("SELECT 1")

    @staticmethod
    def to_time(at: datetime | None) -> datetime | None:
        return at

    @staticmethod
    def from_time(value: Any) -> datetime | None:
        return value  # type: ignore[no-any-return]

    async def fetch(self, text: str, *values: Any) -> Sequence[Row]:
        """Without the context manager of `_lent`, which costs as much as all the rest here."""
        try:
            connection = await self._connections.take()
            try:
                return await connection.fetch(text, *values)  # type: ignore[no-any-return]
            finally:
                self._connections.give(connection)
        except _DRIVER_ERRORS as error:
            raise _translated(error) from error

    async def _listed(self, text: str, *values: Any) -> Sequence[Row]:
        rows = await self._standby.fetch(text, *values) if self._standby is not None else None
        return await self.fetch(text, *values) if rows is None else rows

    async def fetch_each(self, text: str, rows: Sequence[Row]) -> Sequence[Row]:
        async with self._lent() as connection:
            return await connection.fetchmany(text, rows)  # type: ignore[no-any-return]

    async def execute(self, text: str, *values: Any, replay: Row | None = None) -> None:
        if replay is not None:
            text = statements.with_replay(text, len(values))
            values = (*values, *replay[1:])
        await self.fetch(text, *values)

    async def together(self, *steps: Step) -> None:
        async with self.transaction() as connection:
            for text, rows in steps:
                await connection.executemany(text, rows)

    async def load(self, tenant_id: str, ref: Ref | None, replay: ReplayKey | None) -> Found | None:
        row = await self._loads.put(tenant_id, loading.parameters(tenant_id, ref, replay))
        return None if row is None else loading.found(row)

    async def _load(self, _: str, rows: Sequence[Row]) -> Sequence[Row | None]:
        """What `statements.LOAD` finds: one row for each, unless there is no such tenant."""
        if len(rows) == 1:
            found = await self.fetch(statements.LOAD, *rows[0])
        else:
            found = await self._for_each(asyncpg.Connection.fetchmany, statements.LOAD, rows)
        if found and len(found) < len(rows):
            raise Apart  # the tenant came in between
        return found or [None] * len(rows)

    async def commit(self, commit: Commit) -> None:
        rows = CommitRows(commit, _as_is)
        if rows.shape.fits:
            await self._commits.put((rows.tenant_id, rows.shape), tuple(rows.flat()), rows.subject)
            return
        async with self.transaction() as connection:
            head = statements.insert("orders", 1) if rows.shape.new else statements.UPDATE_ORDER
            if not await connection.fetch(head + " RETURNING id", *rows.order):
                raise Moved
            await _copy(connection, rows.tables())

    async def _commit(self, key: tuple[str, Shape], rows: Sequence[Row]) -> Sequence[None]:
        """All or none of a group. A distributed database would write the first of it for good before the others.

        The time-out is that of all of it, the wait for a connection included: see `lateness`.
        """
        text = statements.commit(key[1])
        if len(rows) > 1 and self._connections.distributed:
            raise Apart
        try:
            async with asyncio.timeout(self._timeout):
                if len(rows) == 1:
                    await self.fetch(text, *rows[0])
                else:
                    await self._for_each(asyncpg.Connection.executemany, text, rows)
        except TimeoutError as error:
            raise Refusal(Code.TIMED_OUT) from error
        return [None] * len(rows)

    async def _for_each(self, run: Callable[..., Awaitable[Any]], text: str, rows: Sequence[Row]) -> Any:
        """Raises Apart where one may be stale, wrong or locked: then the database has undone all, and says so."""
        async with self._lent() as connection:
            try:
                return await run(connection, text, rows)
            except asyncpg.PostgresError as error:
                if _class(error) in _AWAY:
                    raise
                raise Apart from error

    async def forget_replay(self, tenant_id: str, replay: ReplayKey, before: datetime) -> None:
        await self.execute(statements.FORGET_REPLAY, tenant_id, replay.credential_id, replay.key, before)

    async def taken(self, tenant_id: str, change: Change) -> Taken | None:
        return (await self._known(tenant_id, *loading.named(change))).taken(change)

    async def find(self, tenant_id: str, query: Query) -> list[Order]:
        text, values = queries.select(tenant_id, query, _as_is, queries.POSTGRESQL)
        rows = await self._listed(text, *values) if query.anonymous else await self.fetch(text, *values)
        return [codec.decode_order(row[0], row[1]) for row in rows]

    async def refunds(self, tenant_id: str, query: RefundQuery) -> list[tuple[Order, str]]:
        text, values = queries.refunds(tenant_id, query, _as_is, queries.POSTGRESQL)
        return [(codec.decode_order(row[0], row[1]), row[2]) for row in await self.fetch(text, *values)]

    async def undecided(self, tenant_id: str, query: CaseQuery) -> list[tuple[Order, str]]:
        text, values = queries.undecided(tenant_id, query, _as_is, queries.POSTGRESQL)
        return [(codec.decode_order(row[0], row[1]), row[2]) for row in await self.fetch(text, *values)]

    async def count(self, tenant_id: str, query: Query) -> int:
        text, values = queries.count(tenant_id, query, _as_is, queries.POSTGRESQL)
        rows = await self._listed(text, *values) if query.anonymous else await self.fetch(text, *values)
        return int(rows[0][0])

    async def order_events(self, tenant_id: str, order_id: str, after: int, limit: int) -> list[StoredEvent]:
        # Nothing there may be too early: whoever asks has seen that version of the order.
        rows = await self._listed(statements.ORDER_EVENTS, tenant_id, order_id, after, limit)
        rows = rows or await self.fetch(statements.ORDER_EVENTS, tenant_id, order_id, after, limit)
        return [loading.event(row, row[4]) for row in rows]

    async def events(self, tenant_id: str, after: str, limit: int) -> list[StoredEvent]:
        return [loading.event(row, row[4]) for row in await self.fetch(statements.EVENTS, tenant_id, after, limit)]

    async def add_orders(self, tenant_id: str, commits: Sequence[Commit]) -> list[Taken | None]:
        orders = [commit.change.ledger.order for commit in commits]
        known = await self._known(tenant_id, *loading.identities(orders))
        answers, fresh = known.sort(commits)
        if fresh:
            rows = by_table([CommitRows(commit, _as_is) for commit in fresh])
            async with self.transaction() as connection:
                await _copy(connection, rows)
        return answers

    async def _known(self, tenant_id: str, numbers: list[str], keys: dict[tuple[str, str], list[str]]) -> loading.Known:
        by_number = await self.fetch(statements.BY_NUMBER + "= ANY($2::text[])", tenant_id, numbers)
        by_key: list[Row] = []
        for (dialect, kind), some in keys.items():
            by_key += await self.fetch(statements.BY_KEY + "= ANY($4::text[])", tenant_id, dialect, kind, some)
        return loading.Known(by_number, by_key)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._lent() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[asyncpg.Connection]:
        try:
            connection = await self._connections.take()
            try:
                yield connection
            finally:
                self._connections.give(connection)
        except _DRIVER_ERRORS as error:
            raise _translated(error) from error


async def _copy(connection: asyncpg.Connection, tables: Sequence[tuple[str, list[Row]]]) -> None:
    for table, rows in tables:
        if rows:
            names = statements.INSERTS[table].split(", ")
            await connection.copy_records_to_table(table, records=rows, columns=names)


def _translated(error: Exception) -> Exception:
    """As the port promises. A lost connection leaves the outcome unknown: the idempotency key makes a retry safe."""
    if isinstance(error, asyncpg.PostgresError) and error.sqlstate is not None:
        if error.sqlstate in _LOAD_AGAIN:
            return Moved()
        if error.sqlstate in _TOO_LONG:
            return Refusal(Code.TIMED_OUT)
        return Refusal(Code.UNAVAILABLE) if _class(error) in _AWAY else error
    return Refusal(Code.TIMED_OUT if isinstance(error, TimeoutError) else Code.UNAVAILABLE)


def _class(error: asyncpg.PostgresError) -> str:
    return (error.sqlstate or "")[:2]
