"""`GET /api/events/stream`, as a client of Server-Sent Events has it."""

import http.client
import logging
import re
import socket
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.core import ids
from app.core.refusal import Code, Refusal
from app.service.tail import Tail
from tests.dialects.server import PATIENCE, Wire
from tests.dialects.tenants import Tenant
from tests.live.conftest import HEARTBEAT
from tests.live.following import STREAM, Frame, follow, until
from tests.operations.reading import Metrics

_FAR_BACK = ids.first_of(datetime(2020, 1, 1, tzinfo=UTC))


def _readers(tenant: Tenant) -> float:
    return Metrics(tenant.server).get("dragoman_live_readers")


def _cancel(tenant: Tenant, order: Any) -> None:
    tenant.api("POST", f"/orders/{order['id']}/cancellations", {"reason": "late"})


def _feed(tenant: Tenant) -> list[Any]:
    return list(tenant.api("GET", "/events?limit=250")["events"])


def _shown(frames: list[Frame]) -> list[Any]:
    """What came, each with the id and the type that its frame has to have."""
    assert [(frame.id, frame.event) for frame in frames] == [(f.data["id"], f.data["type"]) for f in frames]
    return [frame.data for frame in frames]


def test_it_is_a_stream(tenant: Tenant) -> None:
    with follow(tenant.server.base, tenant.key, headers={"X-Request-Id": "follow-1"}) as stream:
        assert stream.answer.headers["Content-Type"] == "text/event-stream"
        assert stream.answer.headers["Cache-Control"] == "no-store"
        assert stream.answer.headers["X-Request-Id"] == "follow-1"
        order = tenant.create()
        _cancel(tenant, order)
        created, cancelled = stream.take(2)
        assert 1000 <= (stream.retry or 0) <= 6000
    assert _shown([created, cancelled]) == _feed(tenant)
    assert [created.event, cancelled.event] == ["order.created", "cancellation.accepted"]


def test_it_begins_now(tenant: Tenant) -> None:
    tenant.create()
    with follow(tenant.server.base, tenant.key) as stream:
        order = tenant.create()
        assert [frame.data["order_id"] for frame in stream.take(1)] == [order["id"]]


@pytest.mark.parametrize("way", ["header", "query", "both"])
def test_it_goes_on_after_the_last_event(tenant: Tenant, way: str) -> None:
    for _ in range(4):
        tenant.create()
    first, second, *rest = _feed(tenant)
    query = "" if way == "header" else f"?after={(first if way == 'both' else second)['id']}"
    headers = {} if way == "query" else {"Last-Event-ID": second["id"]}
    with follow(tenant.server.base, tenant.key, query, headers) as stream:
        assert _shown(stream.take(2)) == rest
        order = tenant.create()
        assert stream.take(1)[0].data["order_id"] == order["id"]


def test_a_broken_connection_is_taken_up_where_it_ended(tenant: Tenant) -> None:
    with follow(tenant.server.base, tenant.key) as stream:
        tenant.create()
        [last] = stream.take(1)
    missed = tenant.create()
    with follow(tenant.server.base, tenant.key, headers={"Last-Event-ID": last.id}) as stream:
        assert stream.take(1)[0].data["order_id"] == missed["id"]


def test_a_cursor_of_the_feed_is_a_position(tenant: Tenant) -> None:
    tenant.create()
    cursor = tenant.api("GET", "/events")["next_cursor"]
    order = tenant.create()
    with follow(tenant.server.base, tenant.key, f"?after={cursor}") as stream:
        seen = stream.take(2)
    assert order["id"] in {frame.data["order_id"] for frame in seen}


def test_by_order(tenant: Tenant) -> None:
    one, two, three = (tenant.create(keys={"shopline": f"s-{n}-{tenant.id}"}) for n in range(3))
    query = f"?after={_FAR_BACK}&order_id={one['id']},shopline:s-1-{tenant.id}&order_id={one['id']}"
    with follow(tenant.server.base, tenant.key, query) as stream:
        assert {frame.data["order_id"] for frame in stream.take(2)} == {one["id"], two["id"]}
        _cancel(tenant, three)
        _cancel(tenant, two)
        assert [(frame.event, frame.data["order_id"]) for frame in stream.take(1)] == [
            ("cancellation.accepted", two["id"])
        ]


