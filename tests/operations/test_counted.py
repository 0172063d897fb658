"""`/metrics` of what happens behind the requests: the queue, webhooks, warehouses, live readers; of all processes."""

import base64
import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from math import isnan
from pathlib import Path
from shutil import copy
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.core.refusal import Code, Refusal
from app.store.sqlite import SqliteStore
from tests.cli.program import Serving, serving, until
from tests.cli.reading import new_key, new_tenant
from tests.dialects.server import Server, serve
from tests.dialects.tenants import Tenant
from tests.live.following import Stream, follow
from tests.operations.collecting import collecting
from tests.operations.reading import Metrics
from tests.operations.workers import working


@pytest.fixture(scope="session")
def sending_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = copy(sqlite_template, tmp_path_factory.mktemp("sending") / "dragoman.db")
    with serve(f"sqlite:///{path}", webhook_allow_private=True, sync_wait=0.1) as server:
        yield server


@pytest.fixture
def sending(sending_server: Server) -> Tenant:
    return Tenant.add(sending_server)


@pytest.fixture
def idle(sqlite_url: str) -> Iterator[Tenant]:
    """A tenant of a server that leaves all tasks to others."""
    with serve(sqlite_url, no_worker=True, webhook_allow_private=True) as server:
        yield Tenant.add(server)


@pytest.mark.parametrize(("status", "outcome"), [(204, "delivered"), (500, "failed"), (410, "lost")])
def test_tries_of_webhooks(sending: Tenant, status: int, outcome: str) -> None:
    labels = {"dialect": "shopline", "outcome": outcome}
    with collecting(status=status) as receiver:
        body = {"url": receiver.url, "dialect": "shopline", "topics": ["orders/cancelled"]}
        sending.api("POST", "/webhooks", body)
        before = Metrics(sending.server)
        sending.api("POST", f"/orders/{sending.create()['id']}/cancellations", {"reason": "late"})

        def more(name: str, **labels: str) -> float:
            return Metrics(sending.server).get(name, **labels) - before.get(name, **labels)

        until(lambda: more("dragoman_deliveries_total", **labels) == 1, "the try")
        assert more("dragoman_delivery_seconds_count", dialect="shopline") == 1
        assert len(receiver.taken) == 1


def test_tries_of_a_worker_of_its_own(sqlite_url: str, tmp_path: Path) -> None:
    """Told by the web process, where both share a folder for it."""
    key = new_key(sqlite_url, new_tenant(sqlite_url))
    (tmp_path / "numbers").mkdir()
    settings = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "numbers"), "webhook_allow_private": "true"}
    with (
        collecting() as receiver,
        serving(tmp_path, sqlite_url, "--no-worker", **settings) as server,
        working(tmp_path, sqlite_url, **settings),
    ):
        hook = {"url": receiver.url, "dialect": "native"}
        assert server.send("POST", "/api/webhooks", key, hook).status_code == 201
        body = {"currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 1}]}
        assert server.send("POST", "/api/orders", key, body).status_code == 201
        line = 'dragoman_deliveries_total{dialect="native",outcome="delivered"} 1.0'
        until(lambda: line in server.get("/metrics").text, "the delivery")


@pytest.mark.parametrize(
    ("answer", "status", "outcome"),
    [
        ({"accepted": True}, 200, "accepted"),
        ({"accepted": False, "message": "packed"}, 200, "rejected"),
        ({}, 202, "asked"),
        ({}, 500, "failed"),
    ],
)
def test_answers_of_warehouses(sending: Tenant, answer: Any, status: int, outcome: str) -> None:
    labels = {"connector": "http", "outcome": outcome}
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    with collecting(answer, status) as warehouse:
        connector = {"kind": "http", "url": warehouse.url, "secret": secret}
        location = sending.api("POST", "/locations", {"name": "R", "connector": connector})
        order = sending.create()
        held = {"location_id": location["id"], "stage": "picking"}
        sending.api("POST", f"/orders/{order['id']}/allocations", held)
        before = Metrics(sending.server).get("dragoman_warehouse_answers_total", **labels)
        answered = httpx.post(
            f"{sending.server.base}/api/orders/{order['id']}/cancellations",
            headers={"Authorization": f"Bearer {sending.key}"},
            json={"reason": "late"},
            timeout=30,
        )
        assert answered.status_code in {200, 202, 409}
        until(
            lambda: Metrics(sending.server).get("dragoman_warehouse_answers_total", **labels) == before + 1,
            "the answer",
        )


def test_what_waits_in_the_queue(idle: Tenant) -> None:
    empty = Metrics(idle.server)
    assert (empty.get("dragoman_tasks_due"), empty.get("dragoman_tasks_oldest_seconds")) == (0, 0)
    idle.api("POST", "/webhooks", {"url": "http://127.0.0.1:9/", "dialect": "native"})
    for n in range(1, 4):
        idle.create()
        assert Metrics(idle.server).get("dragoman_tasks_due") == n
    age = Metrics(idle.server).get("dragoman_tasks_oldest_seconds")
    assert 0 < age < 20
    assert Metrics(idle.server).get("dragoman_tasks_oldest_seconds") > age


def test_a_queue_that_nobody_can_look_at_is_no_number(idle: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> tuple[int, float]:
        raise Refusal(Code.UNAVAILABLE)

    monkeypatch.setattr(SqliteStore, "backlog", refuse)
    found = Metrics(idle.server)
    assert isnan(found.get("dragoman_tasks_due"))
    assert isnan(found.get("dragoman_tasks_oldest_seconds"))


def _number(server: Serving, name: str) -> float:
    """Of a metric that has no labels: one sample for all processes."""
    families = text_string_to_metric_families(server.get("/metrics").text)
    [sample] = [sample for family in families for sample in family.samples if sample.name == name]
    assert sample.labels == {}
    return float(sample.value)


def _alive(streams: list[Stream]) -> int:
    """How many still get something."""
    alive = 0
    for stream in streams:
        try:
            alive += len(stream.take(1))
        except httpx.HTTPError:
            continue
    return alive


def test_readers_of_all_processes_and_of_none_that_is_gone(sqlite_url: str, tmp_path: Path) -> None:
    key = new_key(sqlite_url, new_tenant(sqlite_url))
    with serving(tmp_path, sqlite_url, "--workers", "2") as server, ExitStack() as opened:
        until(lambda: len(_started(server)) == 2, "both processes")
        streams = []
        for process, number in zip(_started(server), (3, 4), strict=True):
            os.kill(process, signal.SIGSTOP)  # so that the other one answers
            streams += [opened.enter_context(follow(server.url, key)) for _ in range(number)]
            os.kill(process, signal.SIGCONT)
        assert [_number(server, "dragoman_live_readers") for _ in range(4)] == [7] * 4
        assert [_number(server, "dragoman_tasks_due") for _ in range(4)] == [0] * 4
        os.kill(_started(server)[0], signal.SIGKILL)  # with four of them
        until(lambda: len(_started(server)) == 3, "a new process")
        body = {"currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 1}]}
        assert server.send("POST", "/api/orders", key, body).status_code == 201
        assert _alive(streams) == 3
        until(lambda: _number(server, "dragoman_live_readers") == 3, "the readers that are left")


def _started(server: Serving) -> list[int]:
    return [int(process) for process in re.findall(r"Started server process \[(\d+)\]", server.text)]
