"""Events into messages: one `publish` task becomes a message for every subscription that asked for it."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from app.core.ledger import Ledger
from app.core.model import Order
from app.core.outbox import Delivery, Job, Outbox, Published, Settled, Subscription
from app.core.ports import Moved
from app.outbox.handling import NEVER_ENDED, failed, wait
from app.outbox.limits import Limits
from app.service import outgoing, tracing
from app.service.hooks import Draft, Hooks, Occasion

log = logging.getLogger("dragoman.outbox")

Decode = Callable[[int, str], Order]
"""An order as the store wrote it: its format, its body."""
_APART = "publish"
"""The channel of tasks for one dialect only: they are handed on to nobody, but wait for their time."""
_dialect = attrgetter("dialect")
_MOST = 200
"""Messages that go into the database together, unless one event has more."""


@dataclass(slots=True)
class Messages:
    """Of one tenant: log entries, the jobs that send them, and the tasks that are done once they are written."""

    done: list[Job] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    @classmethod
    def together(cls, parts: Sequence["Messages"]) -> "Messages":
        return cls(
            [job for part in parts for job in part.done],
            [job for part in parts for job in part.jobs],
            [delivery for part in parts for delivery in part.deliveries],
        )

    def without(self, ids: set[str]) -> "Messages":
        jobs = [job for job in self.jobs if job.id not in ids]
        return Messages(self.done, jobs, [each for each in self.deliveries if each.id not in ids])


@dataclass(frozen=True, slots=True)
class Sent:
    """What the caller may go on with at once: leased jobs, whose deliveries are among those."""

    jobs: list[Job]
    deliveries: Mapping[str, Delivery]


class FanOut:
    def __init__(self, store: Outbox, hooks: Mapping[str, Hooks], decode: Decode, limits: Limits) -> None:
        self._store = store
        self._hooks = hooks
        self._decode = decode
        self._limits = limits

    async def publish(
        self,
        jobs: Sequence[Job],
        subscriptions: Sequence[Subscription],
        now: datetime,
        lease: datetime,
        busy: Sequence[str],
    ) -> tuple[list[Sent], list[Settled]]:
        """All of one tenant. A task that cannot be done is a result of its own and holds up no other."""
        ids = {job.id: str(json.loads(job.payload)["event_id"]) for job in jobs}
        published = {each.event.id: each for each in await self._store.published(jobs[0].tenant_id, [*ids.values()])}
        active = [each for each in subscriptions if each.active]
        sent, results, parts, size = [], [], list[Messages](), 0
        for job in jobs:
            made = self._made(job, published.get(ids[job.id]), active, now)
            if isinstance(made, Settled):
                results.append(made)
                continue
            if parts and size + len(made.jobs) > _MOST:
                sent.append(await self._write(parts, lease, busy))
                parts, size = [], 0
            parts.append(made)
            size += len(made.jobs)
            await asyncio.sleep(0)  # rendering takes a while: requests may go first
        if parts:
            sent.append(await self._write(parts, lease, busy))
        return sent, results

    def _made(
        self, job: Job, published: Published | None, subscriptions: Sequence[Subscription], now: datetime
    ) -> Messages | Settled:
        if job.attempts >= self._limits.tries:
            return Settled(job=job, tried=False, aside_at=now, error=NEVER_ENDED)
        trace = tracing.read(json.loads(job.payload).get(tracing.KEY))
        try:
            with tracing.Carried(trace), tracing.span(job.kind, tracing.Kind.CONSUMER, attempts=job.attempts):
                return self._messages(job, published, subscriptions, now)
        except Exception as error:  # a fault in a mapping
            return failed(job, error, self._limits, now)

    def _messages(
        self, job: Job, published: Published | None, subscriptions: Sequence[Subscription], now: datetime
    ) -> Messages:
        """A fault in one dialect's mapping stays with it: what it could not say becomes a task of its own."""
        occasion = self.occasion(published)
        if occasion is None:
            return Messages([job])
        payload = json.loads(job.payload)
        only, trace = payload.get("dialect"), tracing.above()
        parts = [Messages([job])]
        for dialect, listeners in groupby(sorted(subscriptions, key=_dialect), _dialect):
            if only not in {None, dialect}:
                continue
            try:
                drafts = self.drafts(dialect, occasion)
                parts += [self.messages(occasion, each, drafts, now, trace) for each in listeners]
            except Exception as error:
                if only is not None:
                    raise
                log.error("a message cannot be made", exc_info=error, extra={"facts": {"task": job.id}})
                parts.append(Messages(jobs=[self._apart(job, dialect, occasion, now)]))
        return Messages.together(parts)

    def occasion(self, published: Published | None) -> Occasion | None:
        """None where nobody listened when it happened."""
        if published is None or published.format is None or published.body is None:
            return None
        return Occasion(published.event, Ledger(self._decode(published.format, published.body)))

    def drafts(self, dialect: str, occasion: Occasion) -> Sequence[Draft]:
        return self._hooks[dialect].drafts(occasion) if dialect in self._hooks else ()

    def messages(
        self,
        occasion: Occasion,
        subscription: Subscription,
        drafts: Sequence[Draft],
        now: datetime,
        trace: str = "",
    ) -> Messages:
        if not drafts:
            return Messages()
        made = list(outgoing.messages(occasion, subscription, self._hooks[subscription.dialect], drafts, now))
        return Messages(jobs=[outgoing.job_of(each, subscription, now, trace) for each in made], deliveries=made)

    def _apart(self, job: Job, dialect: str, occasion: Occasion, now: datetime) -> Job:
        event = occasion.event
        return replace(
            job,
            id=outgoing.message_id(event.at, event.id, dialect),
            payload=json.dumps({**json.loads(job.payload), "dialect": dialect}),
            due_at=now + wait(0, self._limits),
            attempts=0,
            lane=f"{job.order_id}:{dialect}",
            channel=_APART,
        )

    async def _write(self, parts: Sequence[Messages], lease: datetime, busy: Sequence[str]) -> Sent:
        """If anybody did part of it before, task by task, and of each only what is not there yet."""
        made = Messages.together(parts)
        try:
            mine = await self._store.hand_on(made.done, made.jobs, made.deliveries, lease, busy=(*busy, _APART))
        except Moved:
            mine = [job for part in parts for job in await self._write_rest(part, lease, busy)]
        return Sent(mine, {each.id: each for each in made.deliveries})

    async def _write_rest(self, made: Messages, lease: datetime, busy: Sequence[str]) -> list[Job]:
        tenant_id = made.done[0].tenant_id
        there = {each.id for each in await self._store.deliveries(tenant_id, [each.id for each in made.deliveries])}
        rest = made.without(there)
        try:
            return await self._store.hand_on(rest.done, rest.jobs, rest.deliveries, lease, busy=(*busy, _APART))
        except Moved:
            return []  # the task itself is gone: whoever took it has done it
