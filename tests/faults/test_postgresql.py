"""PostgreSQL is lost, slow, locked or has no connection left: each dialect says so in its own words, nothing is half
done, and the same server goes on when it is well again."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.core.refusal import Code
from app.store import migrate
from app.web.dialect import discover
from tests.dialects.server import Server, Wire, keyed, serve, succeeded
from tests.dialects.tenants import Tenant
from tests.faults.cutting import At, Cutter, cutter
from tests.operations.reading import contract_of
from tests.postgres import drop_database, fresh_database

PATIENCE = 0.5
POOL = 2
each_dialect = pytest.mark.parametrize("name", [dialect.name for dialect in discover()])


@pytest.fixture(scope="module")
def url(postgres: str) -> Iterator[str]:
    made = asyncio.run(fresh_database(postgres))
    migrate(made)
    yield made
    asyncio.run(drop_database(postgres, made))


@pytest.fixture(scope="module")
def way(url: str) -> Iterator[Cutter]:
    parts = urlsplit(url)
    with cutter(parts.hostname or "127.0.0.1", parts.port or 5432) as made:
        yield made


@pytest.fixture(scope="module")
def server(url: str, way: Cutter) -> Iterator[Server]:
    """Hints between processes go past the way, so that what passes there is requests."""
    parts = urlsplit(url)
    behind = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{way.port}").geturl()
    settings: dict[str, Any] = {"statement_timeout": PATIENCE, "pool_size": POOL, "no_worker": True}
    with serve(behind, direct_url=url, **settings) as running:
        yield running


@pytest.fixture
def tenant(server: Server) -> Tenant:
    return Tenant.add(server)


def once(tenant: Tenant, order_id: str, wire: Wire) -> bool:
    """Asks until it is in, as a client would; whether it was in already. It has had one effect."""
    for _ in range(20):
        answer = tenant.send(wire)
        if succeeded(answer):
            assert len(tenant.events(order_id)) == 2
            assert [len(case["adjustments"]) > 0 for case in tenant.api("GET", f"/orders/{order_id}")["cases"]] == [
                True
            ]
            return bool(answer.headers.get("Idempotency-Replayed") == "true")
    raise AssertionError(f"it stays refused: {answer.text}")


@each_dialect
def test_cut_off_at_every_moment(name: str, tenant: Tenant, way: Cutter) -> None:
    """A load and a commit: whichever of their questions and answers is lost, a retry has the one effect."""
    contract, known = contract_of(name), []
    for at in (At.QUESTION, At.ANSWER):
        for nth in (1, 2, 3, 4):
            order = tenant.create()
            wire = keyed(contract.change(order["id"]), f"{at}-{nth}")
            way.arm(at, nth)
            answer = tenant.send(wire)
            way.disarm()
            if way.fired:
                contract.refused(answer, Code.UNAVAILABLE)
                known.append((at, once(tenant, order["id"], wire)))
    assert {(At.QUESTION, False), (At.ANSWER, False), (At.ANSWER, True)} <= {*known}
    assert (At.QUESTION, True) not in known


@each_dialect
def test_no_answer_for_too_long(name: str, tenant: Tenant, way: Cutter) -> None:
    contract = contract_of(name)
    for nth in (1, 2):
        order = tenant.create()
        wire = keyed(contract.change(order["id"]), f"hangs-{nth}")
        way.arm(At.HANGS, nth)
        contract.refused(tenant.send(wire), Code.TIMED_OUT)
        assert way.fired
        once(tenant, order["id"], wire)


@contextmanager
def locked(url: str, order_id: str) -> Iterator[None]:
    """Somebody else holds the order's row."""

    async def lock() -> asyncpg.Connection:
        connection = await asyncpg.connect(url)
        await connection.execute("BEGIN")
        await connection.execute("SELECT FROM orders WHERE id = $1::text::uuid FOR UPDATE", order_id)
        return connection

    with asyncio.Runner() as runner:
        connection = runner.run(lock())
        try:
            yield
        finally:
            runner.run(connection.close())


@each_dialect
def test_a_lock_held_for_too_long(name: str, tenant: Tenant, url: str) -> None:
    contract, order = contract_of(name), tenant.create()
    wire, before = keyed(contract.change(order["id"])), tenant.snapshot(order["id"])
    with locked(url, order["id"]):
        contract.refused(tenant.send(wire), Code.TIMED_OUT)
        assert tenant.snapshot(order["id"]) == before
    once(tenant, order["id"], wire)


@each_dialect
def test_no_connection_left(name: str, tenant: Tenant, url: str) -> None:
    """Those who hold all of them wait for a lock; all others are told when their time is up, and nobody longer.

    What became of those who were in the database is not known to them: one of them may get the lock that is let go.
    """
    contract, order = contract_of(name), tenant.create()
    wire = keyed(contract.change(order["id"]))
    with locked(url, order["id"]), ThreadPoolExecutor(3 * POOL) as clients:
        answers = list(clients.map(tenant.send, [wire] * 3 * POOL))
    for answer in answers:
        contract.refused(answer, Code.TIMED_OUT)
    once(tenant, order["id"], wire)
