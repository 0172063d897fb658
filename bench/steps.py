"""Afosto's processes step by step, and what each change of a large order costs over the same change of a small one."""

import argparse
import asyncio
import json
import tempfile
import urllib.request
from collections.abc import Iterator
from functools import partial
from statistics import median

from bench.clients import Ask, Client
from bench.data import Loaded, command, load_these, settle
from bench.servers import Load, Server, dragoman, drive
from bench.table import Row
from tests.postgres import fresh_database, server_url

SMALL, LARGE = 3, 500
_QUANTITY = 10
_OWN = 5
"""How many sets of orders the large ones take: one is walked through the steps, each of the others cancelled once."""
_TICK = 0.01
"""Seconds: what the system counts processor time in."""


def everywhere(asked: argparse.Namespace) -> Iterator[Row]:
    """On databases of their own: what large orders leave behind is no company for the others."""
    with server_url(durable=True) as server:
        yield from rows("PostgreSQL", asyncio.run(fresh_database(server)), asked)
    with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as folder:
        yield from rows("SQLite", f"sqlite:///{folder}/steps.db", asked)


def rows(engine: str, url: str, asked: argparse.Namespace) -> Iterator[Row]:
    walked = 2 * asked.rounds * asked.cancels
    several = _OWN * asked.large
    large = [command(SMALL, _QUANTITY)] * several + [command(LARGE, _QUANTITY)] * several
    loaded = load_these(url, [command()] * walked + large)
    if engine == "PostgreSQL":
        asyncio.run(settle(url))
    with dragoman(url) as service:
        location = _location(service, loaded)
        yield from _walked(engine, service, Client(loaded, SMALL, _QUANTITY, location), asked)
    with dragoman(url, worker=False) as service:  # mail of large orders is no company for what is measured next
        small, big = (_sets(walked + 1 + n * several, asked.large) for n in range(2))
        clients = Client(loaded, SMALL, _QUANTITY, location), Client(loaded, LARGE, _QUANTITY, location)
        yield from _large(engine, service, clients, (small, big))


def _walked(engine: str, service: Server, client: Client, asked: argparse.Namespace) -> Iterator[Row]:
    """Each step on as many orders of its own at once as the cancellation over REST, in turn with it."""
    steps = {
        "cancelOrderItems": client.cancel,
        "approveOrderItems": client.approve,
        "addContraFeesToOrderItems": client.credit,
        "restockOrderItems": client.restock,
        "finishOrderItems": client.finish,
    }
    ratios: dict[str, list[float]] = {name: [] for name in steps}
    costs: dict[str, list[float]] = {name: [] for name in steps}
    first = 1
    for _ in range(asked.rounds):
        rest, spent = _timed(service, asked.in_flight, client.native, range(first, first + asked.cancels))
        numbers = range(first + asked.cancels, first + 2 * asked.cancels)
        for name, step in steps.items():
            load, cpu = _timed(service, asked.in_flight, step, numbers)
            ratios[name].append(load.per_second / rest.per_second)
            costs[name].append(cpu / spent)
        first += 2 * asked.cancels
    for name in steps:
        yield Row(f"{engine}: {name} over the REST line cancel", median(ratios[name]), "at least 0.7, aim 0.8")
        yield Row(f"{engine}: its processor time over that one's", median(costs[name]), better="less")


def _large(
    engine: str, service: Server, clients: tuple[Client, Client], sets: tuple[list[range], list[range]]
) -> Iterator[Row]:
    """One request at a time; small and large in turn."""
    measured = [_changes(client) for client in clients]
    for (place, name, small), (_, _, large) in zip(*measured, strict=True):
        (few, less), (many, more) = (
            _timed(service, 1, ask, own[place]) for ask, own in zip((small, large), sets, strict=True)
        )
        if name:
            ratio = median(many.ms) / median(few.ms)
            yield Row(f"{engine}: {name}, {LARGE} lines over {SMALL}", ratio, "under 5", "less")
            yield Row(f"{engine}: its processor time over that one's", more / max(less, _TICK), better="less")


def _changes(client: Client) -> list[tuple[int, str, Ask]]:
    """Which set of orders each is done to, and what it is called; without a name, it only leads to the next."""
    return [
        (0, "cancelOrderItems", client.cancel),
        (0, "approveOrderItems", client.approve),
        (0, "addContraFeesToOrderItems", client.credit),
        (0, "restockOrderItems", client.restock),
        (0, "finishOrderItems", client.finish),
        (0, "sendCancellationEmail", client.mail),
        (0, "", client.ship),
        (0, "returnOrderItems", client.announce),
        (0, "receiveOrderItems", client.receive),
        (0, "", partial(client.approve, units=(3, 4))),
        (0, "", partial(client.finish, units=(3, 4))),
        (0, "sendReturnEmail", partial(client.mail, units=(3, 4), name="sendReturnEmail")),
        (1, "native line cancel", client.native),
        (2, "Shopline cancel", client.shopline),
        (3, "Convictional line cancel", client.convictional),
        (4, "HappyColis orderCancel", client.happycolis),
    ]


def _sets(first: int, size: int) -> list[range]:
    return [range(first + n * size, first + (n + 1) * size) for n in range(_OWN)]


def _timed(service: Server, in_flight: int, ask: Ask, numbers: range) -> tuple[Load, float]:
    """With the processor time that the service took."""
    before = service.cpu()
    load = drive(service, in_flight, map(ask, numbers))
    return load, service.cpu() - before


def _location(service: Server, loaded: Loaded) -> str:
    headers = {"Authorization": f"Bearer {loaded.key}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{service.url}/api/locations", b'{"name": "Rotterdam"}', headers)
    with urllib.request.urlopen(asked) as answer:
        return str(json.load(answer)["id"])
