"""Brings a database to the current schema. The only runtime user of Alembic and SQLAlchemy."""

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from app.store.opening import SchemaOutdated

_SCRIPTS = Path(__file__).parent / "migrations"
_PATIENCE = 600.0
"""Seconds to wait for whoever migrates the same file."""


def config(connection: Connection | None = None) -> Config:
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(_SCRIPTS))
    return made


def upgrade(url: str) -> str | None:
    """All or nothing, and safe to run twice: runs at the same time wait for one another. Raises the driver's errors.

    Tells which revision there was.
    """
    try:
        return _upgrade_any(url)
    except DBAPIError as error:
        raise error.driver_exception from None
    except ArgumentError as error:
        raise ValueError(str(error)) from error


def _upgrade_any(url: str) -> str | None:
    return _upgrade_sqlite(url) if url.startswith("sqlite") else asyncio.run(_upgrade_postgres(url))


def _upgrade_sqlite(url: str) -> str | None:
    # The driver begins a transaction before rows change, and none before tables do.
    engine = create_engine(url, connect_args={"isolation_level": None, "timeout": _PATIENCE})
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            return _upgrade(connection)
    finally:
        engine.dispose()


async def _upgrade_postgres(url: str) -> str | None:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    try:
        async with engine.begin() as connection:
            # A session lock that ends with the transaction: migrating is the one place where it may be relied on,
            # since it runs on one node, by hand.
            await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4203001)")
            return await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, /, **_: Any) -> str | None:
    outdated = SchemaOutdated(MigrationContext.configure(connection).get_current_revision())
    if outdated.newer:  # no script of ours leads back
        raise outdated
    command.upgrade(config(connection), "head")
    return outdated.found
