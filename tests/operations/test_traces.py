"""One trace from the partner's request over the commit and the task to the webhook and the warehouse."""

import asyncio
import base64
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from secrets import token_hex
from shutil import copy
from typing import Any

import httpx
import pytest

from app.store import migrate
from tests.cli.program import PATIENCE, Serving, environment, serving, until
from tests.cli.reading import new_key, new_tenant
from tests.operations.collecting import Collecting, Span, Taken, collecting
from tests.operations.workers import working
from tests.postgres import drop_database, fresh_database

_PARENT = "00f067aa0ba902b7"
_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SERVER, _CLIENT, _CONSUMER, _INTERNAL = 2, 3, 5, 1
_RECORDED = {"OTEL_BSP_SCHEDULE_DELAY": "50"}


class World:
    """A tenant with a subscription and an order, part of which a warehouse holds; all that is called is collected.

    `trace` is the id of the partner's own, `given` how it comes with a request.
    """

    def __init__(self, url: str, key: str, collected: Collecting) -> None:
        self.url = url
        self.collected = collected
        self.trace = token_hex(16)
        self.given = f"00-{self.trace}-{_PARENT}-01"
        self._key = key
        self._hook, self._warehouse = f"/hook/{self.trace}", f"/warehouse/{self.trace}"
        secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
        self._call("/webhooks", {"url": collected.url + self._hook, "dialect": "native"})
        connector = {"kind": "http", "url": collected.url + self._warehouse, "secret": secret}
        location = self._call("/locations", {"name": "R", "connector": connector})
        lines = [{"sku": "A", "quantity": 2, "unit_price": 100}, {"sku": "B", "quantity": 2, "unit_price": 100}]
        self.order = self._call("/orders", {"currency": "EUR", "lines": lines})
        held = [{"line_id": self.order["lines"][0]["id"], "quantity": 2}]
        self._call(
            f"/orders/{self.order['id']}/allocations",
            {"location_id": location["id"], "lines": held, "stage": "picking"},
        )

    def _call(self, path: str, body: Any, **headers: str) -> Any:
        answer = self.send("POST", path, body, headers)
        assert answer.is_success, answer.text
        return answer.json()

    def send(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> httpx.Response:
        held = {"Authorization": f"Bearer {self._key}", **headers}
        return httpx.request(method, f"{self.url}/api{path}", headers=held, json=body, timeout=PATIENCE)

    def cancel(self, **headers: str) -> Taken:
        """A unit that nobody holds; the message that tells of it."""
        return self._cancelled(1, headers)

    def ask(self, **headers: str) -> Taken:
        """One that the warehouse holds; the message that it agreed."""
        return self._cancelled(0, headers)

    def asked(self) -> Taken:
        """What the warehouse was asked, once."""
        [found] = self.collected.at(self._warehouse)
        return found

    def _cancelled(self, line: int, headers: dict[str, str]) -> Taken:
        lines = [{"line_id": self.order["lines"][line]["id"], "quantity": 1}]
        before = len(self._told())
        self._call(f"/orders/{self.order['id']}/cancellations", {"lines": lines}, **headers)
        until(lambda: len(self._told()) > before, "the message")
        return self._told()[-1]

    def _told(self) -> list[Taken]:
        said = b'"type":"cancellation.accepted"'
        return [each for each in self.collected.at(self._hook) if said in each.body[:60]]


@pytest.fixture(scope="session")
def collected() -> Iterator[Collecting]:
    with collecting({"accepted": True, "message": "put back"}) as made:
        yield made


@pytest.fixture(scope="session")
def traced(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, collected: Collecting) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("traced")
    url = f"sqlite:///{copy(sqlite_template, folder / 'dragoman.db')}"
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collected.url, **_RECORDED}
    with serving(folder, url, webhook_allow_private="true", **settings) as server:
        yield server


@pytest.fixture
def on(traced: Serving, collected: Collecting) -> World:
    url = f"sqlite:///{traced.log.parent / 'dragoman.db'}"
    return World(traced.url, new_key(url, new_tenant(url)), collected)


@pytest.fixture
def off(sqlite_url: str, tmp_path: Path, collected: Collecting) -> Iterator[World]:
    key = new_key(sqlite_url, new_tenant(sqlite_url))
    with serving(tmp_path, sqlite_url, webhook_allow_private="true") as server:
        yield World(server.url, key, collected)


def _parts(text: str) -> tuple[str, str, str]:
    match = _FORM.fullmatch(text)
    assert match is not None, text
    return match[1], match[2], match[3]


def test_without_a_recorder_what_came_in_goes_out(off: World) -> None:
    assert off.cancel(traceparent=off.given).headers["traceparent"] == off.given
    assert off.ask(traceparent=off.given).headers["traceparent"] == off.given
    assert off.asked().headers["traceparent"] == off.given
    assert [span for span in off.collected.spans() if span.trace == off.trace] == []


def test_without_a_recorder_one_is_made_up_for_each_request(off: World) -> None:
    first, second = (_parts(off.cancel(**headers).headers["traceparent"]) for headers in ({}, {"traceparent": "no"}))
    assert first[0] != second[0]
    assert {first[2], second[2]} == {"00"}
    told = _parts(off.ask().headers["traceparent"])
    assert _parts(off.asked().headers["traceparent"]) == told


def _one(spans: list[Span], name: str, parent: str) -> Span:
    [found] = [span for span in spans if (span.name, span.parent) == (name, parent)]
    return found


def _of(world: World, trace: str, number: int) -> list[Span]:
    until(lambda: len([s for s in world.collected.spans() if s.trace == trace]) >= number, "the spans")
    return [span for span in world.collected.spans() if span.trace == trace]


