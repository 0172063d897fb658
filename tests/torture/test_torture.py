"""`kill -9` at random moments under load: nothing that was answered is lost, nothing is done twice, nothing is stuck.

`DRAGOMAN_TORTURE_KILLS` (10) is how many kills each engine gets; `DRAGOMAN_TORTURE_SEED` repeats the choices of a run.
"""

import base64
import logging
import os
import random
import secrets
from pathlib import Path

import pytest

from tests.torture import shops
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

_ENGINES = {
    # SQLite: web and worker in one process, then in two.
    "sqlite": (Layout(webs=1, workers=0), Layout(webs=1, workers=1)),
    "postgresql": (Layout(webs=2, workers=2),),
}


@pytest.fixture
def seed() -> int:
    given = int(os.environ.get("DRAGOMAN_TORTURE_SEED", "0")) or secrets.randbelow(1 << 32)
    log.warning("DRAGOMAN_TORTURE_SEED=%d", given)
    return given


@pytest.mark.parametrize(("database_url", "layouts"), _ENGINES.items(), indirect=["database_url"], ids=_ENGINES)
def test_kill_9_loses_nothing(database_url: str, layouts: tuple[Layout, ...], seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    tenants = shops.tenants(database_url, SETTINGS)
    with receiver(rng) as receiving, site(tmp_path, layouts[-1].webs, database_url, **SETTINGS) as running:
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
        log.warning("%d processes killed; %s", running.kills, _summary(tenants, receiving))
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
