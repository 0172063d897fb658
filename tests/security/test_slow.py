"""Nobody holds a connection for nothing, or the server for others: slow and endless requests on raw sockets."""

import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.protocol import Protocol
from tests.dialects.server import Server, Wire, serve
from tests.dialects.tenants import Tenant

_PATIENCE = 0.5
_ENOUGH = 10.0  # seconds in which a socket that is to be closed must be


@pytest.fixture(scope="module")
def impatient(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("impatient") / "dragoman.db")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Protocol, "patience", _PATIENCE)
        patched.setattr(Protocol, "every", 0.05)
        patched.setattr(Protocol, "linger", 0.2)
        with serve(f"sqlite:///{path}", no_worker=True) as server:
            yield server


@contextmanager
def _connected(server: Server) -> Iterator[socket.socket]:
    host, _, port = server.base.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), _ENOUGH) as connection:
        yield connection


def _rest(connection: socket.socket) -> bytes:
    """All that is said until the connection ends."""
    heard = b""
    try:
        while chunk := connection.recv(65_536):
            heard += chunk
    except ConnectionResetError:
        pass
    return heard


def _head(tenant: Tenant, path: str, *lines: str) -> bytes:
    named = [f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {tenant.key}", *lines]
    return ("\r\n".join(named) + "\r\n\r\n").encode()


_JSON = "Content-Type: application/json"
_SLOW: dict[str, Callable[[Tenant, str], bytes]] = {
    "silence": lambda tenant, path: b"",
    "half a line": lambda tenant, path: b"GET /api/ord",
    "half a head": lambda tenant, path: b"GET /api/tenant HTTP/1.1\r\nHost: x\r\nX-A: b\r\n",
    "a head and no body": lambda tenant, path: _head(tenant, path, _JSON, "Content-Length: 10"),
    "half a body": lambda tenant, path: _head(tenant, path, _JSON, "Content-Length: 10") + b'{"x"',
    "half a chunk": lambda tenant, path: _head(tenant, path, _JSON, "Transfer-Encoding: chunked") + b"5\r\n{",
    "a stream that stops": lambda tenant, path: (
        _head(tenant, "/api/orders/import", "Transfer-Encoding: chunked") + b"3\r\n{}\n\r\n"
    ),
}


@pytest.mark.parametrize("sent", _SLOW.values(), ids=_SLOW.keys())
def test_one_that_stops_is_closed(impatient: Server, sent: Callable[[Tenant, str], bytes]) -> None:
    tenant = Tenant.add(impatient)
    order = tenant.create()
    before = tenant.snapshot(order["id"])
    with _connected(impatient) as connection:
        connection.sendall(sent(tenant, f"/api/orders/{order['id']}/cancellations"))
        began = time.monotonic()
        heard = _rest(connection)
        assert time.monotonic() - began < _ENOUGH / 2
    # What was not asked is not answered, and the answer to a stream has begun.
    assert heard[:12] in {b"", b"HTTP/1.1 408", b"HTTP/1.1 200"}
    assert (heard == b"") == (sent(tenant, "") == b"")
    assert tenant.snapshot(order["id"]) == before


@pytest.mark.parametrize("part", ["head", "body"])
def test_one_that_drips_is_closed_too(impatient: Server, part: str) -> None:
    """Something comes all the time, and it is never done."""
    tenant = Tenant.add(impatient)
    order = tenant.create()
    before = tenant.snapshot(order["id"])
    path = f"/api/orders/{order['id']}/cancellations"
    begun = _head(tenant, path, _JSON, "Content-Length: 100000") if part == "body" else b"GET /api/tenant HTTP/1.1\r\n"
    with _connected(impatient) as connection:
        connection.sendall(begun)
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            _drip(connection, b" " if part == "body" else b"X-A: b\r\n")
    assert time.monotonic() - began < _ENOUGH / 2
    assert tenant.snapshot(order["id"]) == before


def _drip(connection: socket.socket, drop: bytes) -> None:
    began = time.monotonic()
    while time.monotonic() - began < _ENOUGH:
        connection.sendall(drop)
        time.sleep(0.05)


def test_a_stream_may_take_its_time(impatient: Server) -> None:
    tenant = Tenant.add(impatient)

    def lines() -> Iterator[bytes]:
        for n in range(6):
            body = {"number": str(n), "currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 1}]}
            yield json.dumps(body).encode() + b"\n"
            time.sleep(_PATIENCE / 3)

    wire = Wire("POST", "/api/orders/import", headers={"Content-Type": "application/x-ndjson"})
    answer = impatient.stream(wire, lines(), tenant.key)
    assert [json.loads(line)["status"] for line in answer.text.splitlines()] == ["created"] * 6


def test_an_idle_connection_that_was_used_is_not_cut_in_the_middle(impatient: Server) -> None:
    tenant = Tenant.add(impatient)
    with _connected(impatient) as connection:
        for _ in range(3):
            connection.sendall(_head(tenant, "/api/tenant", "Content-Length: 2").replace(b"POST", b"GET") + b"{}")
            assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
            time.sleep(_PATIENCE * 1.3)


@pytest.mark.parametrize(
    "flood",
    [[b"X-A: " + b"b" * 1_000 + b"\r\n"] * 3_000, [b"X-A: "] + [b"b" * 65_536] * 60, [b"a" * 65_536] * 60],
    ids=["many headers", "a header without end", "a path without end"],
)
def test_a_head_has_an_end(impatient: Server, flood: list[bytes]) -> None:
    with _connected(impatient) as connection:
        began = time.monotonic()
        try:
            connection.sendall(b"GET /api/tenant HTTP/1.1\r\nHost: x\r\n" if flood[0][:1] == b"X" else b"GET /")
            for piece in flood:
                connection.sendall(piece)
        except ConnectionError:
            pass
        heard = _rest(connection)
    assert heard == b"" or heard.split(b" ")[1] in {b"431", b"404"}, heard
    assert time.monotonic() - began < _ENOUGH


@pytest.mark.parametrize("length", [1, 60_000, 66_000, 130_000, 1_000_000])
@pytest.mark.parametrize("face", [b"/api/orders/", b"/convictional/items/", b"/"], ids=bytes.decode)
def test_a_path_of_any_length_is_answered(impatient: Server, length: int, face: bytes) -> None:
    key = Tenant.add(impatient).key.encode()
    head = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + key + b"\r\n\r\n"
    with _connected(impatient) as connection:
        connection.sendall(b"GET " + face + b"a" * length + head)
        heard = _rest(connection)
    assert heard.startswith(b"HTTP/1.1 404 "), heard
    assert heard.count(b"HTTP/1.1") == 1
    shape = {b"/api/orders/": b'"code":', b"/convictional/items/": b'{"errors":{"general":[', b"/": b'"prefixes":['}
    assert shape[face] in heard


def test_a_query_without_end_is_not_answered_as_if_it_were_not_there(impatient: Server) -> None:
    key = Tenant.add(impatient).key.encode()
    with _connected(impatient) as connection:
        connection.sendall(b"GET /api/orders?number=" + b"a" * 200_000)
        connection.sendall(b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + b"\r\n\r\n")
        heard = _rest(connection)
    assert heard[:12] in {b"HTTP/1.1 431", b"HTTP/1.1 400"}, heard


_READ = b"GET /api/tenant HTTP/1.1\r\nHost: x\r\n\r\n"
_UNKNOWN = b"FOO /convictional/orders HTTP/1.1\r\nHost: x\r\n\r\n"


def test_a_method_that_nobody_knows(impatient: Server) -> None:
    with _connected(impatient) as connection:
        for _ in range(2):  # the second on a connection in use
            connection.sendall(_READ)
            assert connection.recv(65_536).startswith(b"HTTP/1.1 401 ")
        connection.sendall(_UNKNOWN + _READ)  # nothing after it is taken
        heard = _rest(connection)
    assert heard.startswith(b"HTTP/1.1 405 "), heard
    assert heard.count(b"HTTP/1.1") == 1
    assert b"connection: close" in heard.lower()
    assert b"allow: GET" in heard
    assert heard.endswith(b'{"errors":{"general":["Method not allowed."]}}')


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02",
        b"FOO\r\n\r\n",
        b"FOO nowhere HTTP/1.1\r\n\r\n",
        b"FOO /api HTTP/3\r\n\r\n",
        b"FOO /api/" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"FOO /api/\x00 HTTP/1.1\r\n\r\n",
        b"GET /api/tenant HTTP/1.1\r\nno header\r\n\r\n",
    ],
)
def test_what_is_no_request(impatient: Server, sent: bytes) -> None:
    with _connected(impatient) as connection:
        connection.sendall(sent)
        assert _rest(connection).startswith(b"HTTP/1.1 400 ")