def test_from_the_request_to_the_webhook(on: World) -> None:
    message = on.cancel(traceparent=on.given, **{"X-Request-Id": "traced"})
    spans = _of(on, on.trace, 4)
    request = _one(spans, "native cancel_order", _PARENT)
    commit = _one(spans, "commit", request.id)
    publish = _one(spans, "publish", commit.id)
    webhook = _one(spans, "webhook", publish.id)
    assert len(spans) == 4
    assert [s.kind for s in (request, commit, publish, webhook)] == [_SERVER, _INTERNAL, _CONSUMER, _CLIENT]
    assert {span.service for span in spans} == {"dragoman"}
    assert message.headers["traceparent"] == f"00-{on.trace}-{webhook.id}-01"
    assert request.facts["http.response.status_code"] == 200
    assert request.facts["dragoman.request_id"] == "traced"
    assert request.facts["dragoman.outcome"] == "ok"
    assert (webhook.facts["dialect"], webhook.facts["http.response.status_code"]) == ("native", 200)


def test_from_the_request_over_the_warehouse_to_the_webhook(on: World) -> None:
    message = on.ask(traceparent=on.given)
    spans = _of(on, on.trace, 9)
    request = _one(spans, "native cancel_order", _PARENT)
    commit = _one(spans, "commit", request.id)
    task = _one([span for span in spans if span.kind == _CONSUMER], "warehouse", commit.id)
    call = _one(spans, "warehouse", task.id)
    assert on.asked().headers["traceparent"] == f"00-{on.trace}-{call.id}-01"
    # What it said is written within its task, and told from there.
    [answered] = [span for span in spans if span.name == "commit" and span.parent == task.id]
    webhook = _one(spans, "webhook", _one(spans, "publish", answered.id).id)
    assert message.headers["traceparent"] == f"00-{on.trace}-{webhook.id}-01"


def test_from_one_process_to_another(postgres: str, tmp_path: Path, collected: Collecting) -> None:
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collected.url, "webhook_allow_private": "true", **_RECORDED}
    with (
        serving(tmp_path, url, "--no-worker", OTEL_SERVICE_NAME="web", **settings) as server,
        working(tmp_path, url, OTEL_SERVICE_NAME="worker", **settings),
    ):
        world = World(server.url, new_key(url, new_tenant(url)), collected)
        world.cancel(traceparent=world.given)
        spans = _of(world, world.trace, 4)
    asyncio.run(drop_database(postgres, url))
    assert sorted((span.name, span.service) for span in spans) == [
        ("commit", "web"),
        ("native cancel_order", "web"),
        ("publish", "worker"),
        ("webhook", "worker"),
    ]


def test_a_trace_of_its_own_where_none_came(on: World) -> None:
    trace, span, flags = _parts(on.cancel().headers["traceparent"])
    spans = _of(on, trace, 4)
    assert _one(spans, "native cancel_order", "").kind == _SERVER
    assert int(flags, 16) & 1  # sampled; the other bits say how its id was made
    assert [each.id for each in spans if each.name == "webhook"] == [span]


def test_who_is_not_recorded_before_is_not_recorded_here(on: World) -> None:
    """The partner's sampling is kept, and its trace goes on."""
    message = on.cancel(traceparent=f"{on.given[:-2]}00")
    trace, _, flags = _parts(message.headers["traceparent"])
    assert (trace, flags) == (on.trace, "00")
    later = _parts(on.cancel().headers["traceparent"])[0]
    _of(on, later, 4)
    assert [span for span in on.collected.spans() if span.trace == on.trace] == []


def test_a_refusal_is_no_failure_and_nothing_personal_is_told(on: World) -> None:
    assert on.send("GET", "/orders/nothing", None, {"traceparent": on.given}).status_code == 404
    [span] = _of(on, on.trace, 1)
    assert (span.name, span.status) == ("native get_order", 0)
    assert span.facts["dragoman.outcome"] == "order_not_found"
    assert "nothing" not in str(span.facts)


def test_the_last_spans_are_sent_before_the_end(sqlite_url: str, tmp_path: Path) -> None:
    key = new_key(sqlite_url, new_tenant(sqlite_url))
    settings = {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SERVICE_NAME": "orders", "OTEL_BSP_SCHEDULE_DELAY": "60000"}
    with collecting() as own:
        with serving(tmp_path, sqlite_url, OTEL_EXPORTER_OTLP_ENDPOINT=own.url, **settings) as server:
            assert server.get("/api/orders", key).status_code == 200
            assert own.spans() == []
            assert server.stop(signal.SIGTERM) == 0
        assert [(span.name, span.service) for span in own.spans()] == [("native list_orders", "orders")]


def test_a_collector_that_is_away_stops_nothing(sqlite_url: str, tmp_path: Path) -> None:
    key = new_key(sqlite_url, new_tenant(sqlite_url))
    with serving(tmp_path, sqlite_url, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9") as server:
        assert server.get("/api/orders", key).status_code == 200
        assert server.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("settings", "loaded"),
    [
        ({}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, False),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
    ],
)
def test_it_is_loaded_only_where_it_is_wanted(settings: dict[str, str], loaded: bool, sqlite_url: str) -> None:
    """FastAPI itself brings the library's interface; the rest would cost time and memory at every start."""
    program = (
        "import asyncio, sys\n"
        "from app.main import running\n"
        "from app.settings import load\n"
        "async def main():\n"
        "    async with running(load(), worker=True):\n"
        "        print(sorted(m for m in sys.modules if m in ('opentelemetry.sdk', 'requests', 'google.protobuf')))\n"
        "asyncio.run(main())\n"
    )
    started, given = [sys.executable, "-c", program], environment(sqlite_url, **settings)
    done = subprocess.run(started, env=given, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert (done.stdout.strip() != "[]") == loaded
