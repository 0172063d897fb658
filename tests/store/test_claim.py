"""A claim takes what is due, the heads of lanes only, fairly, and never what somebody else has."""

from dataclasses import replace

import pytest

from app.core.outbox import Settled
from app.core.ports import Store
from tests.store.jobs import LEASE, Queue, at, job, jobs


@pytest.fixture
def queue(store: Store) -> Queue:
    return Queue(store)


async def test_what_is_due_is_claimed_whole_and_leased(queue: Queue):
    early, late = job("l", 7, attempts=2, payload='{"a":1}', kind="warehouse", error="e"), job(due=10)
    await queue.add(late, early)
    (claimed,) = await queue.claim(5)
    assert replace(claimed, payload=claimed.payload.replace(" ", "")) == replace(
        early, lease_until=at(5) + LEASE, error=None
    )
    assert await queue.claimed(9.999) == []
    assert await queue.claimed(10) == [late.id]


async def test_a_lease_ends_by_itself_and_was_a_try(queue: Queue):
    """It may have been what ended its worker."""
    one = job()
    await queue.add(one)
    assert await queue.claimed(0) == [one.id]
    assert await queue.claimed(59.999) == []
    (again,) = await queue.claim(60)
    assert (again.id, again.attempts, again.lease_until) == (one.id, 1, at(120))


async def test_the_longest_due_come_first_and_no_more_than_asked_for(queue: Queue):
    some = jobs(10)
    await queue.add(*reversed(some))
    assert await queue.claimed(limit=4) == [each.id for each in some[:4]]
    assert await queue.claimed(limit=4) == [each.id for each in some[4:8]]
    assert await queue.claimed(limit=4) == [each.id for each in some[8:]]


async def test_tenants_are_apart(queue: Queue):
    one, other = job("l"), job("l", tenant_id="t2")
    await queue.add(one)
    await queue.add(other)
    assert await queue.claimed() == [one.id]
    assert await Queue(queue.store, "t2").claimed() == [other.id]
    assert await Queue(queue.store, "t3").claimed() == []


async def test_a_lane_goes_by_place_one_at_a_time(queue: Queue):
    lane = [job("l", place, due=-n) for n, place in enumerate((-5, 1, 2, 1 << 60))]
    await queue.add(*reversed(lane))
    for each in lane:
        (claimed,) = await queue.claim(5)
        assert claimed.id == each.id
        assert await queue.claimed(5) == []
        await queue.done(claimed)
    assert await queue.claimed(5) == []


async def test_two_of_a_lane_in_the_same_place_go_one_after_the_other(queue: Queue):
    lane = [job("l", 1, due=n) for n in range(40)]
    await queue.add(*lane)
    await queue.again((await queue.claim(50))[0], 60)
    assert await queue.claim(55) == []
    seen = []
    while claimed := await queue.claim(60):
        assert await queue.claim(60) == []
        await queue.done(*claimed)
        seen += [each.id for each in claimed]
    assert sorted(seen) == sorted(each.id for each in lane)


async def test_what_has_no_lane_waits_for_nobody(queue: Queue):
    some = jobs(5, lanes=None)
    await queue.add(*some)
    assert await queue.claimed() == [each.id for each in some]


async def test_a_head_that_waits_for_its_next_try_holds_its_lane(queue: Queue):
    first, second = job("l", 1), job("l", 2)
    await queue.add(first, second)
    await queue.again((await queue.claim())[0], 100)
    assert await queue.claimed(99) == []
    (again,) = await queue.claim(100)
    assert (again.id, again.attempts, again.error) == (first.id, 1, "no")
    await queue.again(again, 200)
    assert await queue.claimed(199) == []
    await queue.done(*await queue.claim(200))
    assert await queue.claimed(200) == [second.id]


async def test_a_lane_goes_on_past_what_is_set_aside(queue: Queue):
    first, second = job("l", 1), job("l", 2)
    await queue.add(first, second)
    await queue.settle(Settled(job=(await queue.claim())[0], aside_at=at(2)))
    assert await queue.claimed(2) == [second.id]


async def test_after_a_worker_died_the_lane_begins_with_what_it_had(queue: Queue):
    """However many wait behind that, all longer due than the end of its lease."""
    lane = jobs(200, lanes="l")
    await queue.add(*lane)
    assert await queue.claimed() == [lane[0].id]
    assert await queue.claimed(60, limit=1) == []
    assert await queue.claimed(61, limit=1) == [lane[0].id]


async def test_one_before_a_job_that_is_out_waits_for_it_to_come_back(queue: Queue):
    later, earlier = job("l", 2), job("l", 1)
    await queue.add(later)
    (out,) = await queue.claim()
    await queue.add(earlier)
    assert await queue.claimed() == []
    await queue.again(out, 50)
    assert await queue.claimed() == [earlier.id]


