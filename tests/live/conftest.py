"""A server of these tests' own on each engine: with streams that last, and a heartbeat that one can wait for."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.service import live
from app.store import migrate
from tests.conftest import ENGINES
from tests.dialects.server import Server, serve
from tests.dialects.tenants import Tenant
from tests.live.feed import Feed
from tests.postgres import drop_database, fresh_database

HEARTBEAT = 0.3


@pytest.fixture(scope="session")
def live_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("live") / "dragoman.db")
    with serve(f"sqlite:///{path}", stream_heartbeat=HEARTBEAT, auth_cache=1.0) as server:
        yield server


@pytest.fixture(scope="session")
def live_postgresql(postgres: str) -> Iterator[Server]:
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    with serve(url, stream_heartbeat=HEARTBEAT, auth_cache=1.0) as server:
        yield server
    asyncio.run(drop_database(postgres, url))


@pytest.fixture(params=ENGINES)
def server(request: pytest.FixtureRequest) -> Server:
    running: Server = request.getfixturevalue(f"live_{request.param}")
    return running


@pytest.fixture
def tenant(server: Server) -> Tenant:
    return Tenant.add(server)


@pytest.fixture
async def feed() -> Feed:
    return Feed()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that happens from time to time happens often."""
    monkeypatch.setattr(live, "_WHOLE_LOOK", 0.05)
    monkeypatch.setattr(live, "_PAUSE", 0.05)
