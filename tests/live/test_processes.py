"""Streams of whole servers: two on one database, one that is stopped, and streams that may last only so long."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from threading import Thread

import pytest

from app.store import migrate
from tests.cli.program import PATIENCE, serving
from tests.cli.reading import new_key, new_tenant
from tests.conftest import ENGINES
from tests.dialects.server import Server, serve
from tests.dialects.tenants import Tenant
from tests.live.following import Frame, follow, until
from tests.operations.reading import Metrics
from tests.postgres import drop_database, fresh_database

_WITHIN = 1.0  # seconds, from one process to the other


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'dragoman.db'}"
        migrate(url)
        yield url
        return
    server = request.getfixturevalue("postgres")
    url = asyncio.run(fresh_database(server))
    migrate(url)
    yield url
    asyncio.run(drop_database(server, url))


@pytest.fixture
def two(url: str) -> Iterator[tuple[Server, Server]]:
    with serve(url) as one, serve(url) as other:
        yield one, other


def test_an_event_of_one_process_is_on_the_others_stream_within_a_second(two: tuple[Server, Server]) -> None:
    one, other = two
    tenant = Tenant.add(one)
    with follow(other.base, tenant.key) as stream:
        took = []
        for _ in range(9):
            order = tenant.create()
            made = time.monotonic()
            assert stream.take(1)[0].data["order_id"] == order["id"]
            took.append(time.monotonic() - made)
    assert median(took) < _WITHIN


def test_whoever_changes_the_process_misses_nothing(two: tuple[Server, Server]) -> None:
    tenant = Tenant.add(two[0])
    ids = [tenant.create()["id"] for _ in range(3)]
    seen: list[Frame] = []
    for server in (*two, *two):
        after = {"Last-Event-ID": seen[-1].id} if seen else {}
        with follow(server.base, tenant.key, "" if seen else "?after=00000000-0000-7000-8000-000000000000", after) as s:
            ids += [tenant.create()["id"] for _ in range(2)]
            seen += s.take(len(ids) - len(seen) - 1)  # one is left for the next
    assert [frame.data["order_id"] for frame in seen] == ids[: len(seen)]
    assert len(seen) == len(ids) - 1


def test_all_who_follow_see_the_same_while_both_write(two: tuple[Server, Server]) -> None:
    one, other = two
    tenant = Tenant.add(one)
    elsewhere = Tenant(other, tenant.id, tenant.key)
    with ExitStack() as opened:
        streams = [opened.enter_context(follow(server.base, tenant.key)) for server in (one, other, one, other)]
        writers = [Thread(target=lambda at: [at.create() for _ in range(25)], args=(at,)) for at in (tenant, elsewhere)]
        for writer in writers:
            writer.start()
        seen = [{frame.id for frame in stream.take(50)} for stream in streams]
        for writer in writers:
            writer.join()
    made = {event["id"] for event in tenant.api("GET", "/events?limit=250")["events"]}
    assert len(made) == 50
    assert seen == [made] * 4


def test_a_server_that_stops_ends_its_streams(url: str, tmp_path: Path) -> None:
    """At once, cleanly, and with what it had to say."""
    workers = "1" if url.startswith("sqlite:") else "2"
    key = new_key(url, new_tenant(url))
    with serving(tmp_path, url, "--workers", workers) as server:
        until(lambda: server.get("/health/ready").status_code == 200, "the server")
        with ExitStack() as opened:
            streams = [opened.enter_context(follow(server.url, key)) for _ in range(8)]
            body = {"currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 1}]}
            assert server.send("POST", "/api/orders", key, body).status_code == 201
            assert [len(stream.take(1)) for stream in streams] == [1] * 8
            asked = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert [stream.rest() for stream in streams] == [[]] * 8
            assert all(stream.ended for stream in streams)
            assert server.process.wait(PATIENCE) == 0
            assert time.monotonic() - asked < 5
        assert "Traceback" not in server.text
        assert '"level":"error"' not in server.text


def test_a_stream_of_limited_life(url: str) -> None:
    with serve(url, stream_life=0.5) as server:
        tenant = Tenant.add(server)
        with follow(server.base, tenant.key) as stream:
            order = tenant.create()
            [frame] = stream.rest()
            assert frame.data["order_id"] == order["id"]
        missed = tenant.create()
        with follow(server.base, tenant.key, headers={"Last-Event-ID": frame.id}) as stream:
            assert [each.data["order_id"] for each in stream.rest()] == [missed["id"]]
        assert Metrics(server).get("dragoman_live_readers") == 0
