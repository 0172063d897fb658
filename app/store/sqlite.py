"""The store on SQLite: one writer thread, readers beside it (WAL)."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.core import times
from app.core.finding import CaseQuery
from app.core.messages import Change
from app.core.model import Order
from app.core.ports import Commit, Found, Hints, Moved, Query, Ref, RefundQuery, ReplayKey, StoredEvent, Taken
from app.core.refusal import Code, Refusal
from app.store import codec, loading, queries, statements
from app.store.deliveries import SqlDeliveries
from app.store.mail_templates import SqlMailTemplates
from app.store.registry import SqlRegistry
from app.store.rows import CommitRows, Row, by_table
from app.store.sql import Step
from app.store.sqlite_queue import SqliteQueue
from app.store.stock import SqlStock
from app.store.subscriptions import SqlSubscriptions
from app.store.writer import Translated, Writer, connect

_T = TypeVar("_T")


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text)


class SqliteStore(SqlRegistry, SqlSubscriptions, SqlDeliveries, SqlStock, SqlMailTemplates, SqliteQueue):
    def __init__(self, path: str, *, timeout: float) -> None:
        self._timeout = timeout
        self._path = path
        self._reader = connect(path, timeout)
        self._lists = ThreadPoolExecutor(2, thread_name_prefix="dragoman-read")
        self._local = threading.local()
        self._opened = [self._reader]
        self._closed = False
        self._writer = Writer(path, timeout)

    async def close(self) -> None:
        """Refuses from now on, and waits for what is under way."""
        self._closed = True
        await self._writer.close()
        await asyncio.to_thread(self._lists.shutdown)
        for connection in self._opened:
            connection.close()

    @property
    def lateness(self) -> timedelta:
        """Those before it in the queue and it itself may each wait for another process to be done."""
        return timedelta(seconds=3 * self._timeout)

    async def ready(self) -> None:
        await self.fetch("SELECT 1")

    @staticmethod
    def to_time(at: datetime | None) -> str | None:
        return None if at is None else times.text(at)

    @staticmethod
    def from_time(value: Any) -> datetime | None:
        return None if value is None else from_text(value)

    async def fetch(self, text: str, *values: Any) -> Sequence[Row]:
        return await self._read(lambda connection: connection.execute(statements.sqlite(text), values).fetchall())

    async def fetch_each(self, text: str, rows: Sequence[Row]) -> Sequence[Row]:
        def work(connection: sqlite3.Connection) -> list[Row]:
            return [found for row in rows for found in connection.execute(statements.sqlite(text), row)]

        return await self._read(work)

    async def execute(self, text: str, *values: Any, replay: Row | None = None) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(statements.sqlite(text), values)
            if replay is not None:
                connection.execute(statements.sqlite(statements.insert("replays", 1)), replay)

        await self.write(work)

    async def together(self, *steps: Step) -> None:
        def work(connection: sqlite3.Connection) -> None:
            for text, rows in steps:
                connection.executemany(statements.sqlite(text), rows)

        await self.write(work)

    async def pass_on(self, hints: Hints) -> None:
        loop = asyncio.get_running_loop()

        def told() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(hints.heard, "")

        await self._writer.watch(told)

    async def load(self, tenant_id: str, ref: Ref | None, replay: ReplayKey | None) -> Found | None:
        """On the event loop itself: a point read of a mapped page is shorter than handing it to a thread."""
        self._check_open()
        values = loading.parameters(tenant_id, ref, replay)
        with Translated():
            row = self._reader.execute(statements.sqlite(statements.LOAD), values).fetchone()
        return loading.found(row, self.from_time(row[9])) if row else None

    async def commit(self, commit: Commit) -> None:
        rows = CommitRows(commit, times.text)
        await self.write(lambda connection: _commit(connection, rows))

    async def forget_replay(self, tenant_id: str, replay: ReplayKey, before: datetime) -> None:
        await self.execute(statements.FORGET_REPLAY, tenant_id, replay.credential_id, replay.key, times.text(before))

    async def taken(self, tenant_id: str, change: Change) -> Taken | None:
        known = await self._read(lambda connection: _known(connection, tenant_id, *loading.named(change)))
        return known.taken(change)

    async def find(self, tenant_id: str, query: Query) -> list[Order]:
        text, values = queries.select(tenant_id, query, times.text, queries.SQLITE)
        return [codec.decode_order(row[0], row[1]) for row in await self.fetch(text, *values)]

    async def refunds(self, tenant_id: str, query: RefundQuery) -> list[tuple[Order, str]]:
        text, values = queries.refunds(tenant_id, query, times.text, queries.SQLITE)
        return [(codec.decode_order(row[0], row[1]), row[2]) for row in await self.fetch(text, *values)]

    async def undecided(self, tenant_id: str, query: CaseQuery) -> list[tuple[Order, str]]:
        text, values = queries.undecided(tenant_id, query, times.text, queries.SQLITE)
        return [(codec.decode_order(row[0], row[1]), row[2]) for row in await self.fetch(text, *values)]

    async def count(self, tenant_id: str, query: Query) -> int:
        text, values = queries.count(tenant_id, query, times.text, queries.SQLITE)
        return int((await self.fetch(text, *values))[0][0])

    async def order_events(self, tenant_id: str, order_id: str, after: int, limit: int) -> list[StoredEvent]:
        rows = await self.fetch(statements.ORDER_EVENTS, tenant_id, order_id, after, limit)
        return [loading.event(row, from_text(row[4])) for row in rows]

    async def events(self, tenant_id: str, after: str, limit: int) -> list[StoredEvent]:
        rows = await self.fetch(statements.EVENTS, tenant_id, after, limit)
        return [loading.event(row, from_text(row[4])) for row in rows]

    async def add_orders(self, tenant_id: str, commits: Sequence[Commit]) -> list[Taken | None]:
        def work(connection: sqlite3.Connection) -> list[Taken | None]:
            orders = [commit.change.ledger.order for commit in commits]
            known = _known(connection, tenant_id, *loading.identities(orders))
            answers, fresh = known.sort(commits)
            for table, rows in by_table([CommitRows(commit, times.text) for commit in fresh]):
                connection.executemany(statements.sqlite(statements.insert(table, 1)), rows)
            return answers

        return await self.write(work)

    async def _read(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        def run() -> _T:
            with Translated():
                if not hasattr(self._local, "connection"):
                    self._local.connection = connect(self._path, self._timeout)
                    self._opened.append(self._local.connection)
                return work(self._local.connection)

        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._lists, run)

    async def write(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        self._check_open()
        return await self._writer.change(work)

    def _check_open(self) -> None:
        if self._closed:
            raise Refusal(Code.UNAVAILABLE)


def _commit(connection: sqlite3.Connection, rows: CommitRows) -> None:
    if rows.shape.new:
        connection.execute(statements.sqlite(statements.insert("orders", 1)), rows.order)
    else:
        cursor = connection.execute(statements.sqlite(statements.UPDATE_ORDER), rows.order)
        if cursor.rowcount != 1:
            raise Moved
    for table, values in rows.tables():
        for row in values:
            connection.execute(statements.sqlite(statements.insert(table, 1)), row)


def _known(
    connection: sqlite3.Connection, tenant_id: str, numbers: list[str], keys: dict[tuple[str, str], list[str]]
) -> loading.Known:
    by_number = _among(connection, statements.BY_NUMBER, (tenant_id,), numbers)
    by_key: list[Row] = []
    for (dialect, kind), some in keys.items():
        by_key += _among(connection, statements.BY_KEY, (tenant_id, dialect, kind), some)
    return loading.Known(by_number, by_key)


def _among(connection: sqlite3.Connection, text: str, first: tuple[str, ...], values: list[str]) -> list[Row]:
    """A list goes in as one JSON parameter, so that the text stays the same whatever its length."""
    listed = f"{text} IN (SELECT value FROM json_each(${len(first) + 1}))"
    return connection.execute(statements.sqlite(listed), (*first, codec.encode(values))).fetchall()