async def test_busy_channels_are_left_out(queue: Queue):
    one, two, none = (job(channel=channel) for channel in ("one", "two", ""))
    await queue.add(one, two, none)
    assert await queue.claimed(busy=["one", "", "three"]) == [two.id]
    assert await queue.claimed(busy=["one"]) == [none.id]
    assert await queue.claimed(busy=["one", "two"]) == []
    assert await queue.claimed() == [one.id]


async def test_channels_take_turns(queue: Queue):
    slow, fast = jobs(300, lanes="slow-{}", channel="slow"), jobs(2, lanes="fast-{}", channel="fast")
    fast = [replace(each, due_at=at(0.5)) for each in fast]
    await queue.add(*slow, *fast)
    claimed = await queue.claimed(limit=6)
    assert {each.id for each in fast} < set(claimed)
    assert {each.id for each in slow[:4]} < set(claimed)


@pytest.mark.parametrize("followers", [40, 700])
async def test_what_is_held_back_hides_nothing(queue: Queue, followers: int):
    """Of one channel: many that are longer due wait behind heads that are to be tried again later."""
    heads = jobs(10)
    await queue.add(*heads)
    for each in await queue.claim():
        await queue.again(each, 500)
    behind = [job(f"lane-{n % 10}", 100 + n, due=-100 + n / 1000) for n in range(followers)]
    free = job("free", due=1)
    await queue.add(*behind, free)
    (claimed,) = await queue.claim(2, limit=2)
    assert claimed.id == free.id
    await queue.done(claimed)
    assert await queue.store.due_tenants(at(2), 10) == []
    again = await queue.claim(500, limit=20)
    assert {each.id for each in again} == {each.id for each in heads}
    await queue.done(*again)
    assert await queue.claimed(500, limit=20) == [each.id for each in behind[:10]]


async def test_what_waits_for_a_job_that_is_out_hides_nothing(queue: Queue):
    lane = jobs(200, lanes="l")
    await queue.add(*lane)
    (head,) = await queue.claim(limit=1)
    free = job("free", due=0.5)
    await queue.add(free)
    assert await queue.claimed(limit=1) == [free.id]
    for each in lane[1:4]:
        await queue.done(head)
        (head,) = await queue.claim(limit=1)
        assert head.id == each.id
    await queue.settle(Settled(job=head, aside_at=at(2)))
    assert await queue.claimed(limit=1) == [lane[4].id]


@pytest.mark.parametrize("way", ["given up", "tried now"])
async def test_somebody_else_may_free_a_lane(queue: Queue, way: str):
    """Who settles a job without having claimed it: what was held back behind it need not wait as long as it would."""
    first, second = job("l", 1), job("l", 2)
    await queue.add(first, second)
    await queue.again((await queue.claim())[0], 500)
    assert await queue.claimed(2) == []
    said = replace(first, due_at=at(3))
    if way == "given up":
        await queue.settle(Settled(job=said))
    else:
        await queue.settle(Settled(job=said, tried=False, again_at=at(3)))
        (again,) = await queue.claim(3)
        assert (again.id, again.attempts) == (first.id, 1)
        await queue.done(again)
    assert await queue.claimed(3) == [second.id]


async def test_whose_work_there_is(queue: Queue):
    for tenant, due in (("t1", 30), ("t2", 10), ("t3", 20), ("t3", 40), ("t4", 99)):
        await queue.add(job(due=due, tenant_id=tenant))
    assert await queue.store.due_tenants(at(50), 10) == ["t2", "t3", "t1"]
    assert await queue.store.due_tenants(at(50), 2) == ["t2", "t3"]
    await queue.claim(50)
    assert await queue.store.due_tenants(at(50), 10) == ["t2", "t3"]
    assert await queue.store.due_tenants(at(0), 10) == []


async def test_when_there_is_work_next(queue: Queue):
    assert await queue.store.next_due() is None
    await queue.add(*(job(due=due) for due in (10, 20, 300)))
    assert await queue.store.next_due() == at(10)
    assert await queue.store.next_due(at(10)) == at(20)
    first, second = await queue.claim(50)
    assert await queue.store.next_due() == at(110)
    await queue.settle(Settled(job=first, aside_at=at(50)), Settled(job=second, again_at=at(60)))
    assert await queue.store.next_due() == at(60)
    assert await queue.store.next_due(at(60)) == at(300)
    assert await queue.store.next_due(at(300)) is None


async def test_how_much_work_waits(queue: Queue):
    assert await queue.store.backlog(at(0)) == (0, 0.0)
    await queue.add(job(due=10), job(due=20), job(due=99))
    await queue.add(job(due=5, tenant_id="t2"))
    assert await queue.store.backlog(at(50)) == (3, 45.0)
    first, _ = await queue.claim(50)
    assert await queue.store.backlog(at(50)) == (1, 45.0)
    await queue.settle(Settled(job=first, aside_at=at(50)))
    assert await queue.store.backlog(at(1000)) == (3, 995.0)
