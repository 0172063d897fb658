"""A key is honoured for 24 hours: across restarts, after lost replies, and never for another request."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from app.core import fulfil
from app.core.ledger import Ledger
from app.core.messages import Allocate, Answer, Cancel, Fulfil, Target
from app.core.model import Order, Scope, Stage
from app.core.policy import Policy
from app.core.ports import Commit, Ref, Store
from app.core.refusal import Code, Refusal
from app.service.desk import Done, Once
from app.store import open_store
from tests.store.world import World, everything, new_order, table, told

WHOLE = Cancel(scope=Scope.ORDER)


def one_of(order: Order) -> Cancel:
    return Cancel(scope=Scope.LINES, targets=(Target(ref=order.lines[0].id, quantity=1),))


async def refused(world: World, code: Code, *args: Any, **more: Any) -> None:
    before = await everything(world.store)
    with pytest.raises(Refusal) as raised:
        await world.act(*args, **more)
    assert raised.value.code is code
    assert await everything(world.store) == before


async def test_a_repeated_request_gets_the_stored_reply(world: World):
    order = await world.create(new_order(5))
    first = await world.act(order.id, one_of(order), key="k")
    await world.act(order.id, one_of(order), key="other")
    before = await everything(world.store)
    again = await world.act(order.id, one_of(order), key="k")
    assert (first.replayed, again.replayed, again.text) == (False, True, first.text)
    assert await everything(world.store) == before


async def test_a_key_reused_for_another_request_is_refused(world: World):
    order = await world.create(new_order(5))
    await world.act(order.id, one_of(order), key="k", fingerprint="f")
    await refused(world, Code.KEY_REUSED, order.id, one_of(order), key="k", fingerprint="g")


async def test_a_refusal_is_not_stored(world: World):
    order = await world.create(new_order(5, draft=True))
    await refused(world, Code.NOT_OPEN, order.id, Fulfil(), key="k")
    await world.act(order.id, one_of(order), key="k", fingerprint="g")


async def test_a_dry_run_writes_nothing_not_even_its_key(world: World):
    order = await world.create(new_order(5))
    before = await everything(world.store)
    ref = Ref.to_order("native", order.id)
    reply = await world.desk.act(world.caller, "native", ref, WHOLE, told, once=Once("k", "f"), dry_run=True)
    assert '"cancelled": 5' in reply.text
    assert await everything(world.store) == before


async def test_a_key_is_honoured_after_a_restart(database_url: str):
    store = await open_store(database_url)
    world = await World(store).add_tenant()
    order = await world.create(new_order(5))
    first = await world.act(order.id, one_of(order), key="k")
    await store.close()
    store = await open_store(database_url)
    try:
        world = world.on(store)
        again = await world.act(order.id, one_of(order), key="k")
        assert (again.replayed, again.text) == (True, first.text)
        assert Ledger(await world.order(order.id)).cancelled_units == 1
        await refused(world, Code.KEY_REUSED, order.id, WHOLE, key="k", fingerprint="g")
    finally:
        await store.close()


async def test_a_key_is_forgotten_after_a_day(world: World):
    order = await world.create(new_order(5))
    world.watch.step = timedelta(0)
    first = await world.act(order.id, one_of(order), key="k")
    world.watch.at += timedelta(hours=24)
    assert (await world.act(order.id, one_of(order), key="k")).replayed
    world.watch.at += timedelta(milliseconds=1)
    later = await world.act(order.id, one_of(order), key="k", fingerprint="another request by now")
    assert not later.replayed
    assert later.text != first.text
    assert Ledger(await world.order(order.id)).cancelled_units == 2
    (replay,) = await table(world.store, "replays")
    assert (replay["reply"], replay["created_at"]) == (later.text, world.watch.at)


class Slow:
    """A store that stops before it forgets."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def forget_replay(self, *which: Any) -> None:
        self.reached.set()
        await self.go_on.wait()
        await self._store.forget_replay(*which)


