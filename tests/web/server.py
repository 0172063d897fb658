"""The toy dialect on a real server: `/toy` as the specification has it, `/partner` with rules of its own, `/closed`
without introspection, `/small` with low limits; no test and no fixture is here."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from typing import Any, cast
from uuid import uuid4

import httpx
import msgspec
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.applications import Starlette

from app.core.policy import Policy
from app.core.ports import Store, Tenant
from app.core.refusal import Code, Refusal
from app.protocol import Protocol
from app.service.access import SCOPES, Access, Caller, Keys
from app.service.clock import Clock
from app.service.desk import Desk
from app.store import open_store
from app.web.dialect import Services
from app.web.graphql_limits import Limits
from app.web.middleware import Requests
from app.web.prefix import Prefixes
from app.web.rest import RestApp
from tests.web import toy

PATIENCE = 20.0  # seconds
BODY_LIMIT = 1 << 17
QUICK = Limits(operations=3, init_timeout=1.0, send_timeout=0.5, key_check=0.1)
SMALL = Limits(depth=4, introspection_depth=6, fields=20, root_fields=3, aliases=2, tokens=100, documents=3)


def services_of(store: Store, access: Access, desk: Desk, limits: Limits) -> Services:
    """Of all that there is for a face, the toy knows two."""
    others = {field.name: None for field in fields(Services) if field.default is MISSING}
    known = {"desk": desk, "access": access, "graphql": limits, "body_limit": BODY_LIMIT}
    return Services(**cast(Any, others | known))


class Toy:
    """`conflicts` is called before every commit; `away` makes everything that asks who somebody is fail."""

    def __init__(self, base: str, portal: BlockingPortal, store: Store, desk: Desk, access: Access) -> None:
        self.base = base
        self.store = store
        self.desk = desk
        self.away: Code | None = None
        self._portal = portal
        self._access = access
        self._client = httpx.Client(base_url=base, timeout=PATIENCE)

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        return self._portal.call(function, *args)

    async def authenticate(self, key: str | None) -> Caller:
        if self.away is not None:
            raise Refusal(self.away)
        return await self._access.authenticate(key, "toy")

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._client.request(method, path, **more)

    def exactly(self, request: httpx.Request) -> httpx.Response:
        """Without the headers that the client adds by itself."""
        return self._client.send(request)

    def close(self) -> None:
        self._client.close()


class Client:
    """A tenant of a test's own, and its key."""

    def __init__(self, server: Toy, *, scopes: tuple[str, ...] = SCOPES, tenant_id: str = "") -> None:
        self.server = server
        self.tenant_id = tenant_id or uuid4().hex[:12]
        clock = Clock()
        if not tenant_id:
            record = Tenant(
                id=self.tenant_id, name="Toy", active=True, policy=Policy(), created_at=clock.now()
            )  # fmt: skip
            server.run(server.store.add_tenant, record)
        self.keys = Keys(server.store, clock)
        self.credential, self.key = server.run(self._add, scopes)

    async def _add(self, scopes: tuple[str, ...]) -> Any:
        return await self.keys.add(self.tenant_id, scopes=scopes)

    def revoke(self) -> None:
        self.server.run(self.keys.revoke, self.tenant_id, self.credential.id)

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def send(self, content: bytes, path: str = "/toy/graphql", **headers: str) -> httpx.Response:
        """Header names with `_` for `-`."""
        named = {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
        answer = self.server.request("POST", path, content=content, headers=self.authorization | named)
        assert answer.headers["X-Request-Id"]
        assert answer.headers["X-Toy"] == "1"
        return answer

    def post(
        self, query: str, variables: Mapping[str, Any] | None = None, path: str = "/toy/graphql", **headers: str
    ) -> httpx.Response:
        asked = {"query": query} | ({"variables": variables} if variables is not None else {})
        return self.send(msgspec.json.encode(asked), path, **headers)

    def get(
        self, path: str = "/toy/graphql", headers: Mapping[str, str] | None = None, **params: str
    ) -> httpx.Response:
        return self.server.request("GET", path, params=params, headers=self.authorization | dict(headers or {}))

    def data(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """Of an answer without errors."""
        answer = self.post(query, variables, **headers)
        assert answer.status_code == 200, answer.text
        assert answer.json().keys() == {"data"}, answer.text
        return answer.json()["data"]

    def order(self) -> str:
        """A new order of two lines: its id."""
        made = self.data("mutation ($n: String!) { create(number: $n) { id } }", {"n": uuid4().hex})
        return str(made["create"]["id"])

    def history(self, order_id: str) -> list[str]:
        events = self.server.run(self.server.store.order_events, self.tenant_id, order_id, 0, 100)
        return [event.type for event in events]


@contextmanager
def serve(database_url: str) -> Iterator[Toy]:
    with start_blocking_portal() as portal:
        store = portal.call(open_store, database_url)
        clock = Clock()
        desk, access = Desk(store, clock), Access(store, clock, 0)
        prefixes = Prefixes()
        prefixes.rest = Starlette()
        config = uvicorn.Config(
            Requests(prefixes),
            http=Protocol,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=BODY_LIMIT,
            host="127.0.0.1",
            port=0,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        process = uvicorn.Server(config)
        serving = portal.start_task_soon(process.serve)
        deadline = time.monotonic() + PATIENCE
        while not process.started:
            assert not serving.done(), "the server did not start"
            assert time.monotonic() < deadline, "the server takes too long to start"
            time.sleep(0.005)
        port = process.servers[0].sockets[0].getsockname()[1]
        server = Toy(f"http://127.0.0.1:{port}", portal, store, desk, access)
        _mount(prefixes, server)
        try:
            yield server
        finally:
            server.close()
            process.should_exit = True
            serving.result(PATIENCE)
            portal.call(store.close)


def _mount(prefixes: Prefixes, server: Toy) -> None:
    for prefix, rules, limits in (
        ("/toy", toy.EXACT, Limits()),
        ("/partner", toy.PARTNERS, Limits()),
        ("/closed", toy.EXACT, Limits(introspection=False)),
        ("/small", toy.EXACT, SMALL),
        ("/quick", toy.EXACT, QUICK),
    ):
        services = services_of(server.store, server._access, server.desk, limits)
        prefixes.mount([prefix], toy.build(services, rules, server.authenticate))
    prefixes.mount(["/rest"], RestApp([], toy.Words(toy.EXACT), services, lambda: "{}"))


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.005)
