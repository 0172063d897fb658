"""The whole application on each engine, a browser that looks at it, and a tenant of each test's own."""

import asyncio
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.store import migrate
from tests.console.asking import Client
from tests.console.browsing import CHROMIUM, chromium
from tests.dialects.server import Server, serve
from tests.dialects.tenants import Tenant
from tests.postgres import drop_database, fresh_database

# What a person sees is tried where there is a browser, as mail is.
_SEEN = ("health", "judged", "pages", "partners", "reach", "story", "timeline")
collect_ignore = [] if CHROMIUM else [f"test_{name}.py" for name in _SEEN]


@pytest.fixture(scope="module")
def sqlite_console(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("console") / "dragoman.db")
    with serve(f"sqlite:///{path}") as server:
        yield server


@pytest.fixture(scope="module")
def postgresql_console(postgres: str) -> Iterator[Server]:
    # In a thread of their own: an open browser has an event loop running in this one.
    with ThreadPoolExecutor(1) as apart:
        url = apart.submit(asyncio.run, fresh_database(postgres)).result()
        apart.submit(migrate, url).result()
        with serve(url) as server:
            yield server
        apart.submit(asyncio.run, drop_database(postgres, url)).result()


@pytest.fixture
def tenant(sqlite_console: Server) -> Tenant:
    return Tenant.add(sqlite_console)


@pytest.fixture
def client(tenant: Tenant) -> Iterator[Client]:
    """Nobody's yet."""
    with Client(tenant.server.base) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened
