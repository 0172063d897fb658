"""Connections to PostgreSQL, lent one statement at a time, the warmest first.

asyncpg's own pool runs a task for every return and costs as much Python as the statement itself (24–29 µs against
50–55 µs for a load, medians of one run); here a return is an append. Nothing is asked of a connection on its way in or
out: no statement of ours leaves session state, and one that broke says so itself.
"""

import asyncio
from collections import deque

import asyncpg

from app.core.refusal import Code, Refusal

_OF_TIMEOUT = 4
"""The part of a statement's time that it may wait for locks."""
_DISTRIBUTED = "SELECT current_setting('citus.shard_count', true) IS NOT NULL"


class Connections:
    """At most `size`; opened when first needed. Whoever waits longer than `timeout` seconds for one is refused.

    `pooled`: behind them is a pooler that lends its own, each for one transaction: what a session would keep is lost.
    """

    def __init__(self, url: str, *, size: int, timeout: float, pooled: bool = False) -> None:
        self._pooled = pooled
        self._url = url
        self._size = size
        self._timeout = timeout
        self._free: list[asyncpg.Connection] = []
        self._waiting: deque[asyncio.Future[asyncpg.Connection | None]] = deque()
        self._open = 0
        self._closed = asyncio.Event()
        self._closing = False
        self.distributed = False
        """Whether the database is one of several nodes', as far as it was seen: it has Citus loaded."""

    async def take(self) -> asyncpg.Connection:
        """Raises Refusal(TIMED_OUT) when all stay in use, UNAVAILABLE when closing, and what connecting raises."""
        while True:
            if self._closing:
                raise Refusal(Code.UNAVAILABLE)
            while self._free:
                connection = self._free.pop()
                if not connection.is_closed():
                    return connection
                self._open -= 1
            if self._open < self._size:
                return await self._connect()
            handed = await self._wait()
            if handed is not None:
                return handed

    def give(self, connection: asyncpg.Connection) -> None:
        if not connection.is_closed() and connection.is_in_transaction():
            connection.terminate()
        if connection.is_closed():
            self._gone()
        else:
            self._hand_on(connection)
            self._check_closed()

    async def close(self) -> None:
        """Lends no more, waits for what is out, then closes all."""
        self._closing = True
        self._check_closed()
        await self._closed.wait()
        for connection in self._free:
            await connection.close(timeout=self._timeout)

    async def _connect(self) -> asyncpg.Connection:
        self._open += 1
        connection = None
        try:
            connection = await asyncpg.connect(
                self._url,
                timeout=self._timeout,
                command_timeout=self._timeout,
                server_settings={"application_name": "dragoman"},
            )
            # A plan is kept for a statement's lifetime, and one made while the queue was short would read all of a
            # long one. Every statement of ours has an index. (Not a parameter of the start: PgBouncer knows only a
            # few. It does the same by itself, in its `connect_query`, on those that it lends.)
            # Who waits for a lock of somebody else's gives up early: others may wait with him.
            if not self._pooled:
                locks = int(self._timeout * 1000) // _OF_TIMEOUT
                await connection.execute(f"SET enable_seqscan = off; SET lock_timeout = {locks}")
            self.distributed = await connection.fetchval(_DISTRIBUTED)
            return connection
        except BaseException:
            if connection is not None:
                connection.terminate()
            self._gone()
            raise

    async def _wait(self) -> asyncpg.Connection | None:
        """A connection that somebody gave back, or None: there may be room for a new one."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[asyncpg.Connection | None] = loop.create_future()
        timer = loop.call_later(self._timeout, _expire, waiter)
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._hand_on(waiter.result())  # handed over in the moment of giving up
            raise
        finally:
            timer.cancel()

    def _gone(self) -> None:
        self._open -= 1
        self._hand_on(None)
        self._check_closed()

    def _hand_on(self, connection: asyncpg.Connection | None) -> None:
        """To whoever waits longest; None says that there is room for a new one."""
        waiter = self._next_waiter()
        if waiter is not None:
            waiter.set_result(connection)
        elif connection is not None:
            self._free.append(connection)

    def _next_waiter(self) -> "asyncio.Future[asyncpg.Connection | None] | None":
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                return waiter
        return None

    def _check_closed(self) -> None:
        if self._closing and self._open == len(self._free):
            self._closed.set()


def _expire(waiter: "asyncio.Future[asyncpg.Connection | None]") -> None:
    if not waiter.done():
        waiter.set_exception(Refusal(Code.TIMED_OUT))
