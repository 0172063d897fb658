"""One server per engine for the wire tests of warehouses, with a worker of its own; each test has its own tenant."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.store import migrate
from tests.conftest import ENGINES
from tests.dialects.server import Server, serve
from tests.dialects.tenants import Tenant
from tests.postgres import drop_database, fresh_database
from tests.warehouse.door import Door, door


@dataclass(frozen=True)
class House:
    """A server, and the address from outside that it knows of."""

    server: Server
    door: Door


def _house(url: str) -> Iterator[House]:
    with door() as entrance, serve(url, webhook_allow_private=True, public_url=entrance.url) as server:
        entrance.target = server.base
        yield House(server, entrance)


@pytest.fixture(scope="session")
def sqlite_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("warehouse") / "dragoman.db")
    yield from _house(f"sqlite:///{path}")


@pytest.fixture(scope="session")
def postgresql_house(postgres: str) -> Iterator[House]:
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    yield from _house(url)
    asyncio.run(drop_database(postgres, url))


@pytest.fixture(params=ENGINES)
def house(request: pytest.FixtureRequest) -> House:
    found: House = request.getfixturevalue(f"{request.param}_house")
    return found


@pytest.fixture
def server(house: House) -> Server:
    return house.server


@pytest.fixture
def tenant(server: Server) -> Tenant:
    return Tenant.add(server)
