"""How a job ends: gone, again later, or set aside where somebody can see it; and what the log says of it."""

import asyncio
import json
from dataclasses import replace

import pytest

from app.core.outbox import Attempt, DeliveryState, Job, Settled
from app.core.ports import Kept, Moved, ReplayKey, Store
from tests.store.jobs import Queue, at, delivery, job, jobs
from tests.store.world import table


@pytest.fixture
def queue(store: Store) -> Queue:
    return Queue(store)


async def test_what_is_done_is_gone(queue: Queue):
    await queue.add(*jobs(3))
    claimed = await queue.claim()
    await queue.done(*claimed[:2])
    assert [row["id"] for row in await table(queue.store, "tasks")] == [claimed[2].id]
    await queue.done(*claimed)
    assert await table(queue.store, "tasks") == []
    await queue.done(*claimed)


async def test_tries_are_counted_but_not_what_was_given_back(queue: Queue):
    await queue.add(job("l", 1))
    for seconds, tried, attempts, error in ((10, True, 1, "a"), (20, False, 1, "a"), (30, True, 2, "b")):
        (claimed,) = await queue.claim(seconds - 5)
        said = Settled(job=claimed, tried=tried, again_at=at(seconds), error="ab"[attempts - 1] if tried else None)
        await queue.settle(said)
        (row,) = await table(queue.store, "tasks")
        assert (row["attempts"], row["error"]) == (attempts, error)
        assert (row["due_at"], row["lease_until"]) == (at(seconds), None)


async def test_what_is_set_aside_can_be_seen_and_tried_again(queue: Queue):
    one = job("l", 1, channel="w", kind="warehouse", payload='{"case_id":"c"}')
    await queue.add(one, job(tenant_id="t1"))
    claimed = {each.id: each for each in await queue.claim(5)}[one.id]
    assert await queue.store.tasks_aside("t1", "", 10) == []
    assert not await queue.store.retry_task("t1", one.id, at(6))
    await queue.settle(Settled(job=claimed, aside_at=at(7), error="it said no"))
    (aside,) = await queue.store.tasks_aside("t1", "", 10)
    assert (aside.id, aside.kind, json.loads(aside.payload)) == (one.id, "warehouse", {"case_id": "c"})
    assert (aside.attempts, aside.failed_at, aside.due_at, aside.error) == (1, at(7), at(7), "it said no")
    assert await queue.claimed(5000, busy=["c"]) == []
    assert not await queue.store.retry_task("t2", one.id, at(8))
    assert await queue.store.retry_task("t1", one.id, at(8))
    assert not await queue.store.retry_task("t1", one.id, at(8))
    assert await queue.store.tasks_aside("t1", "", 10) == []
    (again,) = await queue.claim(8)
    assert (again.id, again.attempts, again.error, again.failed_at, again.lane) == (one.id, 0, None, None, None)


async def test_what_is_set_aside_is_listed_page_by_page(queue: Queue):
    await queue.add(*jobs(5))
    claimed = await queue.claim()
    await queue.settle(*(Settled(job=each, aside_at=at(2)) for each in claimed[1:]))
    ids = sorted(each.id for each in claimed[1:])
    assert [each.id for each in await queue.store.tasks_aside("t1", "", 3)] == ids[:3]
    assert [each.id for each in await queue.store.tasks_aside("t1", ids[2], 3)] == ids[3:]
    assert await queue.store.tasks_aside("t2", "", 3) == []


async def test_the_log_is_written_with_the_end_of_the_job(queue: Queue):
    some = jobs(3)
    entries = [delivery(each) for each in some]
    await queue.store.hand_on((), some, entries)
    claimed = {each.id: each for each in await queue.claim()}
    good = Attempt(at=at(3), seconds=0.25, status=200, response="ok")
    bad = Attempt(at=at(2), seconds=10, error="no answer")
    after = [
        replace(entries[0], state=DeliveryState.DELIVERED, attempts=(bad, good), updated_at=at(3)),
        replace(entries[1], attempts=(bad,), updated_at=at(2)),
        replace(entries[2], state=DeliveryState.FAILED, attempts=(bad,), updated_at=at(2)),
    ]
    await queue.settle(
        Settled(job=claimed[some[0].id], delivery=after[0]),
        Settled(job=claimed[some[1].id], delivery=after[1], again_at=at(60)),
        Settled(job=claimed[some[2].id], delivery=after[2]),
    )
    assert await queue.store.deliveries("t1", [each.id for each in entries]) == sorted(after, key=lambda each: each.id)
    assert [row["id"] for row in await table(queue.store, "tasks")] == [some[1].id]


