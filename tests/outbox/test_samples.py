"""Test messages: there is one of every topic of every dialect, and it says what it is."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from app.core import ids
from app.core.model import Party
from app.core.outbox import Delivery, Subscription
from app.core.ports import Store
from app.service.access import SCOPES, Caller
from app.web.dialect import discover
from tests.outbox.world import World

_HOOKS = {dialect.name: dialect.hooks for dialect in discover() if dialect.hooks is not None}
_STEPS = {
    "CANCEL": ("approved", "restocked", "finished"),
    "RETURN": ("announced", "received", "approved", "restocked", "finished"),
}


def _entry(order: Any) -> Any:
    """The only one."""
    [case] = order["cases"]
    [entry] = case["adjustments"]
    return {**entry, "type": case["type"]}


def _took(kind: str, step: str, order: Any) -> bool:
    entry = _entry(order)
    return entry["type"] == kind and step in {taken["step"] for taken in entry["steps"]}


_SHOWS: Mapping[str, Callable[[Any], Any]] = {
    **{f"{kind.lower()}.{step}": partial(_took, kind, step) for kind, steps in _STEPS.items() for step in steps},
    "fees.credited": lambda order: order["fee_credits"] and _entry(order)["step"] == "approved",
    "mail.requested": lambda order: _entry(order)["step"] == "finished",
    "order.refunded": lambda order: 0 < order["refunded"] < order["paid"],
    "fulfillment.delivered": lambda order: order["fulfillments"][0]["state"] == "delivered",
    "fulfillment.voided": lambda order: order["fulfillments"][0]["state"] == "void",
    "fulfillment.updated": lambda order: order["fulfillments"][0]["tracking_code"] == "TEST-2",
    "order.archived": lambda order: order["archived_at"] is not None,
    "order.unarchived": lambda order: order["archived_at"] is None and _entry(order)["step"] == "finished",
}
_TOPICS = [(name, topic) for name, hooks in _HOOKS.items() for topic in hooks.topics]


@pytest.mark.parametrize(("dialect", "topic"), _TOPICS, ids=lambda name: name.replace("/", "-"))
async def test_there_is_one_of_every_topic(sqlite_store: Store, dialect: str, topic: str) -> None:
    world = await World(sqlite_store, hooks=dict(_HOOKS)).open()
    delivery = await _test(world, dialect, topic)
    assert delivery.topic == topic
    body = json.loads(delivery.body)
    assert isinstance(body, dict)
    if dialect == "native":
        assert body["type"] == topic
        assert body["data"].get("event", {}).get("type", topic) == topic
    if topic != "webhook.disabled":
        assert "TEST" in delivery.body


@pytest.mark.parametrize("topic", _SHOWS)
async def test_what_is_told_of_goods_and_money_has_happened(sqlite_store: Store, topic: str) -> None:
    """It is no other sample under that name: what the topic is about is in the order."""
    world = await World(sqlite_store, hooks=dict(_HOOKS)).open()
    order = json.loads((await _test(world, "native", topic)).body)["data"]["order"]
    assert _SHOWS[topic](order)


async def _test(world: World, dialect: str, topic: str) -> Delivery:
    subscription: Subscription = await world.subscribe("https://hooks.example.com/", dialect=dialect)
    caller = Caller(world.tenant_id, "c1", Party.SELLER, frozenset(SCOPES), None, None)
    reply = await world.deliveries.test(
        caller, None, lambda each: each.id, subscription_id=subscription.id, topic=topic
    )  # fmt: skip
    assert ids.looks_like_ours(reply.text)
    [delivery] = await world.log(subscription)
    return delivery
