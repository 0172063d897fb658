"""Databases for tests: both engines, and for each test one that is migrated and empty."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path

import asyncpg
import hypothesis
import pytest
from sqlmodel import SQLModel

import app.store.tables  # noqa: F401 - declares the tables
from app import garbage
from app.core.ports import Store
from app.store import migrate, open_store
from tests.postgres import drop_database, fresh_database, server_url

# A busy machine is no finding: what Hypothesis is to look for is said by the tests, not by a clock.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")

ENGINES = ("sqlite", "postgresql")
_LONG = ("test_torture.py", "test_fuzz.py", "test_machine.py")


def pytest_configure() -> None:
    """A shell's background jobs do not hear Ctrl-C, and neither would what the tests start from within one."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones come first in every process's share, so that in the end no process waits for another's.

    All others stay in the random order that they are in.
    """
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.path.name in _LONG]
    rest = iter([item for item in items if item.path.name not in _LONG])
    ordered: list[pytest.Item] = []
    for n in range(shares):
        ordered += long[n::shares]
        ordered += islice(rest, max(0, len(items) * (n + 1) // shares - len(ordered)))
    items[:] = ordered


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: looking through them again and again took a fifth of the whole time."""
    garbage.look_less()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server, started when the first test asks for it."""
    with server_url() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[str]:
    """Migrated once, used by one test after the other: emptying it takes a tenth of the time that a copy takes."""
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    yield url
    asyncio.run(drop_database(postgres, url))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "dragoman.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database without any rows, on each engine in turn; a test must leave its schema alone."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'dragoman.db')}"
    url: str = request.getfixturevalue("postgres_database")
    asyncio.run(_empty(url))
    return url


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, without any tables; on SQLite, a file that is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'dragoman.db'}"
        return
    server = request.getfixturevalue("postgres")
    url = asyncio.run(fresh_database(server))
    yield url
    asyncio.run(drop_database(server, url))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = await open_store(database_url)
    yield opened
    await opened.close()


async def _empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        # A failed test may have left a connection inside a transaction, whose locks would be waited for.
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await connection.execute("; ".join(f"DELETE FROM {name}" for name in SQLModel.metadata.tables))  # noqa: S608
    finally:
        await connection.close()
