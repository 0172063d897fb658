"""Picks the engine by URL, and refuses a database whose schema is not the one this program was written for."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import asyncpg

from app.core.ports import Store
from app.store.postgres import PostgresStore
from app.store.sqlite import SqliteStore

HEAD = "0009"
"""The newest migration; a test compares it with the scripts."""

_SQLITE = "sqlite:///"


class SchemaOutdated(Exception):  # noqa: N818 - the name says what to do about it
    """The database is older (or newer) than the program. `dragoman migrate` brings it forward."""

    def __init__(self, found: str | None) -> None:
        self.found = found
        self.newer = found is not None and found > HEAD
        if self.newer:
            text = f"the database schema is {found}, newer than this program's {HEAD}: run the version that migrated it"
        else:
            text = f"the database schema is {found or 'empty'}, this program needs {HEAD}: run `dragoman migrate`"
        super().__init__(text)


class Unusable(Exception):  # noqa: N818 - the database is; the text is the driver's word on why
    """There is something at the URL, but no database that this program may use; or the URL makes no sense."""


def is_embedded(url: str) -> bool:
    return url.startswith("sqlite:")


def sqlite_path(url: str) -> str:
    if not url.startswith(_SQLITE) or not url.removeprefix(_SQLITE):
        raise ValueError(f"{url!r} is not sqlite:///PATH")
    return url.removeprefix(_SQLITE)


def is_current(url: str) -> bool:
    """Of an embedded database: whether it exists and has the newest schema."""
    return _sqlite_version(sqlite_path(url)) == HEAD


def sqlite_exists(url: str) -> bool:
    return Path(sqlite_path(url)).exists()


async def open_store(
    url: str, *, pool_size: int = 8, timeout: float = 10.0, standby: str = "", direct: str = ""
) -> Store:
    """`timeout` is seconds per statement and for a free connection; `standby` is for lists. With `direct`, PostgreSQL's
    own URL, the first one is that of a pooler in transaction mode.

    Raises SchemaOutdated and Unusable.
    """
    if is_embedded(url):
        path = sqlite_path(url)
        _check(_sqlite_version(path))
        with usable():
            return SqliteStore(path, timeout=timeout)
    with usable():
        store = await PostgresStore.open(url, pool_size=pool_size, timeout=timeout, standby=standby, direct=direct)
    try:
        with usable():
            _check(await _postgres_version(store))
    except BaseException:
        await store.close()
        raise
    return store


def migrate(url: str) -> str | None:
    """Bring the database to `HEAD`; an embedded one comes into being, with its folder. Tells what it was at.

    Raises Unusable, SchemaOutdated (only for one that is newer).
    """
    # Not at the top: Alembic and SQLAlchemy cost half a second of every start, and only this needs them.
    from app.store.migrating import upgrade  # noqa: PLC0415

    if is_embedded(url):
        Path(sqlite_path(url)).absolute().parent.mkdir(parents=True, exist_ok=True)
    with usable():
        return upgrade(url)


async def clock_ahead(url: str, now: Callable[[], datetime], timeout: float = 5.0) -> tuple[float, float]:
    """By how many seconds this machine's clock is ahead of PostgreSQL's, and by how many that may be wrong."""
    with usable():
        connection = await asyncpg.connect(url, timeout=timeout, command_timeout=timeout)
        try:
            before = now()
            theirs: datetime = await connection.fetchval("SELECT clock_timestamp()")
            after = now()
        finally:
            await connection.close(timeout=timeout)
    half = (after - before) / 2
    return (before + half - theirs).total_seconds(), half.total_seconds()


@contextmanager
def usable() -> Iterator[None]:
    """Raises Unusable for what the drivers raise."""
    try:
        yield
    except (sqlite3.Error, asyncpg.PostgresError, ValueError) as error:
        raise Unusable(str(error)) from error


def _check(found: str | None) -> None:
    if found != HEAD:
        raise SchemaOutdated(found)


def _sqlite_version(path: str) -> str | None:
    if not Path(path).exists():
        return None
    with usable(), closing(sqlite3.connect(path)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return None
            raise
    return str(row[0]) if row else None


async def _postgres_version(store: PostgresStore) -> str | None:
    try:
        rows = await store.fetch("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    return str(rows[0][0]) if rows else None
