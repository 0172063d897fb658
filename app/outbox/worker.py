"""The worker: claims what is due, does it, settles it. Killed between any two steps, it has lost nothing: a lease ends,
and somebody does the same again.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from app.core.messages import TaskKind
from app.core.outbox import Delivery, Job, Outbox, Settled, Subscription
from app.core.refusal import Code, Refusal
from app.outbox.channels import Channels, Work
from app.outbox.deliver import Deliverer, Message
from app.outbox.fan_out import FanOut
from app.outbox.handling import failed, handle
from app.outbox.hints import Hints
from app.outbox.limits import Limits
from app.outbox.settling import Settling
from app.service import outgoing
from app.service.clock import Clock
from app.service.signals import Signals
from app.service.work import Handler

log = logging.getLogger("dragoman.outbox")

_MOST_TENANTS = 1_000
_MOST_AWAY = 50
"""Tenants in one round whose node does not answer: perhaps none does."""
_AGAIN = 1.0
_PAUSES = (0.5, 1.0, 2.0, 5.0)
_NOBODY = timedelta(minutes=1)


class Worker:
    """Made and run in one event loop. `handlers` by kind of task; events and messages are its own business."""

    def __init__(
        self,
        store: Outbox,
        *,
        signals: Signals,
        clock: Clock,
        fan_out: FanOut,
        deliverer: Deliverer,
        handlers: Mapping[str, Handler],
        limits: Limits,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._fan_out = fan_out
        self._deliverer = deliverer
        self._handlers = handlers
        self._limits = limits
        self._close = close
        self._loop = asyncio.get_running_loop()
        self._hints = Hints(limits)
        self._channels = Channels(limits)
        self._settling = Settling(store, self._was_settled)
        self._known: dict[str, None] = {}  # tenants that had something to do, the latest first
        self._leases: dict[str, datetime] = {}
        self._batches: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._asleep_until = math.inf
        self._stopping = False
        self._sweep_at = self._loop.time()
        self._unlisten = signals.listen(self._heard)

    async def run(self) -> None:
        """Until `stop`; then what is in hand is finished, within a bound."""
        troubles = 0
        try:
            while not self._stopping:
                try:
                    await self._turn()
                    troubles = 0
                except Exception as error:
                    troubles += 1
                    await self._rest_after(error, troubles)
        finally:
            self._unlisten()
            await self._finish()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()

    # when to look

    def _heard(self, tenant_id: str, _: str) -> None:
        if tenant_id:
            at = self._hints.add(tenant_id, self._loop.time())
        else:
            at = self._sweep_at = min(self._sweep_at, self._loop.time() + self._limits.gap)
        if at < self._asleep_until:  # else it wakes in time by itself: under load most commits come to this
            self._woken.set()

    def _was_settled(self, tenant_id: str, due: datetime | None) -> None:
        """What waited behind it can be had now."""
        if due is not None:
            wait = max(0.0, (due - self._clock.now()).total_seconds())
            self._sweep_at = min(self._sweep_at, self._loop.time() + wait)
        self._heard(tenant_id, "")

    async def _turn(self) -> None:
        self._woken.clear()
        if self._room() > 0:
            for tenant_id in self._hints.ready(self._loop.time()):
                await self._claim(tenant_id)
            if self._loop.time() >= self._sweep_at:
                await self._sweep()
        await self._sleep()

    async def _sweep(self) -> None:
        """Everybody's work: what was due when nobody was here to be told, and what is due by now."""
        now = self._clock.now()
        self._sweep_at = self._loop.time() + self._limits.look
        try:
            tenants = await self._store.due_tenants(now, _MOST_TENANTS)
        except Refusal as no:
            # Of several nodes of a database one may be away: those who are on the others are served all the same.
            if no.code is Code.UNAVAILABLE:
                await self._claim_known()
            raise
        self._known = dict.fromkeys([*tenants, *islice(self._known, _MOST_TENANTS)])
        for tenant_id in tenants:
            await self._claim(tenant_id)
        due = await self._store.next_due(now)
        if due is not None:
            wait = max(0.0, (due - self._clock.now()).total_seconds())
            self._sweep_at = min(self._sweep_at, self._loop.time() + wait)

    async def _claim_known(self) -> None:
        """As far as they can be reached."""
        away = 0
        for tenant_id in self._known:
            try:
                await self._claim(tenant_id)
            except Refusal as no:
                away += 1
                if no.code is not Code.UNAVAILABLE or away >= _MOST_AWAY:
                    return

    async def _sleep(self) -> None:
        hinted = self._hints.next_at()
        until = self._sweep_at if hinted is None else min(hinted, self._sweep_at)
        if self._room() <= 0:
            until = self._loop.time() + self._limits.look
        if until > self._loop.time() and not self._woken.is_set():
            self._asleep_until = until
            try:
                async with asyncio.timeout_at(until):
                    await self._woken.wait()
            except TimeoutError:
                return
            finally:
                self._asleep_until = math.inf

    async def _rest_after(self, error: Exception, troubles: int) -> None:
        """The database is away, or something is wrong here: neither is a reason to stop, or to hammer."""
        if isinstance(error, Refusal):
            log.warning("the worker waits for the database", extra={"facts": {"cause": error.code.value}})
        else:
            log.error("the worker stumbled", exc_info=error)
        self._sweep_at = self._loop.time()
        await asyncio.sleep(_PAUSES[min(troubles, len(_PAUSES)) - 1])

    # what to do

    def _room(self) -> int:
        return self._limits.held - len(self._leases)

    async def _claim(self, tenant_id: str) -> None:
        limit = min(self._limits.claimed, self._room())
        if limit <= 0 or self._stopping:
            self._hints.add(tenant_id, self._loop.time())
            return
        now = self._clock.now()
        lease = now + timedelta(seconds=self._limits.lease)
        claimed = await self._store.claim(tenant_id, now, lease, limit, self._channels.busy())
        self._hints.claimed(tenant_id, self._loop.time(), found=bool(claimed))
        if len(claimed) == limit:
            self._hints.add(tenant_id, self._loop.time())
        # One that is in hand already, since its lease ended before its turn came, has a new lease now, and that is all.
        jobs = [job for job in claimed if job.id not in self._leases]
        self._leases |= dict.fromkeys((job.id for job in claimed), lease)
        for kind, do in ((TaskKind.PUBLISH, self._publish), (outgoing.WEBHOOK, self._load)):
            if some := [job for job in jobs if job.kind == kind]:
                self._start(some, do(tenant_id, some, lease))
        for job in jobs:
            if job.kind not in {TaskKind.PUBLISH, outgoing.WEBHOOK}:
                self._channels.put(job.channel or job.kind, Work(job, partial(self._handle, job)))

    def _start(self, jobs: Sequence[Job], doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(jobs, doing))
        self._batches.add(task)
        task.add_done_callback(self._batches.discard)

    async def _guarded(self, jobs: Sequence[Job], doing: Coroutine[Any, Any, None]) -> None:
        now = self._clock.now()
        try:
            await doing
        except Refusal:
            again = now + timedelta(seconds=_AGAIN)
            self._end([Settled(job=job, tried=False, again_at=again) for job in jobs if job.id in self._leases])
        except Exception as error:
            self._end([failed(job, error, self._limits, now) for job in jobs if job.id in self._leases])

    async def _publish(self, tenant_id: str, jobs: Sequence[Job], lease: datetime) -> None:
        subscriptions = await self._store.subscriptions(tenant_id)
        now, busy = self._clock.now(), self._channels.busy()
        sent, results = await self._fan_out.publish(jobs, subscriptions, now, lease, busy)
        for job in jobs:
            self._leases.pop(job.id, None)
        self._end(results)
        for some in sent:
            # Handing on may have lasted so long that a look of ours has found them meanwhile.
            new = [job for job in some.jobs if job.id not in self._leases]
            self._leases |= dict.fromkeys((job.id for job in new), lease)
            self._put(new, some.deliveries, subscriptions)
        self._heard(tenant_id, "")

    async def _load(self, tenant_id: str, jobs: Sequence[Job], lease: datetime) -> None:
        deliveries = await self._store.deliveries(tenant_id, [job.id for job in jobs])
        subscriptions = await self._store.subscriptions(tenant_id)
        self._put(jobs, {each.id: each for each in deliveries}, subscriptions)

    def _put(
        self, jobs: Sequence[Job], deliveries: Mapping[str, Delivery], subscriptions: Sequence[Subscription]
    ) -> None:
        active = {each.id: each for each in subscriptions if each.active}
        for job in jobs:
            delivery, subscription = deliveries.get(job.id), active.get(job.channel)
            if delivery is None:
                self._end([Settled(job=job)])
            elif subscription is None:
                self._end([self._deliverer.off(job, delivery)])
            else:
                message = Message(job, delivery, subscription)
                self._channels.put(job.channel, Work(job, partial(self._deliver, message)))

    async def _deliver(self, message: Message) -> bool:
        if not self._mine(message.job):
            return True
        settled, well = await self._deliverer.attempt(message)
        self._end([settled])
        return well

    async def _handle(self, job: Job) -> bool:
        if not self._mine(job):
            return True
        handler, now = self._handlers.get(job.kind), self._clock.now()
        if handler is None:
            self._end([Settled(job=job, tried=False, again_at=now + _NOBODY, error="nobody here does this")])
            return True
        settled = await handle(job, handler, self._limits, now)
        self._end([settled])
        return settled.again_at is None

    def _mine(self, job: Job) -> bool:
        """Whether the lease lasts for a try. If not it goes back, unless it has ended: then it may be somebody's."""
        now = self._clock.now()
        left = (self._leases.get(job.id, now) - now).total_seconds()
        if left >= self._limits.lease / 2:
            return True
        if left > 0:
            self._end([Settled(job=job, tried=False, again_at=now)])
        else:
            self._leases.pop(job.id, None)
        return False

    def _end(self, results: Sequence[Settled]) -> None:
        for result in results:
            self._leases.pop(result.job.id, None)
            self._settling.put(result)

    async def _finish(self) -> None:
        """What was not begun goes back; what is under way may end; what does not end in time is done again later."""
        ends = self._loop.time() + self._limits.finish
        self._give_back()
        if self._batches:
            await asyncio.wait(self._batches, timeout=self._limits.finish)
            self._give_back()
        await self._channels.finish(ends - self._loop.time())
        await self._settling.finish(max(1.0, ends - self._loop.time()))
        self._close()

    def _give_back(self) -> None:
        now = self._clock.now()
        self._end([Settled(job=job, tried=False, again_at=now) for job in self._channels.clear()])
