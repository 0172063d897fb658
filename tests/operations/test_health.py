"""`/health/live` and `/health/ready`, and what is no dialect's."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import pytest
from anyio.from_thread import start_blocking_portal

from app.core.refusal import Code
from app.store import migrate
from app.web.dialect import discover
from tests.dialects.server import Server, Wire, serve
from tests.dialects.tenants import Tenant
from tests.operations.gateway import Gateway, gateway
from tests.operations.reading import Metrics, contract_of
from tests.postgres import drop_database, fresh_database


def test_alive_and_ready(private_server: Server) -> None:
    for path, status in (("/health/live", "live"), ("/health/ready", "ready")):
        answer = private_server.send(Wire("GET", path))
        assert (answer.status_code, answer.json()) == (200, {"status": status})


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/apis/orders", "/API/orders", "//api/orders", "/health", "/metrics/x"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_nobody_serves_is_404_in_json(path: str, method: str, private_server: Server) -> None:
    answer = private_server.send(Wire(method, path))
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"
    prefixes = [prefix for dialect in discover() for prefix in dialect.prefixes]
    assert {"/afosto", "/api", "/shoplazza"} <= set(prefixes)
    pages = ["/console", "/docs"]
    assert answer.json() == {"error": "no dialect is served here", "prefixes": prefixes, "pages": pages}


@pytest.mark.parametrize(
    ("settings", "pages"),
    [({}, ["/console", "/docs"]), ({"console": False}, ["/docs"]), ({"console": False, "pages": False}, [])],
)
def test_a_browser_is_sent_to_the_first_page_that_there_is(
    settings: dict[str, bool], pages: list[str], sqlite_template: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'dragoman.db')}"
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    with serve(url, **settings) as server:
        for method in ("GET", "HEAD"):
            answer = server.send(Wire(method, "/", headers=browser))
            assert answer.status_code == (307 if pages else 404)
            assert answer.headers.get("Location") == (pages[0][1:] if pages else None)
            assert answer.headers["Vary"] == "Accept"
        assert server.send(Wire("POST", "/", headers=browser)).status_code == 404
        assert server.send(Wire("GET", "/nowhere", headers=browser)).json()["pages"] == pages


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_operators_only_read(path: str, private_server: Server) -> None:
    answer = private_server.send(Wire("POST", path))
    assert answer.status_code == 405
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}


@pytest.fixture
def way(postgres: str) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """A migrated database behind a gateway: its URL, and how to close and open the way there."""
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    parts = urlsplit(url)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(_gateway(parts)) as passing:
        behind = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{passing.port}")
        yield behind.geturl(), lambda: portal.call(passing.close), lambda: portal.call(passing.open)
    asyncio.run(drop_database(postgres, url))


def _gateway(parts: SplitResult) -> AbstractAsyncContextManager[Gateway]:
    return gateway(parts.hostname or "127.0.0.1", parts.port or 5432)


@pytest.mark.parametrize("name", [dialect.name for dialect in discover()])
def test_a_database_that_is_gone_and_comes_back(
    name: str, way: tuple[str, Callable[[], None], Callable[[], None]]
) -> None:
    url, close, open_ = way
    with serve(url) as server:
        tenant, contract = Tenant.add(server), contract_of(name)
        order = tenant.create()
        change = contract.change(order["id"])
        retried = Wire(change.method, change.path, change.body, headers={"Idempotency-Key": "once"})
        close()
        _not_ready(server)
        contract.refused(tenant.send(contract.read(order["id"])), Code.UNAVAILABLE)
        contract.refused(tenant.send(retried), Code.UNAVAILABLE)
        assert server.send(Wire("GET", "/health/live")).status_code == 200
        assert Metrics(server).values
        open_()
        answer = server.send(Wire("GET", "/health/ready"))
        assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
        assert tenant.send(retried).status_code == 200
        assert len(tenant.events(order["id"])) == 2


def _not_ready(server: Server) -> None:
    answer = server.send(Wire("GET", "/health/ready"))
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "cause": "unavailable"}
