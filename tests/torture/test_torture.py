"""`kill -9` at random moments under load: nothing that was answered is lost, nothing is done twice, nothing is stuck.

`DRAGOMAN_TORTURE_KILLS` (10) is how many kills each test makes; `DRAGOMAN_TORTURE_SEED` repeats the choices of a run.
"""

import asyncio
import base64
import logging
import os
import random
import secrets
from pathlib import Path

import pytest

from app.store import migrate
from tests.postgres import cluster, fresh_database
from tests.torture import shops
from tests.torture.database import Database
from tests.torture.load import Load, Shop
from tests.torture.processes import Layout, site
from tests.torture.receiver import Receiver, receiver
from tests.torture.storm import Storm

KILLS = int(os.environ.get("DRAGOMAN_TORTURE_KILLS", "10"))
CLIENTS = 6
LEASE = 3.0
"""Seconds after which what a killed worker held comes back."""
SETTINGS = {
    "webhook_allow_private": "true",
    "webhook_timeout": "1",
    "task_lease": f"{LEASE}",
    "secret_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}
_LONGEST_FINDING = 600
log = logging.getLogger("torture")


@pytest.fixture
def seed() -> int:
    given = int(os.environ.get("DRAGOMAN_TORTURE_SEED", "0")) or secrets.randbelow(1 << 32)
    log.warning("DRAGOMAN_TORTURE_SEED=%d", given)
    return given


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_kill_9_on_sqlite_loses_nothing(database_url: str, seed: int, tmp_path: Path) -> None:
    """Web and worker in one process, then in two: each of them has the database in itself."""
    endure(database_url, (Layout(webs=1, workers=0), Layout(webs=1, workers=1)), seed, tmp_path)


def test_kill_9_on_postgresql_loses_nothing(seed: int, tmp_path: Path) -> None:
    """The database is killed, too. Its settings are its own: with those of other tests it would lose what it has
    answered."""
    with cluster(durable=True) as server:
        url = asyncio.run(fresh_database(server.url))
        migrate(url)
        endure(url, (Layout(webs=2, workers=2),), seed, tmp_path, Database(server, random.Random(seed)))


def endure(
    database_url: str, layouts: tuple[Layout, ...], seed: int, folder: Path, database: Database | None = None
) -> None:
    rng = random.Random(seed)
    tenants = shops.tenants(database_url, SETTINGS)
    with receiver(rng) as receiving, site(folder, layouts[-1].webs, database_url, database, **SETTINGS) as running:
        running.arrange(layouts[0])
        for shop in tenants:
            shops.furnish(shop, running.bases, receiving)
        load = Load(running.bases, tenants, seed)
        with load.running(CLIENTS):
            for layout in layouts:
                if layout is not layouts[0]:
                    running.arrange(layout)
                Storm(running, load, rng, LEASE).rage(KILLS // len(layouts))
        shops.settle(tenants, running.bases, receiving, running.check)
        for shop in tenants:
            shops.repeat(shop, running.bases, rng)
        found = [finding for shop in tenants for finding in shops.findings(shop, running.bases, receiving)]
        found += [*receiving.problems, *running.complaints()]
        fell = f", PostgreSQL {database.kills} times of them" if database is not None else ""
        log.warning("%d processes killed%s; %s", running.kills, fell, _summary(tenants, receiving))
    if found:
        shown = [finding[:_LONGEST_FINDING] for finding in found[:30]]
        pytest.fail("\n".join([f"DRAGOMAN_TORTURE_SEED={seed}, {len(found)} findings:", *shown]))
    assert any(ask.cut for shop in tenants for ask in shop.asks), "no request was interrupted: nothing was shown"


def _summary(tenants: list[Shop], receiving: Receiver) -> str:
    asks = [ask for shop in tenants for ask in shop.asks]
    messages = len({(receipt.subscription, receipt.id) for receipt in receiving.receipts})
    return (
        f"{len(asks)} requests, {sum(ask.cut for ask in asks)} times cut off, {sum(ask.replayed for ask in asks)} of "
        f"them done and answered by the next try; {messages} messages, {len(receiving.receipts) - messages} tries more"
    )
