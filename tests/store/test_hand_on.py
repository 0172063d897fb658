"""From one job to others with their messages: all or nothing, once, and what the maker may go on with at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.core.outbox import Delivery, Job
from app.core.ports import Kept, Moved, ReplayKey, Store
from tests.store.jobs import LEASE, Queue, at, delivery, job, jobs
from tests.store.world import everything, table

UNTIL = at(5) + LEASE
KEPT = Kept(key=ReplayKey("c1", "k"), fingerprint="f", reply="r", at=at(1))

pytestmark = pytest.mark.parametrize("count", [1, 40], ids=["few", "many"])
"""Few go in by one statement, many by another way."""


@pytest.fixture
def queue(store: Store) -> Queue:
    return Queue(store)


async def ready(queue: Queue, count: int) -> tuple[list[Job], list[Job], list[Delivery]]:
    """Claimed events to publish, and what follows from them."""
    await queue.add(*jobs(count, kind="publish", channel=""))
    done = await queue.claim(limit=count)
    made = jobs(count, lanes="s1:{}", channel="s1")
    return done, made, [delivery(each) for each in made]


async def test_one_takes_the_place_of_the_other(queue: Queue, count: int):
    done, made, messages = await ready(queue, count)
    own = await queue.store.hand_on(done, made, messages, UNTIL)
    assert own == [replace(each, lease_until=UNTIL) for each in made]
    rows = await table(queue.store, "tasks")
    assert [row["id"] for row in rows] == [each.id for each in made]
    assert {(row["kind"], row["due_at"], row["lease_until"]) for row in rows} == {("webhook", UNTIL, UNTIL)}
    assert await queue.store.deliveries("t1", [each.id for each in messages]) == messages
    assert await queue.claimed(6) == []
    assert len(await queue.claim(66, limit=50)) == count


async def test_without_a_lease_they_wait_for_a_claim(queue: Queue, count: int):
    done, made, messages = await ready(queue, count)
    assert await queue.store.hand_on(done, made, messages) == []
    claimed = await queue.claim(6, limit=50)
    assert [replace(each, lease_until=None, payload="{}") for each in claimed] == made


async def test_what_is_busy_or_behind_another_waits(queue: Queue, count: int):
    waiting = job("s1:0", -1, channel="s1")
    done, made, messages = await ready(queue, count)
    await queue.add(waiting)
    twin, other = job("s9:0", 1, channel="s9"), job("s9:0", 2, channel="s9")
    slow, free = job("s2:0", channel="s2"), job(channel="s9")
    own = await queue.store.hand_on(done, [*made, other, twin, slow, free], messages, UNTIL, busy=["s2"])
    assert {each.id for each in own} == {each.id for each in (*made[1:], twin, free)}
    assert sorted(await queue.claimed(6)) == sorted([waiting.id, slow.id])


async def test_the_next_of_a_lane_may_follow_the_one_that_is_done(queue: Queue, count: int):
    """As the pages of something long do."""
    await queue.add(*(job(f"pages-{n}", 1) for n in range(count)))
    done = await queue.claim(limit=count)
    made = [job(each.lane, 2) for each in done]
    own = await queue.store.hand_on(done, made, [], UNTIL)
    assert {each.id for each in own} == {each.id for each in made}


async def refused(queue: Queue, done: Sequence[Job], made: Sequence[Job], messages: Sequence[Delivery]) -> None:
    before = await everything(queue.store)
    with pytest.raises(Moved):
        await queue.store.hand_on(done, made, messages, UNTIL, kept=KEPT)
    assert await everything(queue.store) == before


async def test_what_somebody_did_before_is_not_done_again(queue: Queue, count: int):
    done, made, messages = await ready(queue, count)
    there = job()
    logged = delivery(there)
    await queue.store.hand_on((), [there], [logged])
    await refused(queue, done, [*made, there], messages)
    await refused(queue, done, made, [*messages, logged])
    await refused(queue, [*done, job()], made, messages)
    await queue.store.keep("t1", KEPT)
    await refused(queue, done, made, messages)
    await queue.store.hand_on(done, made, messages, UNTIL)
    await refused(queue, done, [], [])


async def test_a_reply_is_kept_with_it(queue: Queue, count: int):
    done, made, messages = await ready(queue, count)
    await queue.store.hand_on(done, made, messages, kept=KEPT)
    assert [row["reply"] for row in await table(queue.store, "replays")] == ["r"]


async def test_another_tenant_may_have_the_same_ids(queue: Queue, count: int):
    done, made, messages = await ready(queue, count)
    await queue.store.hand_on(done, made, messages, UNTIL)
    theirs = [replace(each, tenant_id="t2") for each in made]
    own = await queue.store.hand_on((), theirs, [replace(each, tenant_id="t2") for each in messages], UNTIL)
    assert len(own) == count
    assert len(await table(queue.store, "webhook_deliveries")) == 2 * count


async def test_of_twenty_at_once_one_does_it(queue: Queue, second_store: Store, count: int):
    done, made, messages = await ready(queue, count)
    stores = (queue.store, second_store)
    results = await asyncio.gather(
        *(stores[n % 2].hand_on(done, made, messages, UNTIL) for n in range(20)), return_exceptions=True
    )
    assert [len(each) for each in results if isinstance(each, list)] == [count]
    assert {type(each) for each in results} == {list, Moved}
    assert len(await table(queue.store, "tasks")) == count


async def test_nothing_leads_to_nothing(queue: Queue, count: int):
    assert await queue.store.hand_on((), (), (), UNTIL) == []
