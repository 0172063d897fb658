"""One toy server per engine; each test gets a tenant of its own on it. Most of it is the same on both: on SQLite."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import migrate
from tests.conftest import ENGINES
from tests.postgres import drop_database, fresh_database
from tests.web.server import Client, Toy, serve


@pytest.fixture(scope="session")
def sqlite_toy(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toy]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("toy") / "dragoman.db")
    with serve(f"sqlite:///{path}") as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_toy(postgres: str) -> Iterator[Toy]:
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    with serve(url) as server:
        yield server
    asyncio.run(drop_database(postgres, url))


@pytest.fixture
def client(sqlite_toy: Toy) -> Client:
    return Client(sqlite_toy)


@pytest.fixture(params=ENGINES)
def writer(request: pytest.FixtureRequest) -> Client:
    """On each engine, for what changes something."""
    return Client(request.getfixturevalue(f"{request.param}_toy"))
