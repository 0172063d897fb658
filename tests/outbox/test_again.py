"""Sending again: one message, a time range, a test; and what a blocking webhook holds back."""

import json
from datetime import timedelta

import pytest

from app.core.outbox import Delivery, Subscription
from app.core.refusal import Code, Refusal
from app.service.clock import Clock
from app.service.desk import Once
from tests.outbox.receiver import Receiver, status
from tests.outbox.world import World, until

_FAR = timedelta(days=300)


async def _redeliver(world: World, subscription: Subscription, delivery: Delivery, once: Once | None = None) -> bool:
    reply = await world.deliveries.redeliver(
        world.caller, once, lambda each: each.id, subscription_id=subscription.id, delivery_id=delivery.id
    )
    assert reply.text == delivery.id
    return reply.replayed


@pytest.mark.parametrize("ended", ["delivered", "failed"])
async def test_one_message_again(world: World, receiver: Receiver, ended: str) -> None:
    subscription = await world.subscribe(receiver.url)
    receiver.script = [status(500)] * 3 if ended == "failed" else []
    async with world.working():
        await world.order()
        await world.settled()
        tried = len(receiver.requests)
        [delivery] = await world.log(subscription)
        assert delivery.state == ended
        await _redeliver(world, subscription, delivery)
        await world.settled()
    assert len(receiver.requests) == tried + 1
    assert len({(request.id, request.body) for request in receiver.requests}) == 1
    [again] = await world.log(subscription)
    assert (again.state, len(again.attempts)) == ("delivered", tried + 1)


