"""One server per engine for all wire tests; each test gets a tenant of its own on it."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store import migrate
from tests.conftest import ENGINES
from tests.dialects.server import Server, serve
from tests.dialects.tenants import Tenant
from tests.postgres import drop_database, fresh_database

BRIEF = 0.1
"""Seconds of a live stream: whoever asks for it like for anything else gets an answer that ends."""


@pytest.fixture(scope="session")
def sqlite_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("wire") / "dragoman.db")
    with serve(f"sqlite:///{path}", stream_life=BRIEF) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_server(postgres: str) -> Iterator[Server]:
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    with serve(url, stream_life=BRIEF) as server:
        yield server
    asyncio.run(drop_database(postgres, url))


# Not a session fixture with parameters: in random order those would start a server for every change of engine.
@pytest.fixture(params=ENGINES)
def server(request: pytest.FixtureRequest) -> Server:
    running: Server = request.getfixturevalue(f"{request.param}_server")
    return running


@pytest.fixture
def tenant(server: Server) -> Tenant:
    return Tenant.add(server)
