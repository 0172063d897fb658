"""SQLite's one writer: a thread and a connection of its own, whose queued changes share a transaction.

A change is durable when it is answered (`synchronous=FULL`). Changes that queue up while the disk is busy go in
together, each behind its own savepoint, so that one refused leaves the others alone.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from app.core.ports import Moved
from app.core.refusal import Code, Refusal

_T = TypeVar("_T")
_Work = Callable[[sqlite3.Connection], Any]
_Job = tuple[_Work, asyncio.AbstractEventLoop, "asyncio.Future[Any]"]
_MOST_AT_ONCE = 128
_LOOK = 0.2
"""Seconds between two looks for changes of other processes: each costs some 10 µs of this thread."""


def connect(path: str, timeout: float) -> sqlite3.Connection:
    """Autocommit; transactions are opened by name. `check_same_thread` is off for the reader on the event loop."""
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


class Writer:
    """`close` it, or its thread stays."""

    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._told: Callable[[], None] | None = None
        self._version = 0
        self._next_look = 0.0
        self._thread = threading.Thread(target=self._run, name="dragoman-write", daemon=True)
        self._thread.start()

    async def change(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """What `work` returns, once it is on disk; if it raises, nothing of it is."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_T] = loop.create_future()
        self._queue.put((work, loop, future))
        return await asyncio.shield(future)

    async def watch(self, told: Callable[[], None]) -> None:
        """Call `told`, in this thread, after changes by other processes. Own ones do not count: this connection
        makes them all, and SQLite tells a connection of the changes of others."""

        def start(connection: sqlite3.Connection) -> None:
            self._version = _version(connection)
            self._told = told

        await self.change(start)

    async def close(self) -> None:
        """Once all that is queued is written."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        connection = connect(self._path, self._timeout)
        while (job := self._next(connection)) is not None:
            jobs: list[_Job] = [job]
            stop = False
            while len(jobs) < _MOST_AT_ONCE and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    stop = True
                    break
                jobs.append(more)
            _answer(jobs, _together(connection, jobs))
            if stop:
                break
        connection.close()

    def _next(self, connection: sqlite3.Connection) -> _Job | None:
        while self._told is not None:
            wait = self._next_look - time.monotonic()
            if wait <= 0:
                self._look(connection, self._told)
                wait = _LOOK
            with suppress(queue.Empty):
                return self._queue.get(timeout=wait)
        return self._queue.get()

    def _look(self, connection: sqlite3.Connection, told: Callable[[], None]) -> None:
        self._next_look = time.monotonic() + _LOOK
        with suppress(sqlite3.Error):
            version = _version(connection)
            if version != self._version:
                self._version = version
                told()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _together(connection: sqlite3.Connection, jobs: list[_Job]) -> list[Any]:
    """Run all in one transaction; the result of each, or the exception it ends with."""
    results: list[Any] = []
    try:
        with Translated():
            connection.execute("BEGIN IMMEDIATE")
            for work, _, _ in jobs:
                connection.execute("SAVEPOINT one")
                try:
                    with Translated():
                        results.append(work(connection))
                except Exception as no:
                    connection.execute("ROLLBACK TO one")
                    results.append(no)
                connection.execute("RELEASE one")
            connection.execute("COMMIT")
    except Exception as error:
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # a disk that fails may fail here, too; the next one tries it again
                connection.execute("ROLLBACK")
        return [error] * len(jobs)
    return results


def _answer(jobs: list[_Job], results: list[Any]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for (_, loop, future), result in zip(jobs, results, strict=True):
        by_loop.setdefault(loop, []).append((future, result))
    for loop, pairs in by_loop.items():
        loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in pairs:
        if future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


class Translated:
    """Driver errors as the port promises them."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in str(error):
            raise Moved from error
        if isinstance(error, sqlite3.OperationalError):
            busy = "locked" in str(error) or "busy" in str(error)
            raise Refusal(Code.BUSY if busy else Code.UNAVAILABLE) from error