@pytest.mark.parametrize("query", ["type=order.created&type=order.opened", "type=order.created,order.opened"])
def test_by_type(tenant: Tenant, query: str) -> None:
    with follow(tenant.server.base, tenant.key, f"?{query}") as stream:
        draft = tenant.create(state="draft")
        _cancel(tenant, tenant.create())
        tenant.api("POST", f"/orders/{draft['id']}/open")
        assert [frame.event for frame in stream.take(3)] == ["order.created", "order.created", "order.opened"]


def test_what_other_tenants_do_is_not_seen(tenant: Tenant) -> None:
    other = Tenant.add(tenant.server)
    with follow(tenant.server.base, tenant.key, f"?after={_FAR_BACK}") as stream:
        other.create()
        mine = tenant.create()
        assert [frame.data["order_id"] for frame in stream.take(1)] == [mine["id"]]


def test_every_dialect_is_in_it(tenant: Tenant) -> None:
    order = tenant.create()
    with follow(tenant.server.base, tenant.key) as stream:
        answer = tenant.send(Wire("POST", f"/convictional/orders/{order['id']}/cancel", {"reason": "late"}))
        assert answer.is_success, answer.text
        [frame] = stream.take(1)
    assert (frame.event, frame.data["dialect"]) == ("cancellation.accepted", "convictional")


def test_an_import_is_in_it(tenant: Tenant) -> None:
    """Many orders in few commits."""
    lines = b"".join(
        b'{"number": "%d", "currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 100}]}\n' % n
        for n in range(1200)
    )
    with follow(tenant.server.base, tenant.key) as stream:
        answer = tenant.send(Wire("POST", "/api/orders/import", raw=lines))
        assert answer.text.count('"created"') == 1200
        frames = stream.take(1200)
    assert len({frame.data["order_id"] for frame in frames}) == 1200


def test_silence_is_shown(tenant: Tenant) -> None:
    with follow(tenant.server.base, tenant.key) as stream:
        started = time.monotonic()
        lines = stream.answer.iter_lines()
        while next(lines) != ":":
            pass
        assert HEARTBEAT * 0.8 < time.monotonic() - started < PATIENCE


def test_a_client_that_goes_leaves_nothing_behind(tenant: Tenant) -> None:
    before = _readers(tenant)
    with follow(tenant.server.base, tenant.key):
        assert _readers(tenant) == before + 1
    until(lambda: _readers(tenant) == before, "the end of the reader")


def test_only_its_head(tenant: Tenant) -> None:
    before = _readers(tenant)
    answer = tenant.send(Wire("HEAD", STREAM))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"] == "text/event-stream"
    until(lambda: _readers(tenant) == before, "the end of the reader")


@pytest.mark.parametrize(
    ("query", "headers", "field"),
    [
        ("?after=yesterday", {}, "after"),
        ("?after=", {}, "after"),
        ("?after=7e4cbd2c-0f5b-4c5e-a3e1-6e3d33d8f001", {}, "after"),
        ("?type=order.eaten", {}, "type.0"),
        ("?type=order.created,,", {}, "type.1"),
        ("?order_id=", {}, "order_id.0"),
        ("?" + "&".join(["type=order.created"] * 51), {}, "type"),
        ("", {"Last-Event-ID": "1"}, "Last-Event-ID"),
        ("", {"Last-Event-ID": ""}, "Last-Event-ID"),
    ],
)
def test_what_cannot_be_read_is_a_problem(
    tenant: Tenant, query: str, headers: dict[str, str | bytes], field: str
) -> None:
    answer = tenant.send(Wire("GET", STREAM + query, headers=headers))
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["errors"][0]["field"]) == ("invalid_request", field)


def test_an_order_that_is_not_there_is_a_problem(tenant: Tenant) -> None:
    other = Tenant.add(tenant.server).create()
    for order_id in ("nothing", other["id"]):
        answer = tenant.send(Wire("GET", f"{STREAM}?order_id={order_id}"))
        assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")


