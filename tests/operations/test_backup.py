"""A backup that is taken while changes go on is restored elsewhere as docs/operations.md tells it, and serves."""

import asyncio
import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.store import migrate
from tests.dialects.books import check
from tests.dialects.server import Server, Wire, keyed, serve
from tests.dialects.tenants import Tenant
from tests.postgres import INSTALLATION, SITE, drop_database, fresh_database


@contextmanager
def busy(tenant: Tenant) -> Iterator[list[str]]:
    """Orders come in and are cancelled meanwhile, one piece of each."""
    stop, made = threading.Event(), list[str]()

    def work() -> None:
        while not stop.is_set():
            order = tenant.create()
            body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}
            tenant.api("POST", f"/orders/{order['id']}/cancellations", body)
            made.append(order["id"])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        while len(made) < 10:
            stop.wait(0.01)
        yield made
    finally:
        stop.set()
        thread.join()


def restored(url: str, tenant: Tenant, before: list[str], key: tuple[Wire, bytes]) -> None:
    """What was answered before the backup began is there, whatever came later is there whole or not at all."""
    with serve(url) as server:
        there = Tenant(server, tenant.id, tenant.key)
        for order_id in before:
            assert there.api("GET", f"/orders/{order_id}")["lines"][0]["cancelled"] == 1
            assert len(there.events(order_id)) == 2
        listed = there.api("GET", "/orders?limit=250")["orders"]
        assert len(listed) >= len(before)
        for order in listed[:20]:
            check(there, order["id"])
        wire, answer = key
        again = there.send(wire)
        assert (again.headers["Idempotency-Replayed"], again.content) == ("true", answer)
        order = there.create()
        there.api("POST", f"/orders/{order['id']}/cancellations", {})


def _prepared(server: Server) -> tuple[Tenant, tuple[Wire, bytes]]:
    tenant = Tenant.add(server)
    order = tenant.create()
    wire = keyed(Wire("POST", f"/api/orders/{order['id']}/cancellations", {"reason": "before"}))
    return tenant, (wire, tenant.send(wire).content)


@pytest.mark.parametrize("how", ["backup", "vacuum into"])
def test_sqlite(how: str, tmp_path: Path) -> None:
    path, copy = tmp_path / "dragoman.db", tmp_path / "copy.db"
    migrate(f"sqlite:///{path}")
    with serve(f"sqlite:///{path}") as server:
        tenant, key = _prepared(server)
        with busy(tenant) as made:
            before = [*made]
            with closing(sqlite3.connect(path)) as source:
                if how == "backup":  # as `sqlite3 dragoman.db ".backup copy.db"` does
                    with closing(sqlite3.connect(copy)) as target:
                        source.backup(target)
                else:
                    source.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as restored_:
        assert restored_.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    restored(f"sqlite:///{copy}", tenant, before, key)


def _tool(name: str, url: str, *words: str | Path) -> None:
    parts = urlsplit(url)
    said = ["-h", parts.hostname or "", "-p", str(parts.port), "-U", parts.username or "", "-d", parts.path[1:]]
    program = SITE / INSTALLATION / "bin" / name
    environment = {**os.environ, "PGPASSWORD": parts.password or ""}
    subprocess.run([program, *said, *words], check=True, env=environment, capture_output=True)


def test_postgresql(postgres: str, tmp_path: Path) -> None:
    """Into an empty database; the program that dumps must be as new as the server."""
    url, other = (asyncio.run(fresh_database(postgres)) for _ in range(2))
    dump = tmp_path / "dragoman.dump"
    try:
        migrate(url)
        with serve(url) as server:
            tenant, key = _prepared(server)
            with busy(tenant) as made:
                before = [*made]
                _tool("pg_dump", url, "--format=custom", "--file", dump)
        _tool("pg_restore", other, "--exit-on-error", "--no-owner", dump)
        restored(other, tenant, before, key)
    finally:
        for each in (url, other):
            asyncio.run(drop_database(postgres, each))
