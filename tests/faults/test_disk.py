"""SQLite's disk is full, fails or may only be read: each dialect says so, reading goes on, nothing is half done, and
the same server goes on writing when there is room again."""

import resource
import signal
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from shutil import copy

import httpx
import pytest

from app.core.refusal import Code
from app.web.dialect import discover
from tests.cli.program import refused, serving, start
from tests.dialects.server import SECRET_KEY, Server, Wire, keyed, succeeded
from tests.dialects.tenants import Tenant
from tests.faults.rooms import (
    DISKS_FAIL,
    POSSIBLE,
    fail,
    fill,
    formatted,
    on_disk,
    read_only,
    repair,
    seen_from_here,
    small,
    way_in,
)
from tests.operations.reading import contract_of

DIALECTS = [dialect.name for dialect in discover()]
SETTINGS = {"secret_key": SECRET_KEY, "webhook_allow_private": "true"}
# Where namespaces are to be had.
ROOMS = ["8m"] if POSSIBLE else []
# Where we are root, and may say that a disk has failed.
DISKS = ["ext4"] if DISKS_FAIL else []


def a_tenant(database: Path) -> Tenant:
    with way_in(database) as server:
        return Tenant.add(server)


def survives(tenant: Tenant, base: str, break_: Callable[[], None], mend: Callable[[], None]) -> None:
    """All dialects, one after the other; then again, as clients that were refused ask once more."""
    with closing(Server("", base, tenant.server._portal, tenant.server.store)) as server:
        tenant.server = server
        _survives(server, tenant, break_, mend)


def _survives(server: Server, tenant: Tenant, break_: Callable[[], None], mend: Callable[[], None]) -> None:
    orders = {name: tenant.create() for name in DIALECTS}
    changes = {name: keyed(contract_of(name).change(order["id"]), name) for name, order in orders.items()}
    before = {name: tenant.snapshot(order["id"]) for name, order in orders.items()}
    made = [tenant.create()["id"] for _ in range(5)]
    break_()
    while (answer := _create(tenant)).is_success:
        made.append(answer.json()["id"])
    contract_of("native").refused(answer, Code.UNAVAILABLE)
    for name, wire in changes.items():
        contract = contract_of(name)
        contract.refused(tenant.send(wire), Code.UNAVAILABLE)
        assert succeeded(tenant.send(contract.read(orders[name]["id"])))
        assert tenant.snapshot(orders[name]["id"]) == before[name]
    assert server.send(Wire("GET", "/health/live")).status_code == 200
    mend()
    for name, wire in changes.items():
        answer = tenant.send(wire)
        assert succeeded(answer), answer.text
        assert "Idempotency-Replayed" not in answer.headers
        assert len(tenant.events(orders[name]["id"])) == 2
    for order_id in made:
        assert len(tenant.events(order_id)) == 1
    listed = tenant.api("GET", "/orders?limit=1")
    assert listed["orders"]


def _create(tenant: Tenant) -> httpx.Response:
    lines = [{"sku": f"SKU-{n}", "quantity": 1, "unit_price": 100} for n in range(40)]
    return tenant.send(Wire("POST", "/api/orders", {"currency": "EUR", "lines": lines}))


def sound(path: Path, here: Path) -> None:
    """A copy of it as it is, as if the machine had stopped now."""
    for end in ("", "-wal"):
        copy(f"{path}{end}", f"{here}{end}")
    with closing(sqlite3.connect(here)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Path:
    return Path(copy(sqlite_template, tmp_path / "dragoman.db"))


@pytest.mark.parametrize("size", ROOMS)
def test_a_full_disk(size: str, database: Path, tmp_path: Path) -> None:
    tenant, room = a_tenant(database), tmp_path / "room"
    room.mkdir()
    url = f"sqlite:///{room / database.name}"
    with serving(tmp_path, url, within=small(room, size, database), **SETTINGS) as server:
        there = seen_from_here(server, room / database.name)
        filler = there.with_name("filler")
        survives(tenant, server.url, lambda: fill(filler), filler.unlink)
        sound(there, tmp_path / "copy.db")


def test_a_file_that_cannot_grow(database: Path, tmp_path: Path) -> None:
    """The system refuses to write past a size, as with a quota, or as a disk that fails does."""
    tenant = a_tenant(database)
    with serving(tmp_path, f"sqlite:///{database}", **SETTINGS) as server:
        pid = server.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)

        def limit() -> None:
            log = Path(f"{database}-wal").stat().st_size
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (log, before[1]))

        def lift() -> None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

        survives(tenant, server.url, limit, lift)
        sound(database, tmp_path / "copy.db")


@pytest.mark.parametrize("disk", DISKS)
def test_a_file_system_that_turns_read_only(disk: str, database: Path, tmp_path: Path) -> None:
    """As ext4 does after an error. It has to be mounted anew, so here the server starts anew, too."""
    tenant, room, image = a_tenant(database), tmp_path / "room", formatted(tmp_path / disk)
    room.mkdir()
    url = f"sqlite:///{room / database.name}"
    with ExitStack() as stack:
        server = stack.enter_context(serving(tmp_path, url, within=on_disk(image, room, database), **SETTINGS))

        def mend() -> None:
            assert server.stop(signal.SIGTERM) == 0
            repair(image)
            (logs := tmp_path / "later").mkdir()
            later = stack.enter_context(serving(logs, url, within=on_disk(image, room), **SETTINGS))
            held = tenant.server
            tenant.server = stack.enter_context(closing(Server("", later.url, held._portal, held.store)))

        survives(tenant, server.url, lambda: fail(server, room), mend)


@pytest.mark.parametrize("size", ROOMS)
def test_a_read_only_file_system(size: str, database: Path, tmp_path: Path) -> None:
    """There is nothing to serve: it says why, and does not start."""
    room = tmp_path / size
    room.mkdir()
    copy(database, room)
    url = f"sqlite:///{room / database.name}"
    done = start("serve", "--port", "0", database_url=url, within=read_only(room), **SETTINGS)
    why = "attempt to write a readonly database"
    assert refused(done) == f"the database of DRAGOMAN_DATABASE_URL cannot be used: {why}"
