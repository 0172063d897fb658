"""Servers of these tests' own: no worker changes a row meanwhile, and limits are as these tests need them."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import migrate
from tests.dialects.conftest import BRIEF
from tests.dialects.server import Server, serve
from tests.dialects.tenants import Tenant
from tests.postgres import drop_database, fresh_database
from tests.security.counting import Statements, counted
from tests.security.world import World


@pytest.fixture(scope="session")
def sqlite_path(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("security") / "dragoman.db"))


@pytest.fixture(scope="session")
def statements(sqlite_path: Path) -> Iterator[Statements]:
    """Of the server on SQLite."""
    with counted(sqlite_path) as counting:
        yield counting


@pytest.fixture(scope="session")
def sqlite_server(sqlite_path: Path, statements: Statements) -> Iterator[Server]:
    with serve(f"sqlite:///{sqlite_path}", stream_life=BRIEF, no_worker=True) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server(postgres: str) -> Iterator[Server]:
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    with serve(url, stream_life=BRIEF, no_worker=True) as server:
        yield server
    asyncio.run(drop_database(postgres, url))


@pytest.fixture
def tenant(sqlite_server: Server) -> Tenant:
    return Tenant.add(sqlite_server)


@pytest.fixture(scope="session")
def sqlite_world(sqlite_server: Server) -> World:
    return World(sqlite_server)


@pytest.fixture(scope="session")
def postgresql_world(postgresql_server: Server) -> World:
    return World(postgresql_server)
