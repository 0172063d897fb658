"""A whole session with secrets that are known, at the log's most talkative: none of them is in anything that is written
or shown, but where it was asked for."""

import asyncio
import base64
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.service.vault import new_key as new_sealing_key
from app.store import migrate
from tests.cli.program import Serving, run, serving, until
from tests.cli.reading import new_key, new_tenant
from tests.operations.collecting import Collecting, collecting
from tests.postgres import drop_database, fresh_database
from tests.security.world import stored_text

_SMTP, _SMTP_SHOWN = "hush%2Fmail%21word", "hush/mail!word"
_HOOK = "whsec_" + base64.b64encode(b"hushhushhushhushhushhushhushhush").decode()
_HOUSE = "whsec_" + base64.b64encode(b"househousehousehousehousehouse!!").decode()
_CLIENT = "hush-client-secret-of-a-warehouse"
_WRONG = "drg_nobody.0123456789abcdef.hush-a-secret-that-is-wrong-0000000000000000"


class _Session:
    """Everything that has a secret in it, and all that may go wrong with it. `secrets` are by what they are of."""

    def __init__(self, server: Serving, key: str, sink: Collecting) -> None:
        self.server, self.key, self.sink = server, key, sink
        self.secrets = {"key": key.rpartition(".")[2], "wrong key": _WRONG.rpartition(".")[2]}
        self.shown: list[str] = []

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        answer = self.server.send(method, path, key or self.key, body)
        self.shown.append(answer.text + str(answer.headers))
        return answer.json() if answer.content else None

    def once(self, method: str, path: str, body: Any) -> Any:
        """A call whose answer shows a secret, this once."""
        answer = self.server.send(method, path, self.key, body)
        assert answer.is_success, answer.text
        return answer.json()

    def happen(self) -> None:
        made = self.once("POST", "/api/credentials", {"name": "more"})
        self.secrets["credential"] = made["key"].rpartition(".")[2]
        self.tokens(made["key"])
        self.console(made["key"])
        hook = {"url": f"{self.sink.url}/hook", "dialect": "native", "secret": _HOOK}
        webhook = self.once("POST", "/api/webhooks", hook)
        self.secrets["webhook"] = _HOOK.removeprefix("whsec_")
        rotated = self.once("PATCH", f"/api/webhooks/{webhook['id']}", {"rotate_secret": True})
        self.secrets["rotated webhook"] = rotated["secret"].removeprefix("whsec_")
        order = self.locations()
        self.call("POST", f"/api/orders/{order['id']}/cancellations", {"reason": "late"})
        self.call("POST", f"/api/orders/{order['id']}/mail", {"adjustments": [f"{order['id']}"], "kind": "cancel"})
        until(lambda: bool(self.sink.at("/hook")), "a message")
        self.wrong(order["id"])
        self.look(webhook["id"])

    def tokens(self, key: str) -> None:
        organization, client, secret = key.removeprefix("drg_").split(".")
        asked = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        url = f"{self.server.url}/happycolis/token"
        given = httpx.post(url, json={**asked, "organization_id": organization}).json()
        self.secrets |= {"token": given["access_token"], "refresh token": given["refresh_token"]}
        self.call("POST", "/happycolis/graphql", {"query": "{ __typename }"}, given["access_token"])
        self.call("POST", "/happycolis/graphql", {"query": "{ nothing"}, given["access_token"] + "x")
        # Secrets in an address are the worst place for them, and some clients put them there.
        told = {**asked, "organization_id": organization, "client_secret": "hush-in-an-address"}
        self.secrets["address"] = "hush-in-an-address"
        assert httpx.get(url, params=told).status_code == 401

    def console(self, key: str) -> None:
        """Signed in, and asked for what a page shows."""
        with httpx.Client(base_url=f"{self.server.url}/console", headers={"X-Dragoman-Console": "1"}) as page:
            answers = [page.post("/session", json={"key": _WRONG}), page.post("/session", json={"key": key})]
            self.secrets["session"] = page.cookies["dragoman_console"]
            asked = {"order_id": "none", "act": "read"}
            answers += [page.get("/session"), page.post("/calls", json=asked), page.get("/as/api/orders?q=none")]
            assert page.post("/key").json() == {"key": key}
            self.shown += [answer.text for answer in answers]

    def locations(self) -> Any:
        """Two that are asked, and cannot be reached as they should."""
        house = {"kind": "http", "url": f"{self.sink.url}/house", "secret": _HOUSE}
        happy = {"kind": "happycolis", "url": f"{self.sink.url}/graphql", "token_url": f"{self.sink.url}/token"}
        happy |= {"client_id": "us", "client_secret": _CLIENT, "organization_id": "org"}
        self.secrets |= {"warehouse": _HOUSE.removeprefix("whsec_"), "warehouse's client": _CLIENT}
        lines = [{"sku": "A", "quantity": 2, "unit_price": 1}, {"sku": "B", "quantity": 2, "unit_price": 1}]
        body = {"currency": "EUR", "lines": lines, "customer": {"name": "A", "email": "a@example.com"}}
        order = self.once("POST", "/api/orders", body)
        for connector, line in ((house, 0), (happy, 1)):
            at = self.once("POST", "/api/locations", {"name": "R", "connector": connector})["id"]
            held = {"location_id": at, "lines": [{"line_id": order["lines"][line]["id"]}], "stage": "picking"}
            self.call("POST", f"/api/orders/{order['id']}/allocations", held)
        return order

    def wrong(self, order_id: str) -> None:
        """Keys where none belong, and keys that are none."""
        for key in (_WRONG, self.key[:-2] + "xx", f"{self.key} {self.key}"):
            for path in ("/api/tenant", "/convictional/orders", "/shopline/orders", "/afosto/graphql"):
                self.call("GET", path, key=key)
        self.call("GET", f"/api/orders?key={self.secrets['key']}")
        raw = f'{{"reason": "{self.secrets["key"]}", '.encode()
        url = f"{self.server.url}/api/orders/{order_id}/cancellations"
        answer = httpx.post(url, content=raw, headers={"Authorization": f"Bearer {self.key}"})
        self.shown.append(answer.text)
        self.call("POST", "/api/webhooks", {"url": "https://hush:hush@127.0.0.1/", "dialect": "native"})

    def look(self, webhook_id: str) -> None:
        paths = ["/api/credentials", "/api/locations", "/api/webhooks", "/api/tasks", "/api/tenant", "/api/events"]
        for path in (*paths, f"/api/webhooks/{webhook_id}", f"/api/webhooks/{webhook_id}/deliveries", "/metrics"):
            self.shown.append(self.server.get(path, self.key).text)


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    url = asyncio.run(fresh_database(postgres))
    migrate(url)
    yield url
    asyncio.run(drop_database(postgres, url))


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_no_secret_is_anywhere(database: str, tmp_path: Path) -> None:
    password = database.partition("postgres:")[2].partition("@")[0]
    sealing = new_sealing_key()
    # Nobody listens there: what a mail is not sent for is logged and kept.
    smtp = f"smtp://shop:{_SMTP}@127.0.0.1:{_closed_port()}"
    settings = {"log_level": "debug", "secret_key": sealing, "smtp_url": smtp, "mail_from": "shop@example.com"}
    key = new_key(database, new_tenant(database))
    with collecting({"data": None, "errors": [{"message": "no"}]}) as sink:
        traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.url, "OTEL_BSP_SCHEDULE_DELAY": "50"}
        with serving(tmp_path, database, webhook_allow_private="true", **settings, **traced) as server:
            session = _Session(server, key, sink)
            session.happen()
            assert server.stop(signal.SIGTERM) == 0
            written = {"the log": server.text, "answers": "\n".join(session.shown)}
        spans = sink.spans()
        assert spans
        written["traces"] = str(spans)
    gone = database.replace(f":{database.rpartition(':')[2].partition('/')[0]}/", f":{_closed_port()}/")
    done = run("serve", "--port", "0", database_url=gone, statement_timeout="1", **settings)
    written["the log without a database"] = done.stdout + done.stderr
    done = run("doctor", database_url=database, **settings)
    written["doctor"] = done.stdout + done.stderr
    written["the database"] = stored_text(database)
    secrets = {
        **session.secrets,
        "mail": _SMTP_SHOWN,
        "mail's address": _SMTP,
        "database": password,
        "sealing": sealing,
    }
    found = [f"{what} in {where}" for where, text in written.items() for what, held in secrets.items() if held in text]
    assert found == []
    assert "graphql" in written["the log"]
    assert all(len(held) >= 14 for held in secrets.values())