async def test_whatever_a_receiver_says_can_be_stored(queue: Queue):
    one = job()
    entry = delivery(one)
    await queue.store.hand_on((), [one], [entry])
    odd = Attempt(at=at(1), seconds=1, response='\0"\\u0000\ud800\x1b\n', error="\0\udfff")
    (claimed,) = await queue.claim()
    await queue.settle(
        Settled(job=claimed, again_at=at(9), error="\0!", delivery=replace(entry, attempts=(odd,)))
    )  # fmt: skip
    found = await queue.store.delivery("t1", entry.id)
    assert found is not None
    assert found.attempts == (replace(odd, response='�"\\u0000?\x1b\n', error="�?"),)
    assert [row["error"] for row in await table(queue.store, "tasks")] == ["�!"]


async def test_hundreds_end_together(queue: Queue):
    some = jobs(600)
    await queue.store.hand_on((), some, [delivery(each) for each in some])
    claimed = await queue.claim(limit=600)
    assert len(claimed) == 600
    entries = {each.id: each for each in await queue.store.deliveries("t1", [each.id for each in some])}
    gone = [
        Settled(job=each, delivery=replace(entries[each.id], state=DeliveryState.DELIVERED)) for each in claimed[:400]
    ]
    await queue.settle(*gone, *(Settled(job=each, again_at=at(9)) for each in claimed[400:]))
    assert len(await table(queue.store, "tasks")) == 200
    states = [row["state"] for row in await table(queue.store, "webhook_deliveries")]
    assert (states.count("delivered"), states.count("pending")) == (400, 200)


async def test_a_lost_lease_does_not_keep_a_job_from_ending(queue: Queue):
    await queue.add(job())
    (first,) = await queue.claim(0)
    (second,) = await queue.claim(60)
    await queue.done(first)
    assert await table(queue.store, "tasks") == []
    await queue.again(second, 100)
    assert await table(queue.store, "tasks") == []


async def test_a_worker_that_comes_too_late_does_not_unsay_what_was_delivered(queue: Queue):
    one = job()
    entry = delivery(one)
    await queue.store.hand_on((), [one], [entry])
    (first,) = await queue.claim(0)
    (second,) = await queue.claim(60)
    delivered = replace(entry, state=DeliveryState.DELIVERED, updated_at=at(61))
    await queue.settle(Settled(job=second, delivery=delivered))
    await queue.settle(Settled(job=first, again_at=at(90), delivery=replace(entry, updated_at=at(62))))
    assert await table(queue.store, "tasks") == []
    assert await queue.store.delivery("t1", entry.id) == delivered


async def test_two_who_settle_the_same_do_not_stop_each_other(queue: Queue, second_store: Store):
    some = jobs(100)
    await queue.add(*some)
    claimed = await queue.claim(limit=100)

    async def settle(store: Store, order: list[Job]) -> None:
        for n in range(10):
            await store.settle("t1", [Settled(job=each, tried=False, again_at=at(n)) for each in order])

    await asyncio.gather(settle(queue.store, claimed), settle(second_store, claimed[::-1]))
    await queue.done(*claimed)
    assert await table(queue.store, "tasks") == []


async def test_a_reply_alone_is_kept_once(queue: Queue):
    kept = Kept(key=ReplayKey("c1", "k"), fingerprint="f", reply="r", at=at(1))
    await queue.store.keep("t1", kept)
    with pytest.raises(Moved):
        await queue.store.keep("t1", replace(kept, reply="other"))
    (row,) = await table(queue.store, "replays")
    assert (row["key"], row["fingerprint"], row["reply"], row["created_at"]) == ("k", "f", "r", at(1))
