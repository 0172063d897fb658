"""A real server on a free loopback port, and calls to it as a client makes them; no test and no fixture is here."""

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal

from app import contracts
from app.core.ports import Store
from app.main import create_app
from app.protocol import Protocol
from app.service.vault import new_key
from app.settings import Settings
from app.store import is_embedded, open_store
from app.web.dialect import Dialect, discover

PATIENCE = 20.0  # seconds, for a start and for an answer
SECRET_KEY = new_key()


@dataclass(frozen=True)
class Wire:
    """A request before it has a key. `body` is sent as JSON, `raw` as it is; without either there is no body."""

    method: str
    path: str
    body: Any = None
    raw: bytes | None = None
    headers: Mapping[str, str | bytes] = field(default_factory=dict)

    @property
    def content(self) -> bytes | None:
        return self.raw if self.raw is not None else json.dumps(self.body).encode() if self.body is not None else None


class Server:
    """The whole application, answering on `base`; `store` and `run` are a second way in, for what no route can do."""

    def __init__(self, database_url: str, base: str, portal: BlockingPortal, store: Store) -> None:
        self.database_url = database_url
        self.base = base
        self.store = store
        self._portal = portal
        self.base = base
        self._client = httpx.Client(base_url=base, timeout=PATIENCE)

    def run(self, function: Any, *args: Any) -> Any:
        return self._portal.call(function, *args)

    def send(self, wire: Wire, key: str | None = None) -> httpx.Response:
        """Every reply names its request; the key goes where the dialect of the path wants it."""
        headers = _headers(wire, key, has_body=wire.content is not None)
        # Whole, since httpx takes twice as long to put an address together from two parts.
        answer = self._client.request(wire.method, self.base + wire.path, content=wire.content, headers=headers)
        assert answer.headers.get("X-Request-Id"), "a reply without X-Request-Id"
        return answer

    def stream(self, wire: Wire, chunks: Iterator[bytes], key: str) -> httpx.Response:
        """The same without a Content-Length."""
        headers = _headers(wire, key, has_body=True)
        return self._client.request(wire.method, wire.path, content=chunks, headers=headers)

    def send_long(self, wire: Wire, key: str) -> httpx.Response:
        """As `send`, for a path longer than httpx is willing to send."""
        base = self._client.base_url
        connection = http.client.HTTPConnection(base.host, base.port or 80, timeout=PATIENCE)
        try:
            connection.request(wire.method, wire.path, wire.content, authorization(wire.path, key))
            answer = connection.getresponse()
            return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
        finally:
            connection.close()

    def close(self) -> None:
        self._client.close()


@contextmanager
def serve(database_url: str, **settings: Any) -> Iterator[Server]:
    """On the server's own kind of connection; `settings` are those of the application."""
    with TemporaryDirectory(prefix="dragoman-mail-") as mail, start_blocking_portal() as portal:
        if not is_embedded(database_url):  # else it is beside the database
            settings = {"mail_folder": mail, **settings}
        made = Settings(**{"database_url": database_url, "secret_key": SECRET_KEY, **settings})
        config = uvicorn.Config(
            create_app(made),
            host="127.0.0.1",
            port=0,
            http=Protocol,
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            lifespan="on",
            timeout_keep_alive=600,
        )
        process = uvicorn.Server(config)
        serving = portal.start_task_soon(process.serve)
        deadline = time.monotonic() + PATIENCE
        while not process.started:
            assert not serving.done(), "the server did not start"
            assert time.monotonic() < deadline, "the server takes too long to start"
            time.sleep(0.005)
        port = process.servers[0].sockets[0].getsockname()[1]
        store = portal.call(open_store, database_url)
        server = Server(database_url, f"http://127.0.0.1:{port}", portal, store)
        try:
            yield server
        finally:
            server.close()
            portal.call(store.close)
            process.should_exit = True
            serving.result(PATIENCE)


def _headers(wire: Wire, key: str | None, *, has_body: bool) -> dict[bytes, bytes]:
    headers: dict[str, str | bytes] = {"Content-Type": "application/json"} if has_body else {}
    if key is not None:
        headers.update(authorization(wire.path, key))
    headers.update(wire.headers)
    return {name.encode(): value.encode() if isinstance(value, str) else value for name, value in headers.items()}


def keyed(wire: Wire, key: str | bytes = "key-1") -> Wire:
    """With an idempotency key."""
    return Wire(wire.method, wire.path, wire.body, wire.raw, {**wire.headers, "Idempotency-Key": key})


def headers_of(answer: httpx.Response) -> dict[str, str]:
    """Those that two like answers have in common."""
    return {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id", "request-id"}}


def succeeded(answer: httpx.Response) -> bool:
    """In GraphQL an error is told with 200, too, beside `data` and under a key that no answer of another face has."""
    if not answer.is_success or "json" not in answer.headers.get("Content-Type", ""):
        return answer.is_success
    told = answer.json()
    return not (isinstance(told, dict) and "errors" in told)


def dialect_of(path: str) -> Dialect | None:
    for dialect in discover():
        if any(path == prefix or path.startswith(f"{prefix}/") for prefix in dialect.prefixes):
            return dialect
    return None


def authorization(path: str, key: str) -> dict[str, str]:
    """The header that the dialect's own contract document says its key is in."""
    dialect = dialect_of(path)
    scheme = _security(dialect) if dialect else {"type": "http"}
    if scheme["type"] == "apiKey":
        return {scheme["name"]: key}
    return {"Authorization": f"Bearer {key}"}


@cache
def _security(dialect: Dialect) -> Mapping[str, Any]:
    text = contracts.texts().get(f"openapi/{dialect.name}.json")
    scheme: Mapping[str, Any] = json.loads(text)["components"]["securitySchemes"]["key"] if text else {"type": "http"}
    return scheme