def test_who_may_not_read_orders_may_not_follow(tenant: Tenant) -> None:
    poor = tenant.add_key(scopes=["write_orders", "admin"])
    assert tenant.send(Wire("GET", STREAM), key=poor).json()["code"] == "scope_missing"
    assert tenant.send(Wire("GET", STREAM), key="drg_x.y.z").status_code == 401


def test_a_key_revoked_here_ends_its_streams_at_once(tenant: Tenant) -> None:
    key = tenant.add_key()
    with follow(tenant.server.base, key) as stream:
        tenant.api("DELETE", f"/credentials/{key.split('.')[1]}")
        assert stream.rest() == []
        assert stream.ended


@pytest.mark.parametrize("how", ["revoked", "expired", "inactive"])
def test_a_key_that_is_no_good_any_more_ends_its_streams_soon(tenant: Tenant, how: str) -> None:
    """By another process, or by itself: within the time that a key is remembered, which is a second here."""
    key = tenant.add_key(expires_at=datetime.now(UTC) + timedelta(seconds=1.5) if how == "expired" else None)
    store = tenant.server.store
    with follow(tenant.server.base, key) as stream:
        if how == "revoked":
            tenant.server.run(store.revoke_credential, tenant.id, key.split(".")[1], datetime.now(UTC))
        elif how == "inactive":
            tenant.deactivate()
        assert stream.rest() == []
    assert tenant.send(Wire("GET", STREAM), key=key).status_code in {401, 403}


def test_a_client_that_reads_nothing_is_cut_off(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once what the network holds for it is full; meanwhile the others get everything."""
    monkeypatch.setattr("app.service.reader._MOST_WAITING", 200)
    dropped = Metrics(tenant.server).get("dragoman_live_readers_dropped_total")
    before = _readers(tenant)
    host, port = re.fullmatch(r"http://(.*):(\d+)", tenant.server.base).groups()  # type: ignore[union-attr]
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sock.connect((host, int(port)))
    connection.request("GET", STREAM, headers={"Authorization": f"Bearer {tenant.key}"})
    try:
        until(lambda: _readers(tenant) == before + 1, "the reader")
        made = 0
        while Metrics(tenant.server).get("dragoman_live_readers_dropped_total") == dropped:
            lines = (
                b'{"currency": "EUR", "lines": [{"sku": "%b", "quantity": 1, "unit_price": 1}]}\n' % (b"A" * 200)
            ) * 1000
            assert tenant.send(Wire("POST", "/api/orders/import", raw=lines)).is_success
            made += 1000
            assert made < 60_000, "it was never dropped"
        until(lambda: _readers(tenant) == before, "the end of the reader")
        time.sleep(2.5)  # for its last words
        assert not _rest(connection.sock).endswith(b"0\r\n\r\n"), "it was not cut off, but ended"
    finally:
        connection.close()


def _rest(sock: socket.socket) -> bytes:
    """The last of what comes until the connection is at its end."""
    last = b""
    try:
        while chunk := sock.recv(1 << 16):
            last = (last + chunk)[-100:]
    except ConnectionResetError:
        pass
    return last


def test_nothing_of_it_is_logged_as_an_error(tenant: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with follow(tenant.server.base, tenant.key) as stream:
        tenant.create()
        stream.take(1)
    until(lambda: "dragoman.request" in caplog.text, "its log line")
    assert [record for record in caplog.records if record.levelname not in {"INFO", "DEBUG"}] == []


def test_a_database_that_is_away_is_a_problem_first(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_: Tail) -> None:
        raise Refusal(Code.UNAVAILABLE)

    monkeypatch.setattr(Tail, "start", refuse)
    answer = httpx.get(tenant.server.base + STREAM, headers={"Authorization": f"Bearer {tenant.key}"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_how_long_it_was_open_is_no_latency(tenant: Tenant) -> None:
    labels = {"dialect": "native", "operation": "stream_events"}
    before = Metrics(tenant.server)
    with follow(tenant.server.base, tenant.key) as stream:
        tenant.create()
        stream.take(1)
    until(lambda: _readers(tenant) == before.get("dragoman_live_readers"), "the end of the reader")
    after = Metrics(tenant.server)
    for name in ("dragoman_request_seconds_count", "dragoman_request_seconds_sum"):
        assert after.get(name, **labels) == before.get(name, **labels)