async def test_two_that_find_the_same_old_key_are_still_one(world: World):
    """The slower one must not forget what the faster one has just stored."""
    order = await world.create(new_order(5))
    await world.act(order.id, one_of(order), key="k")
    world.watch.at += timedelta(hours=25)
    slow = Slow(world.store)
    late = asyncio.create_task(world.on(cast(Store, slow)).act(order.id, one_of(order), key="k"))
    await slow.reached.wait()
    first = await world.act(order.id, one_of(order), key="k")
    slow.go_on.set()
    reply = await late
    assert (first.replayed, reply.replayed, reply.text) == (False, True, first.text)
    assert Ledger(await world.order(order.id)).cancelled_units == 2


async def _held(world: World) -> Order:
    """Five units that a warehouse has to be asked about."""
    await world.add_location("w1", "manual")
    order = await world.create(new_order(5))
    allocate = Allocate(location_id="w1", connector="manual", stage=Stage.REQUESTED)
    return await world.write(world.decision(fulfil.decide_allocate, order, allocate))


@pytest.mark.parametrize("accepted", [True, False])
async def test_the_reply_of_a_pending_case_is_rendered_anew(world: World, accepted: bool):
    tenant = await world.store.tenant("t1")
    assert tenant is not None
    await world.store.save_tenant(replace(tenant, policy=Policy(warehouse_deadline=60)))
    order = await _held(world)
    first = await world.act(order.id, WHOLE, key="k")
    assert '"pending"]' in first.text
    waiting = await world.act(order.id, WHOLE, key="k")
    assert (waiting.replayed, waiting.text) == (True, first.text)
    case_id = (await world.order(order.id)).cases[0].id
    await world.act(order.id, Answer(case_id=case_id, accepted=accepted), key="answer")
    before = await everything(world.store)
    after = await world.act(order.id, WHOLE, key="k")
    assert after.replayed
    assert ('"accepted"]' if accepted else '"rejected"]') in after.text
    assert (f'"cancelled": {5 * accepted}') in after.text
    await refused(world, Code.KEY_REUSED, order.id, WHOLE, key="k", fingerprint="g")
    assert await everything(world.store) == before


async def test_an_answer_to_a_decided_case_changes_nothing(world: World):
    order = await _held(world)
    await world.act(order.id, WHOLE)
    answer = Answer(case_id=(await world.order(order.id)).cases[0].id, accepted=True)
    await world.act(order.id, answer)
    before = await everything(world.store)
    await world.act(order.id, answer, key="again")
    await world.act(order.id, replace(answer, accepted=False), key="against")
    assert await everything(world.store) == before


def _faulty(_: Done) -> str:
    raise KeyError("a mapping fault")


async def test_a_reply_that_cannot_be_rendered_leaves_nothing_behind(world: World):
    order = await world.create(new_order(5))
    before = await everything(world.store)
    once = Once("k", "f")
    with pytest.raises(KeyError):
        await world.desk.act(world.caller, "native", Ref.to_order("native", order.id), WHOLE, _faulty, once=once)
    with pytest.raises(KeyError):
        await world.desk.create(world.caller, "native", new_order(number="N-2"), _faulty, once=once)
    assert await everything(world.store) == before
    assert not (await world.act(order.id, WHOLE, key="k")).replayed


class Severed:
    """A store whose connection breaks after the commit has gone through."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, commit: Commit) -> None:
        await self._store.commit(commit)
        raise Refusal(Code.UNAVAILABLE)


async def test_a_lost_answer_is_given_again_under_its_key(world: World):
    order = await world.create(new_order(5))
    severed = world.on(Severed(world.store))
    with pytest.raises(Refusal):
        await severed.act(order.id, one_of(order), key="k")
    stored = await everything(world.store)
    reply = await world.act(order.id, one_of(order), key="k")
    assert reply.replayed
    assert reply.text == stored["replays"][0]["reply"]
    assert await everything(world.store) == stored
    assert Ledger(await world.order(order.id)).cancelled_units == 1


async def test_another_tenants_order_is_as_unknown_as_one_that_never_was(world: World):
    other = await World(world.store, tenant_id="t2").add_tenant()
    order = await world.create(new_order(keys={"native": "mine"}))
    for name in (order.id, "mine", "never was", "", "x" * 256, "a\0b"):
        await refused(other, Code.ORDER_NOT_FOUND, name, WHOLE, key="k")
