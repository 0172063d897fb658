"""Subscriptions as they were saved, and the tenant's flag that always says whether one of them is active."""

import asyncio
import random
from dataclasses import replace

import pytest

from app.core.messages import Cancel, CreateOrder
from app.core.model import Scope
from app.core.outbox import SealedSecret, Subscription
from app.core.ports import Kept, Moved, ReplayKey, Store
from app.service.importing import Importer
from tests.store.jobs import Queue, at, job
from tests.store.world import World, everything, new_order, subscription, table, told

FULL = subscription(
    id="s2",
    topics=("b", "a"),
    headers={"X-Für": "ä"},
    secrets=(SealedSecret("new"), SealedSecret("old", at(60))),
    settings={"a": [1, None, {"b": True}], "c": "d"},
    blocking=True,
    active=False,
    failing_since=at(1),
    disabled_reason="it was gone",
    created_at=at(1),
    updated_at=at(2),
)


async def subscribed(store: Store, tenant_id: str = "t1") -> bool:
    found = await store.load(tenant_id, None, None)
    assert found is not None
    return found.subscribed


async def test_they_are_read_back_as_they_were_saved(world: World):
    store, plain = world.store, subscription()
    await store.save_subscription(FULL)
    await store.save_subscription(plain)
    assert await store.subscriptions("t1") == [plain, FULL]
    assert await store.subscription("t1", "s2") == FULL
    edited = replace(FULL, url="https://example.org/", topics=(), secrets=(), active=True, failing_since=None)
    await store.save_subscription(replace(edited, created_at=at(99)))
    assert await store.subscriptions("t1") == [plain, edited]
    await store.remove_subscription("t1", "s2")
    assert await store.subscriptions("t1") == [plain]
    assert await store.subscription("t1", "s2") is None


async def test_tenants_do_not_see_each_others(world: World):
    other = await World(world.store, tenant_id="t2").add_tenant()
    await other.subscribe(url="https://example.org/")
    assert await world.store.subscriptions("t1") == []
    assert await world.store.subscription("t1", "s1") is None
    await world.store.remove_subscription("t1", "s1")
    await world.store.disable_subscription("t1", "s1", "no", at(1))
    assert [each.active for each in await world.store.subscriptions("t2")] == [True]
    assert (await subscribed(world.store), await subscribed(world.store, "t2")) == (False, True)


async def test_the_flag_follows_every_change(world: World):
    store, one, two = world.store, subscription(), subscription(id="s2")
    seen = [await subscribed(store)]
    for step in (
        lambda: store.save_subscription(one),
        lambda: store.save_subscription(two),
        lambda: store.save_subscription(replace(one, active=False)),
        lambda: store.disable_subscription("t1", "s2", "failed", at(3)),
        lambda: store.save_subscription(one),
        lambda: store.remove_subscription("t1", "s2"),
        lambda: store.remove_subscription("t1", "s1"),
    ):
        await step()
        seen.append(await subscribed(store))
    assert seen == [False, True, True, True, False, True, True, False]


async def test_what_the_worker_says_leaves_an_edit_alone(world: World):
    store = world.store
    await store.save_subscription(subscription())
    await store.mark_failing("t1", "s1", at(5))
    assert await store.subscription("t1", "s1") == subscription(failing_since=at(5))
    await store.mark_failing("t1", "s1", None)
    assert await store.subscription("t1", "s1") == subscription()
    off = subscription(active=False, disabled_reason="why", updated_at=at(7))
    await store.disable_subscription("t1", "s1", "why", at(7))
    assert await store.subscription("t1", "s1") == off
    await store.disable_subscription("t1", "s1", "again", at(8))
    assert await store.subscription("t1", "s1") == off


async def test_removing_one_takes_along_what_waits_for_it(world: World):
    queue = Queue(world.store)
    await world.subscribe()
    others = [job(channel="s2"), job(channel=""), job(channel="s1", tenant_id="t2")]
    await queue.add(job("s1:a", 1, channel="s1"), job("s1:a", 2, channel="s1"), *others[:2])
    await queue.add(others[2])
    await world.store.remove_subscription("t1", "s1")
    assert {row["id"] for row in await table(world.store, "tasks")} == {each.id for each in others}


async def test_a_reply_is_kept_with_it_or_nothing_is_written(world: World):
    kept = Kept(key=ReplayKey("c1", "k"), fingerprint="f", reply="r", at=at(1))
    await world.store.save_subscription(subscription(), kept)
    assert [row["reply"] for row in await table(world.store, "replays")] == ["r"]
    before = await everything(world.store)
    with pytest.raises(Moved):
        await world.store.save_subscription(subscription(id="s2"), kept)
    with pytest.raises(Moved):
        await world.store.remove_subscription("t1", "s1", kept)
    assert await everything(world.store) == before


async def test_the_flag_is_right_after_any_race(world: World, second_store: Store):
    """A flag that stayed false would keep every later change from its receivers."""
    chance, stores = random.Random(1), (world.store, second_store)
    for _ in range(30):
        made: list[Subscription] = [subscription(id=f"s{n}") for n in range(3)]
        await asyncio.gather(*(_change(chance.choice(stores), each, chance) for each in made * 2))
        active = any(each.active for each in await world.store.subscriptions("t1"))
        assert await subscribed(second_store) is active


async def _change(store: Store, one: Subscription, chance: random.Random) -> None:
    match chance.randrange(4):
        case 0:
            await store.save_subscription(one)
        case 1:
            await store.save_subscription(replace(one, active=False))
        case 2:
            await store.disable_subscription("t1", one.id, "failed", at(1))
        case _:
            await store.remove_subscription("t1", one.id)


async def test_requests_and_imports_go_by_the_flag(world: World):
    """Nothing to publish is written while nobody would hear of it."""

    async def change() -> int:
        before = len(await table(world.store, "tasks"))
        await world.desk.create(world.caller, "native", new_order(), told)
        (order,) = [each for each in await table(world.store, "orders") if each["state"] == "open"]
        await world.act(order["id"], Cancel(scope=Scope.ORDER))
        commands: list[CreateOrder] = [new_order(draft=True)]
        (imported,) = await Importer(world.store, world.clock).add(world.caller, "native", commands)
        assert imported.created
        return len(await table(world.store, "tasks")) - before

    assert await change() == 0
    await world.store.save_subscription(subscription())
    assert await change() == 3
    await world.store.save_subscription(subscription(active=False))
    assert await change() == 0
    kept = [event["body"] is not None for event in await table(world.store, "events")]
    assert kept == [False] * 3 + [True] * 3 + [False] * 3
