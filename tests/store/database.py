"""A database seen past the store: as SQLAlchemy sees it, or told a statement."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from app.store import is_embedded

_T = TypeVar("_T")


def look(url: str, at: Callable[[Connection], _T]) -> _T:
    """What SQLAlchemy sees there, or does, in one transaction."""
    if is_embedded(url):
        engine = create_engine(url)
        with engine.begin() as connection:
            seen = at(connection)
        engine.dispose()
        return seen
    return asyncio.run(_look(url, at))


async def _look(url: str, at: Callable[[Connection], _T]) -> _T:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        seen = await connection.run_sync(at)
    await engine.dispose()
    return seen


def execute(url: str, statement: str) -> list[Any]:
    if not is_embedded(url):
        return asyncio.run(_execute(url, statement))
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    rows = connection.execute(statement).fetchall()
    connection.close()
    return rows


async def _execute(url: str, statement: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(statement)
    await connection.close()
    return [tuple(row) for row in rows]
