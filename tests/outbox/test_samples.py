"""Test messages: there is one of every topic of every dialect, and it says what it is."""

import json

import pytest

from app.core import ids
from app.core.model import Party
from app.core.outbox import Delivery, Subscription
from app.core.ports import Store
from app.service.access import SCOPES, Caller
from app.web.dialect import discover
from tests.outbox.world import World

_HOOKS = {dialect.name: dialect.hooks for dialect in discover() if dialect.hooks is not None}
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


async def _test(world: World, dialect: str, topic: str) -> Delivery:
    subscription: Subscription = await world.subscribe("https://hooks.example.com/", dialect=dialect)
    caller = Caller(world.tenant_id, "c1", Party.SELLER, frozenset(SCOPES), None, None)
    reply = await world.deliveries.test(
        caller, None, lambda each: each.id, subscription_id=subscription.id, topic=topic
    )  # fmt: skip
    assert ids.looks_like_ours(reply.text)
    [delivery] = await world.log(subscription)
    return delivery
