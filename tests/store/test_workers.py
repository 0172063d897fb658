"""Several workers on one queue, from one process or two: nobody gets what another has, and lanes keep their order."""

import asyncio
import random
from dataclasses import replace

import pytest

from app.core.outbox import Job, Settled
from app.core.ports import Store
from tests.store.jobs import Queue, at, delivery, job
from tests.store.world import table

LANES = [None, *(f"lane-{n}" for n in range(12))]


class Watched:
    """Workers on one queue, and what they have in hand."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.out: dict[str, str | None] = {}
        self.finished: list[Job] = []

    def take(self, jobs: list[Job]) -> None:
        for each in jobs:
            assert each.id not in self.out
            assert each.lane is None or each.lane not in self.out.values()
            self.out[each.id] = each.lane

    def end(self, one: Job) -> Settled:
        del self.out[one.id]
        if self.chance.random() < 0.3:
            return Settled(job=one, again_at=at(1), tried=self.chance.random() < 0.5)
        self.finished.append(one)
        return Settled(job=one)

    async def work(self, queue: Queue, count: int) -> None:
        while len(self.finished) < count:
            jobs = await queue.claim(limit=self.chance.randint(1, 6))
            self.take(jobs)
            self.chance.shuffle(jobs)
            while jobs:
                some, jobs = jobs[:2], jobs[2:]
                await queue.settle(*map(self.end, some))
            await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(3))
async def test_nobody_gets_what_another_has_and_lanes_keep_their_order(
    store: Store, second_store: Store, seed: int
) -> None:
    watched = Watched(seed)
    made = [job(watched.chance.choice(LANES), place, due=-place / 1000) for place in range(120)]
    queues = [Queue(store), Queue(second_store)]
    await queues[0].add(*watched.chance.sample(made, len(made)))
    async with asyncio.timeout(60):
        await asyncio.gather(*(watched.work(queues[n % 2], len(made)) for n in range(5)))
    assert await table(store, "tasks") == []
    assert sorted(each.id for each in watched.finished) == sorted(each.id for each in made)
    for lane in LANES[1:]:
        places = [each.place for each in watched.finished if each.lane == lane]
        assert places == sorted(places)


@pytest.mark.parametrize("given_up", [True, False])
async def test_a_lane_that_is_freed_while_somebody_looks_goes_on(
    store: Store, second_store: Store, given_up: bool
) -> None:
    """Whoever looks puts off what waits behind a head that is to be tried much later, and then it is not."""
    queue, other = Queue(store), Queue(second_store)
    for n in range(40):
        first, second = job(f"l{n}", 1), job(f"l{n}", 2)
        await queue.add(first, second)
        await queue.again((await queue.claim())[0], 500)
        said = replace(first, due_at=at(3))
        end = Settled(job=said) if given_up else Settled(job=said, tried=False, again_at=at(3))
        looks = await asyncio.gather(*(each.claim(2) for each in (other, queue) * 2), queue.settle(end))
        if not given_up:
            await queue.done(*await queue.claim(3))
        found = [each.id for some in looks if some for each in some]
        assert found + await queue.claimed(3) == [second.id]
        await queue.done(second)


async def test_messages_of_an_order_never_overtake_each_other(store: Store, second_store: Store) -> None:
    """Whoever has the events, and whether a message was sent by its maker or had to wait for a claim."""
    queues = [Queue(store), Queue(second_store)]
    events = 40
    sent: list[int] = []

    async def change() -> None:
        for n in range(events):
            await queues[0].add(job("order", n, kind="publish", channel=""))
            await asyncio.sleep(0)

    async def work(queue: Queue) -> None:
        while len(sent) < events:
            claimed = await queue.claim(limit=3)
            own = [each for each in claimed if each.kind == "webhook"]
            for event in claimed:
                if event.kind == "publish":
                    message = job("s1:order", event.place, channel="s1")
                    own += await queue.store.hand_on([event], [message], [delivery(message)], at(61))
            for each in own:
                sent.append(each.place)
                await queue.done(each)
            await asyncio.sleep(0)

    async with asyncio.timeout(60):
        await asyncio.gather(change(), *(work(queues[n % 2]) for n in range(4)))
    assert sent == list(range(events))
