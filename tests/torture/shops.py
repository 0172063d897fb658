"""Tenants with everything that can go on between answer and outcome, and how they are found afterwards.

No test and no fixture is here.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from tests.cli.program import succeed
from tests.dialects.server import Wire
from tests.torture import afosto, audit, facts, post, receiver
from tests.torture.asking import Ask, Client
from tests.torture.facts import Facts
from tests.torture.load import Shop
from tests.torture.processes import waited
from tests.torture.receiver import Mailbox, Receiver

_DEADLINE = 2
_WAIT = 0.3
_PAUSE = 0.2
_REPEATED = 100
"""Answered requests that are asked once more: a sample."""
_POLICIES = ("accept", "reject")
_LOCATIONS: Mapping[str, Any] = {
    "internal": None,
    "manual": {"kind": "manual"},
    "simulator": {"kind": "simulator"},
    "slow simulator": {"kind": "simulator", "behaviour": "accept", "delay": 1.0},
    "silent simulator": {"kind": "simulator", "behaviour": "silent"},
}
_SECRET = "a secret of theirs"
_MAILBOXES: Mapping[str, tuple[Callable[[str, str], Mailbox], Mapping[str, Any]]] = {
    "native": (receiver.native, {}),
    "convictional": (receiver.convictional, {"secret": _SECRET}),
    "shopline": (receiver.shopline, {"secret": _SECRET, "topics": [*post.SHOPLINE_TOPICS]}),
    "happycolis": (receiver.happycolis, {"secret": _SECRET, "topics": [*post.HAPPYCOLIS_TOPICS]}),
}


def tenants(database_url: str, settings: Mapping[str, str]) -> list[Shop]:
    """By the command line, which is the only way to make them."""

    def tenant(policy: str) -> Shop:
        id_ = succeed("tenant", "add", f"Silence means {policy}", database_url=database_url, **settings)
        made = succeed("key", "add", "--tenant", id_, "--json", database_url=database_url, **settings)
        return Shop(id_, json.loads(made)["key"], policy)

    return [tenant(policy) for policy in _POLICIES]


def furnish(shop: Shop, bases: Sequence[str], receiving: Receiver) -> None:
    """A policy under which warehouses have a deadline, a location of each kind, a subscription in each dialect."""
    with _client(shop, bases) as client:
        policy = {"warehouse_deadline": _DEADLINE, "on_silence": shop.on_silence, "sync_wait": _WAIT}
        client.read(Wire("PATCH", "/api/tenant", {"policy": policy}))
        for name, connector in _LOCATIONS.items():
            made = client.read(Wire("POST", "/api/locations", {"name": name, "connector": connector}), 201)
            shop.locations[name] = made["id"]
        for dialect, (mailbox, wanted) in _MAILBOXES.items():
            name = f"{shop.id}-{dialect}"
            body = {"url": receiving.url(name), "dialect": dialect, **wanted}
            made = client.read(Wire("POST", "/api/webhooks", body), 201)
            receiving.add(mailbox(name, made["secret"] if dialect == "native" else _SECRET))
            shop.webhooks[name] = made["id"]


def repeat(shop: Shop, bases: Sequence[str], rng: random.Random) -> None:
    """Ask for a sample of what was answered once more, of all that changed something and so must be known."""
    with _client(shop, bases) as client:
        cases = {case["id"]: case["dialect"] for order in facts.orders(client).values() for case in order["cases"]}
        answered = [ask for ask in shop.asks if ask.done and _changed_something(ask, shop, cases)]
        for ask in rng.sample(answered, min(_REPEATED, len(answered))):
            client.repeat(ask)


def _changed_something(ask: Ask, shop: Shop, cases: Mapping[str, str]) -> bool:
    """An answer of a warehouse may be one too many, and a request without a reason be told of one that waited."""
    if ask.kind == "answer":
        return False
    others = [each for each in shop.asks if each is not ask and each.order_id == ask.order_id and not each.says_why]
    return ask.says_why or (
        cases.get(ask.case_id) == ask.dialect and not any(each.case_id in {"", ask.case_id} for each in others)
    )


def settle(shops: Sequence[Shop], bases: Sequence[str], receiving: Receiver, check: Callable[[], None]) -> None:
    """Wait until nothing is on its way any more. What stays for ever is not this function's to tell."""
    receiving.calm = True
    for shop in shops:
        with _client(shop, bases) as client:
            waited(partial(_quiet, client, shop, receiving, facts.Feed()), check, _PAUSE)


def _quiet(client: Client, shop: Shop, receiving: Receiver, feed: facts.Feed) -> bool:
    for id_ in shop.webhooks.values():
        if client.get(f"/api/webhooks/{id_}/deliveries?state=pending&limit=1")["deliveries"]:
            return False
    for order_id in {ask.order_id for ask in shop.begun}:
        _go_on(client, order_id)
    feed.read(client)
    name = next(iter(shop.webhooks))  # of the subscription to everything
    told = {receipt.id for receipt in receiving.receipts if receipt.subscription == name}
    return not feed.undecided and len(told) >= len(feed.events) and facts.due(client) == 0


def _go_on(client: Client, order_id: str) -> None:
    """What a warehouse has not agreed to cannot be approved yet; with it all others in one request cannot, too."""
    for step, contras in afosto.left_to_do(client.read(afosto.read(order_id))).items():
        for contra in contras:
            client.read(afosto.take(step, order_id, [contra]))


def findings(shop: Shop, bases: Sequence[str], receiving: Receiver) -> list[str]:
    """All that is not as it should be."""
    with _client(shop, bases) as client:
        there = Facts(
            asks=shop.asks,
            orders=facts.orders(client),
            events=facts.events(client),
            log={
                name: [*facts.pages(client, f"/api/webhooks/{id_}/deliveries", "deliveries")]
                for name, id_ in shop.webhooks.items()
            },
            dialects={name: name.rpartition("-")[2] for name in shop.webhooks},
            receipts=[receipt for receipt in receiving.receipts if receipt.subscription in shop.webhooks],
            tasks=[*facts.pages(client, "/api/tasks", "tasks")],
            due=facts.due(client),
        )
    return audit.findings(there) + post.findings(there)


@contextmanager
def _client(shop: Shop, bases: Sequence[str]) -> Iterator[Client]:
    client = Client(bases, shop.key, random.Random(shop.id))
    try:
        yield client
    finally:
        client.close()