def test_a_body_is_no_request_line(impatient: Server) -> None:
    """What begins a piece of a body, before the next request cannot be read, is not what is answered."""
    tenant = Tenant.add(impatient)
    with _connected(impatient) as connection:
        connection.sendall(_head(tenant, "/api/orders", _JSON, f"Content-Length: {len(_UNKNOWN)}"))
        connection.sendall(_UNKNOWN + b"BAR nowhere\r\n\r\n")
        heard = _rest(connection)
    assert b"HTTP/1.1 405" not in heard


def test_trailers_without_end_are_not_kept(impatient: Server) -> None:
    tenant = Tenant.add(impatient)
    with _connected(impatient) as connection:
        connection.sendall(_head(tenant, "/api/orders/none/cancellations", _JSON, "Transfer-Encoding: chunked"))
        connection.sendall(b"2\r\n{}\r\n0\r\n" + b"X-T: x\r\n" * 10_000 + b"\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 404 ")


def test_others_do_not_wait(impatient: Server) -> None:
    """While two hundred connections are held half open, and one sends its body bit by bit."""
    tenant = Tenant.add(impatient)
    order = tenant.create()
    held = [_connected(impatient) for _ in range(200)]
    opened = [each.__enter__() for each in held]
    try:
        for n, connection in enumerate(opened):
            half = b"GET /api/tenant HTTP/1.1\r\nHost:"
            connection.sendall(half if n % 2 else _head(tenant, "/api/orders", _JSON, "Content-Length: 10"))
        took = []
        for _ in range(20):
            began = time.perf_counter()
            assert tenant.api("GET", f"/orders/{order['id']}")["id"] == order["id"]
            took.append(time.perf_counter() - began)
        assert sorted(took)[len(took) // 2] < 0.25
    finally:
        for each in held:
            each.__exit__(None, None, None)
