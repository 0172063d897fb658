"""Tasks of others: done once, tried again with growing waits, set aside and taken up again."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.core.outbox import Job
from app.core.ports import Store
from app.core.refusal import Code, Refusal
from app.outbox.handling import NEVER_ENDED, handle, wait
from app.service import tracing
from app.service.clock import Clock
from app.service.desk import Once
from app.service.tasks import Tasks
from app.service.work import Hopeless, Later
from tests.outbox.receiver import Receiver
from tests.outbox.world import LIMITS, World, until

_NOW = datetime(2026, 3, 4, tzinfo=UTC)


def _job(world: World | None = None, **facts: object) -> Job:
    made = Job(
        tenant_id=world.tenant_id if world else "t1",
        id=(world.clock if world else Clock()).new_id(_NOW),
        order_id=str(uuid4()),
        kind="warehouse",
        payload='{"case_id": "x"}',
        due_at=world.clock.now() if world else _NOW,
        channel="rotterdam",
    )
    return replace(made, **facts)  # type: ignore[arg-type]


async def _add(world: World, *jobs: Job) -> None:
    await world.store.hand_on((), jobs, ())
    world.signals.changed(world.tenant_id)


async def test_a_handler_does_its_kind(world: World) -> None:
    done: list[Job] = []

    async def handler(job: Job) -> None:
        done.append(job)

    world.handlers = {"warehouse": handler}
    async with world.working():
        job = _job(world)
        await _add(world, job)
        await world.settled()
    assert [(each.id, each.payload, each.attempts) for each in done] == [(job.id, job.payload, 0)]


async def test_failures_are_tried_again_then_set_aside_then_taken_up_again(world: World) -> None:
    tries: list[int] = []
    well = asyncio.Event()

    async def handler(job: Job) -> None:
        tries.append(job.attempts)
        if not well.is_set():
            raise ConnectionError("secret things")

    world.handlers = {"warehouse": handler}
    tasks = Tasks(world.desk, world.store, world.signals, world.clock)
    async with world.working():
        job = _job(world)
        await _add(world, job)
        await until(lambda: _is_aside(tasks, world))
        [aside] = await tasks.aside(world.tenant_id, "", 10)
        assert (aside.id, aside.error, aside.attempts) == (job.id, "ConnectionError", 3)
        assert aside.failed_at is not None
        assert tries == [0, 1, 2]
        well.set()
        once = Once("key", "fingerprint")
        replies = [await tasks.retry(world.caller, once, lambda id_: id_, task_id=job.id) for _ in range(2)]
        assert [(reply.text, reply.replayed) for reply in replies] == [(job.id, False), (job.id, True)]
        await world.settled()
    assert tries == [0, 1, 2, 0]
    assert await tasks.aside(world.tenant_id, "", 10) == []
    for unknown in (job.id, "nonsense"):
        with pytest.raises(Refusal) as refused:
            await tasks.retry(world.caller, None, lambda id_: id_, task_id=unknown)
        assert refused.value.code is Code.TASK_NOT_FOUND


async def _is_aside(tasks: Tasks, world: World) -> bool:
    return bool(await tasks.aside(world.tenant_id, "", 10))


async def test_later_is_not_a_try(world: World) -> None:
    tries: list[int] = []

    async def handler(job: Job) -> None:
        tries.append(job.attempts)
        if len(tries) < 6:
            raise Later("not yet", 0.02)

    world.handlers = {"warehouse": handler}
    async with world.working():
        await _add(world, _job(world))
        await world.settled()
    assert tries == [0] * 6


async def test_the_hopeless_is_set_aside_at_once() -> None:
    async def handler(_: Job) -> None:
        raise Hopeless("there is no such location")

    settled = await handle(_job(), handler, LIMITS, _NOW)
    assert (settled.aside_at, settled.error) == (_NOW, "there is no such location")


async def test_later_without_a_time_waits_longer_each_time() -> None:
    async def handler(_: Job) -> None:
        raise Later("busy")

    limits = replace(LIMITS, first_wait=1.0, longest_wait=100.0)
    waits = []
    for attempts in range(10):
        settled = await handle(_job(attempts=attempts), handler, replace(limits, tries=99), _NOW)
        assert settled.again_at is not None
        assert settled.tried
        waits.append((settled.again_at - _NOW).total_seconds())
    assert all(2**n / 2 <= each <= 2**n for n, each in enumerate(waits[:6]))
    assert all(50 <= each <= 100 for each in waits[8:])


def test_no_two_wait_equally_long() -> None:
    limits = replace(LIMITS, first_wait=10.0, longest_wait=10.0)
    assert len({wait(0, limits) for _ in range(50)}) > 40


async def test_one_that_takes_too_long_is_a_failed_try() -> None:
    async def handler(_: Job) -> None:
        await asyncio.sleep(60)

    settled = await handle(_job(), handler, replace(LIMITS, lease=0.1), _NOW)
    assert (settled.error, settled.aside_at) == ("no end within 0.05 seconds", None)
    assert settled.again_at is not None


async def test_one_that_kills_its_worker_is_set_aside_in_the_end(world: World) -> None:
    """Each time the lease ends by itself: nobody came to say how it went."""
    started: list[str] = []

    async def handler(job: Job) -> None:
        started.append(job.id)

    await _add(world, _job(world))
    for n in range(4):
        now = world.clock.now() + timedelta(hours=n)
        [job] = await world.store.claim(world.tenant_id, now, now + timedelta(seconds=1), 10)
        assert job.attempts == n
    settled = await handle(job, handler, LIMITS, _NOW)
    assert (settled.aside_at, settled.error) == (_NOW, NEVER_ENDED)
    assert started == []


async def test_a_kind_that_nobody_knows_waits(world: World, receiver: Receiver) -> None:
    async with world.working():
        await _add(world, _job(world))
        await asyncio.sleep(0.2)
    [job] = await world.store.claim(
        world.tenant_id, world.clock.now() + timedelta(hours=1), world.clock.now() + timedelta(hours=2), 10
    )
    assert (job.attempts, job.error) == (0, "nobody here does this")


async def test_a_slow_place_does_not_delay_another(store: Store) -> None:
    world = await World(store).open()
    done: Counter[str] = Counter()
    at_once: Counter[str] = Counter()

    async def handler(job: Job) -> None:
        at_once[job.channel] += 1
        assert at_once[job.channel] <= LIMITS.per_channel
        if job.channel == "slow":
            await asyncio.sleep(2)
        done[job.channel] += 1
        at_once[job.channel] -= 1

    world.handlers = {"warehouse": handler}
    async with world.working(replace(LIMITS, finish=0.1)):
        await _add(world, *(_job(world, channel="slow") for _ in range(40)))
        await asyncio.sleep(0.1)
        await _add(world, *(_job(world, channel="quick") for _ in range(40)))
        await until(lambda: _count(done, "quick", 40), 1.5)
    assert done["slow"] == 0


async def _count(done: Counter[str], channel: str, count: int) -> bool:
    return done[channel] == count


async def test_the_trace_goes_on(world: World) -> None:
    traces: list[str] = []

    async def handler(_: Job) -> None:
        traces.append(tracing.current())

    trace = f"00-{'ab' * 16}-{'cd' * 8}-01"
    world.handlers = {"warehouse": handler}
    async with world.working():
        await _add(world, _job(world, payload=f'{{"case_id": "x", "traceparent": "{trace}"}}'))
        await world.settled()
    assert traces == [trace]


async def test_every_message_carries_a_trace(world: World, receiver: Receiver) -> None:
    """That of the event, where the request had none: all its messages have the same."""
    await world.subscribe(f"{receiver.url}/a")
    await world.subscribe(f"{receiver.url}/b")
    async with world.working():
        await world.order()
        await world.settled()
    traces = [request.headers["traceparent"].split("-") for request in receiver.requests]
    assert all(tracing.read("-".join(trace)) for trace in traces)
    assert len({trace[1] for trace in traces}) == 1
