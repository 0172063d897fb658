"""Receivers that fail for too long, or say that they are gone: nothing more is sent, and the others hear of it."""

import json
from datetime import timedelta

import pytest

from app.service.hooks import DISABLED
from app.service.outgoing import is_test
from tests.outbox.receiver import OK, Receiver, status
from tests.outbox.world import World, until


async def test_gone_disables_at_once(world: World, receiver: Receiver) -> None:
    receiver.by_path["/gone"] = status(410)
    gone = await world.subscribe(f"{receiver.url}/gone")
    everything = await world.subscribe(f"{receiver.url}/all")
    only_that = await world.subscribe(f"{receiver.url}/that", topics=(DISABLED,))
    something_else = await world.subscribe(f"{receiver.url}/else", topics=("order.updated",))
    async with world.working():
        await world.order()
        await receiver.got(1, "/that")
        await receiver.got(2, "/all")
        await world.order()
        await receiver.got(3, "/all")
        await world.settled()
    found = await world.subscription(gone)
    assert (found.active, found.disabled_reason) == (False, "The receiver answered 410 Gone.")
    assert len(await receiver.got(1, "/gone")) == 1
    assert [(each.state, each.attempts[-1].status) for each in await world.log(gone)] == [("failed", 410)]
    told = json.loads((await world.log(only_that))[0].body)
    assert told["topic"] == DISABLED
    assert told["data"]["webhook"]["id"] == gone.id
    assert told["data"]["webhook"]["url"] == gone.url
    assert told["data"]["webhook"]["disabled_reason"] == found.disabled_reason
    assert [each.topic for each in await world.log(everything)].count(DISABLED) == 1
    assert await world.log(something_else) == []


async def test_gone_at_several_messages_at_once_is_told_once(world: World, receiver: Receiver) -> None:
    receiver.by_path["/gone"] = status(410)
    gone = await world.subscribe(f"{receiver.url}/gone")
    other = await world.subscribe(f"{receiver.url}/that", topics=(DISABLED,))
    await world.orders(30)
    async with world.working():
        await world.settled()
    assert len(await world.log(other)) == 1
    log = await world.log(gone)
    assert {each.state for each in log} == {"failed"}
    assert {each.attempts[-1].error for each in log} == {None, "The webhook was disabled or removed."}


async def test_nothing_but_failures_for_too_long(world: World, receiver: Receiver) -> None:
    world.tiny.schedule, world.tiny.disable_after = (0.05,) * 20, 0.3
    receiver.by_path["/bad"] = status(500)
    bad = await world.subscribe(f"{receiver.url}/bad")
    other = await world.subscribe(f"{receiver.url}/that", topics=(DISABLED,))
    async with world.working():
        await world.order()
        await receiver.got(1, "/that")
        await world.settled()
    found = await world.subscription(bad)
    assert (found.active, found.disabled_reason) == (False, "Every message failed for too long.")
    assert found.failing_since is not None
    assert found.updated_at - found.failing_since >= timedelta(seconds=0.3)
    [delivery] = await world.log(bad)
    assert delivery.state == "failed"
    assert len(await world.log(other)) == 1
    events = await world.store.load(world.tenant_id, None, None)
    assert events is not None
    assert events.subscribed, "there is still somebody who listens"


async def test_one_success_in_between_starts_the_count_again(world: World, receiver: Receiver) -> None:
    world.tiny.schedule, world.tiny.disable_after = (0.2,) * 3, 0.3
    subscription = await world.subscribe(receiver.url)
    async with world.working():
        for _ in range(3):
            receiver.script = [status(500), OK]
            await world.order()
            await world.settled()
            assert (await world.subscription(subscription)).failing_since is None
    assert (await world.subscription(subscription)).active


async def test_an_activated_one_starts_anew(world: World, receiver: Receiver) -> None:
    receiver.script = [status(410)]
    subscription = await world.subscribe(receiver.url)
    async with world.working():
        await world.order()
        await world.settled()
        assert not (await world.subscription(subscription)).active
        await world.order()
        await world.webhooks.edit(
            world.caller, None, lambda *_: "", subscription_id=subscription.id, changed={"active": True}
        )
        await world.order()
        await world.settled()
    found = await world.subscription(subscription)
    assert (found.active, found.disabled_reason, found.failing_since) == (True, None, None)
    assert [each.state for each in await world.log(subscription)] == ["delivered", "failed"]


async def test_nothing_is_kept_for_a_tenant_without_listeners(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url)
    await world.webhooks.remove(world.caller, None, lambda _: "", subscription_id=subscription.id)
    order_id = await world.order()
    assert await world.queue() == 0
    [event] = await world.store.order_events(world.tenant_id, order_id, 0, 10)
    [published] = await world.store.published(world.tenant_id, [event.id])
    assert published.body is None


@pytest.mark.parametrize("change", ["removed", "disabled"])
async def test_what_was_on_its_way_is_dropped(world: World, receiver: Receiver, change: str) -> None:
    world.tiny.schedule = (0.3, 0.3)
    receiver.answer = status(500)
    subscription = await world.subscribe(receiver.url)
    order_id = await world.order()
    async with world.working():
        await receiver.got(1)
        await world.note(order_id, "behind it")
        await until(lambda: world.has_logged(subscription, 2))
        if change == "removed":
            await world.webhooks.remove(world.caller, None, lambda _: "", subscription_id=subscription.id)
        else:
            await world.webhooks.edit(
                world.caller, None, lambda *_: "", subscription_id=subscription.id, changed={"active": False}
            )
        await world.settled()
    assert len(receiver.requests) == 1
    if change == "disabled":
        log = await world.log(subscription)
        assert [each.state for each in log] == ["failed", "failed"]
        assert not any(is_test(each) for each in log)