async def test_one_that_waits_is_tried_now(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = (3600.0,)
    subscription = await world.subscribe(receiver.url)
    receiver.script = [status(500)]
    async with world.working():
        order_id = await world.order()
        await receiver.got(1)
        await until(lambda: world.has_tried(subscription, 1))
        await world.note(order_id, "behind it")
        await until(lambda: world.has_logged(subscription, 2))
        [_, delivery] = await world.log(subscription)
        await _redeliver(world, subscription, delivery)
        await world.settled()
    assert [json.loads(body)["data"]["version"] for body in receiver.bodies] == [1, 1, 2]


async def test_a_key_redelivers_once(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url)
    async with world.working():
        await world.order()
        await world.settled()
        [delivery] = await world.log(subscription)
        once = Once("key", "fingerprint")
        assert not await _redeliver(world, subscription, delivery, once)
        await world.settled()
        assert await _redeliver(world, subscription, delivery, once)
        await world.settled()
    assert len(receiver.requests) == 2


async def test_what_is_not_there_is_refused(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url)
    other = await world.subscribe(receiver.url)
    async with world.working():
        await world.order()
        await world.settled()
    [delivery] = await world.log(other)
    for subscription_id, delivery_id, code in (
        (subscription.id, delivery.id, Code.DELIVERY_NOT_FOUND),
        (subscription.id, "nonsense", Code.DELIVERY_NOT_FOUND),
        (delivery.id, delivery.id, Code.SUBSCRIPTION_NOT_FOUND),
        ("nonsense", delivery.id, Code.SUBSCRIPTION_NOT_FOUND),
    ):
        with pytest.raises(Refusal) as refused:
            await world.deliveries.redeliver(
                world.caller, None, lambda each: each.id, subscription_id=subscription_id, delivery_id=delivery_id
            )
        assert refused.value.code is code


async def test_nothing_is_sent_to_a_disabled_one(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url, active=False)
    for refused in (
        world.deliveries.test(world.caller, None, lambda each: each.id, subscription_id=subscription.id),
        _replay(world, subscription),
    ):
        with pytest.raises(Refusal, match="active"):
            await refused


async def _replay(world: World, subscription: Subscription, *, back: timedelta = _FAR, until: timedelta = _FAR) -> None:
    now = world.clock.now()
    await world.deliveries.replay(
        world.caller, None, lambda each: each.id, subscription_id=subscription.id, first=now - back, end=now + until
    )


async def test_a_range_again_and_what_was_never_sent_for_the_first_time(world: World, receiver: Receiver) -> None:
    first = await world.subscribe(f"{receiver.url}/first")
    async with world.working():
        order_ids = await world.orders(120)
        for order_id in order_ids[:5]:
            await world.note(order_id, "changed")
        await receiver.got(125, "/first")
        await world.settled()
        late = await world.subscribe(f"{receiver.url}/late", topics=("order.created",))
        await _replay(world, first)
        await _replay(world, late)
        await receiver.got(250, "/first")
        await receiver.got(120, "/late")
        await world.settled()
    requests = [request for request in receiver.requests if request.path == "/first"]
    assert len({request.id for request in requests}) == 125
    assert {request.id: request.body for request in requests[:125]} == {
        request.id: request.body for request in requests[125:]
    }
    assert {each.state for each in await world.log(first)} == {"delivered"}
    assert len(await world.log(late)) == 120
    again = [json.loads(request.body)["data"] for request in requests[125:]]
    for order_id in order_ids[:5]:
        assert [each["version"] for each in again if each["order"] == order_id] == [1, 2]


async def test_a_range_has_two_ends(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url)
    async with world.working():
        await world.order()
        await world.settled()
        await _replay(world, subscription, back=_FAR, until=-timedelta(days=1))
        await world.settled()
    assert len(receiver.requests) == 1
    with pytest.raises(Refusal, match="until"):
        await _replay(world, subscription, back=timedelta(0), until=-timedelta(seconds=1))


async def test_a_replay_leaves_what_waits_alone(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = (0.5,)
    subscription = await world.subscribe(receiver.url)
    receiver.script = [status(500)]
    async with world.working():
        await world.order()
        await receiver.got(1)
        await until(lambda: world.has_tried(subscription, 1))
        await _replay(world, subscription)
        await world.settled()
    assert len(receiver.requests) == 2


@pytest.mark.parametrize(
    ("topics", "topic", "sent"),
    [
        ((), None, "order.updated"),
        (("order.created",), None, "order.created"),
        (("order.created",), "order.updated", "order.updated"),
        ((), "extra", "extra"),
        ((), "webhook.disabled", "webhook.disabled"),
    ],
)
async def test_a_test_message(
    world: World, receiver: Receiver, topics: tuple[str, ...], topic: str | None, sent: str
) -> None:
    subscription = await world.subscribe(receiver.url, topics=topics)
    async with world.working():
        reply = await world.deliveries.test(
            world.caller, None, lambda each: each.id, subscription_id=subscription.id, topic=topic
        )
        await world.settled()
    [request] = receiver.requests
    assert request.headers["x-dragoman-test"] == "true"
    assert request.id == reply.text
    assert json.loads(request.body)["topic"] == sent
    [delivery] = await world.log(subscription)
    assert (delivery.id, delivery.topic, delivery.state) == (reply.text, sent, "delivered")
    assert delivery.event_id == delivery.id
    assert await world.store.events(world.tenant_id, "00000000-0000-0000-0000-000000000000", 10) == []


async def test_a_test_of_an_unknown_topic(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url)
    with pytest.raises(Refusal, match="topics"):
        await world.deliveries.test(
            world.caller, None, lambda each: each.id, subscription_id=subscription.id, topic="nonsense"
        )


async def test_a_blocking_one_holds_all_that_comes_later(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = ()
    subscription = await world.subscribe(receiver.url, blocking=True)
    async with world.working():
        await world.order()
        await receiver.got(1)
        receiver.script = [status(500)]
        await world.order()
        await receiver.got(2)
        await until(lambda: world.has_tried(subscription, 2))
        await world.orders(3)
        await until(lambda: world.has_logged(subscription, 5))
        assert len(receiver.requests) == 2
        held = [each for each in await world.log(subscription) if each.attempts and each.state == "pending"]
        assert len(held) == 1
        assert (await world.subscription(subscription)).failing_since is not None
        await _redeliver(world, subscription, held[0])
        await world.settled()
    assert len(receiver.requests) == 6
    assert (await world.subscription(subscription)).active
    times = [json.loads(body)["id"][:13] for body in receiver.bodies]  # to the millisecond
    assert times == sorted(times)


async def test_a_held_message_can_be_skipped(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = ()
    subscription = await world.subscribe(receiver.url, blocking=True)
    receiver.script = [status(500)]
    async with world.working():
        await world.order()
        await receiver.got(1)
        await until(lambda: world.has_tried(subscription, 1))
        await world.order()
        await until(lambda: world.has_logged(subscription, 2))
        [held] = [each for each in await world.log(subscription) if each.attempts]
        for state in ("failed", "failed"):  # the second time nothing is left to skip
            reply = await world.deliveries.skip(
                world.caller,
                None,
                lambda each: each.state.value,
                subscription_id=subscription.id,
                delivery_id=held.id,
            )
            assert reply.text == state
        await world.settled()
    assert [each.state for each in await world.log(subscription)] == ["delivered", "failed"]
    assert len(receiver.requests) == 2
    assert (await world.subscription(subscription)).failing_since is None


async def test_one_that_is_no_longer_blocking_goes_on(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = ()
    subscription = await world.subscribe(receiver.url, blocking=True)
    receiver.script = [status(500), status(500)]
    async with world.working():
        await world.order()
        await receiver.got(1)
        await until(lambda: world.has_tried(subscription, 1))
        await world.order()
        await until(lambda: world.has_logged(subscription, 2))
        await world.webhooks.edit(
            world.caller, None, lambda *_: "", subscription_id=subscription.id, changed={"blocking": False}
        )
        await world.settled()
    assert [each.state for each in await world.log(subscription)] == ["delivered", "failed"]
    assert len(receiver.requests) == 3


async def test_one_that_ends_its_worker_each_time_is_given_up(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url)
    receiver.answer = status(500)
    async with world.working():
        await world.test_message(subscription)
        await receiver.got(1)
        await until(lambda: world.has_tried(subscription, 1))
    for n in range(1, 25):  # each time the lease ends by itself: nobody came to say how it went
        now = world.clock.now() + timedelta(hours=n)
        [job] = await world.store.claim(world.tenant_id, now, now + timedelta(seconds=1), 10)
    assert job.kind == "webhook"
    later = World(world.store, tenant_id=world.tenant_id, clock=Clock(lambda: now + timedelta(hours=1)))
    later.vault = world.vault
    tried = len(receiver.requests)
    async with later.working():
        await later.settled()
    assert len(receiver.requests) == tried
    [delivery] = await world.log(subscription)
    assert (delivery.state, delivery.attempts[-1].error) == ("failed", "no try of it came to an end")
