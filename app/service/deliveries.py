"""What was sent to a subscription, and sending more of it: one message again, a time range, a test."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from app.core import ids
from app.core.outbox import Delivery, DeliveryState, Failing, Job, Outbox, Settled, Subscription
from app.core.ports import Kept, Moved
from app.core.refusal import Code, Refusal
from app.core.times import text as time_text
from app.service import checks, outgoing, samples
from app.service.access import Caller
from app.service.clock import Clock
from app.service.desk import Desk, Once, Reply
from app.service.hooks import DISABLED, Draft, Hooks, Occasion
from app.service.signals import Signals
from app.service.webhooks import Webhooks
from app.service.writing import Draft as Written
from app.service.writing import Writer


@dataclass(frozen=True, slots=True)
class Range:
    """Of times of events: from the first, up to but without `end`. `id` is the task that sends them."""

    id: str
    first: datetime
    end: datetime


class Deliveries:
    """The log of what subscriptions were sent."""

    def __init__(self, desk: Desk, store: Outbox, webhooks: Webhooks, signals: Signals, clock: Clock) -> None:
        self._writer = Writer(desk, clock)
        self._store = store
        self._webhooks = webhooks
        self._signals = signals
        self._clock = clock

    async def log(
        self,
        tenant_id: str,
        subscription_id: str,
        state: DeliveryState | Failing | None = None,
        before: str = "",
        limit: int = 50,
    ) -> list[Delivery]:
        """Newest first, older than the id `before`. Raises SUBSCRIPTION_NOT_FOUND."""
        await self._webhooks.subscription(tenant_id, subscription_id)
        return await self._store.delivery_log(tenant_id, subscription_id, state, before, limit)

    async def delivery(self, tenant_id: str, subscription_id: str, delivery_id: str) -> Delivery:
        """Raises SUBSCRIPTION_NOT_FOUND and DELIVERY_NOT_FOUND."""
        await self._webhooks.subscription(tenant_id, subscription_id)
        found = await self._store.delivery(tenant_id, delivery_id) if checks.is_id(delivery_id) else None
        if found is None or found.subscription_id != subscription_id:
            raise Refusal(Code.DELIVERY_NOT_FOUND)
        return found

    async def redeliver(
        self,
        caller: Caller,
        once: Once | None,
        render: Callable[[Delivery], str],
        *,
        subscription_id: str,
        delivery_id: str,
    ) -> Reply:
        """Send it again at once, under the same id, however it ended before; one that waits is tried now."""

        async def draft() -> Written:
            subscription = await self._sending(caller.tenant_id, subscription_id)
            held = await self.delivery(caller.tenant_id, subscription_id, delivery_id)
            now = self._clock.now()
            job = outgoing.job_of(held, subscription, now)
            text = render(replace(held, state=DeliveryState.PENDING))
            return Written(text, text, lambda kept: self._again(job, now, kept))

        return await self._writer.write(caller, once, draft)

    async def skip(
        self,
        caller: Caller,
        once: Once | None,
        render: Callable[[Delivery], str],
        *,
        subscription_id: str,
        delivery_id: str,
    ) -> Reply:
        """Give up a message that still waits, and with it its hold on those behind; one that is done stays as it is."""

        async def draft() -> Written:
            held = await self.delivery(caller.tenant_id, subscription_id, delivery_id)
            if held.state is not DeliveryState.PENDING:
                text = render(held)
                return Written(text, text, partial(self._keep, caller.tenant_id))
            subscription = await self._webhooks.subscription(caller.tenant_id, subscription_id)
            now = self._clock.now()
            gone = replace(held, state=DeliveryState.FAILED, updated_at=now)
            job = outgoing.job_of(held, subscription, now)
            text = render(gone)
            return Written(text, text, lambda kept: self._give_up(subscription, job, gone, kept))

        return await self._writer.write(caller, once, draft)

    async def replay(
        self,
        caller: Caller,
        once: Once | None,
        render: Callable[[Range], str],
        *,
        subscription_id: str,
        first: datetime,
        end: datetime,
    ) -> Reply:
        """Send all of a time range, those that were sent before under the same ids. The worker goes through it."""
        if end <= first:
            raise Refusal(Code.INVALID, field="until", problem="must be after the beginning")

        async def draft() -> Written:
            subscription = await self._sending(caller.tenant_id, subscription_id)
            now = self._clock.now()
            range_ = Range(self._clock.new_id(now), first, min(end, now))
            job = replay_job(subscription, range_, now)
            text = render(range_)
            return Written(text, text, lambda kept: self._hand_on(job, None, kept))

        return await self._writer.write(caller, once, draft)

    async def test(
        self,
        caller: Caller,
        once: Once | None,
        render: Callable[[Delivery], str],
        *,
        subscription_id: str,
        topic: str | None = None,
    ) -> Reply:
        """Send a made-up message of the topic; without one, of the first that there is a sample of and that it gets."""

        async def draft() -> Written:
            subscription = await self._sending(caller.tenant_id, subscription_id)
            delivery = self._sample(caller, subscription, topic)
            job = outgoing.apart(outgoing.job_of(delivery, subscription, delivery.created_at))
            text = render(delivery)
            return Written(text, text, lambda kept: self._hand_on(job, delivery, kept))

        return await self._writer.write(caller, once, draft)

    async def _sending(self, tenant_id: str, subscription_id: str) -> Subscription:
        subscription = await self._webhooks.subscription(tenant_id, subscription_id)
        if not subscription.active:
            raise Refusal(Code.INVALID, field="active", problem="must be true: nothing is sent to a disabled webhook")
        return subscription

    def _sample(self, caller: Caller, subscription: Subscription, topic: str | None) -> Delivery:
        hooks = self._webhooks.hooks(subscription.dialect)
        if topic is not None:
            checks.check_topics([topic], hooks.topics)
        now = self._clock.now()
        id_ = self._clock.new_id(now)
        actor = caller.actor(subscription.dialect)
        made = list(samples.occasions(caller.tenant_id, self._clock.new_order_id(now), id_, actor, now))
        occasion, draft = _pick(hooks, made, (topic,) if topic else subscription.topics)
        wanted = replace(subscription, topics=(draft.topic,))
        [message] = outgoing.messages(occasion, wanted, hooks, [draft], now)
        return replace(message, id=id_, event_id=id_)

    async def _give_up(self, subscription: Subscription, job: Job, gone: Delivery, kept: Kept | None) -> None:
        if subscription.blocking and gone.attempts:  # nothing is held any more
            await self._store.mark_failing(subscription.tenant_id, subscription.id, None)
        await self._settle(Settled(job=job, delivery=gone), kept)

    async def _again(self, job: Job, now: datetime, kept: Kept | None) -> None:
        try:
            await self._hand_on(outgoing.apart(job), None, kept)
        except Moved:
            # There is a job, which waits for its next try or for its turn; or the key was used, as `_settle` finds.
            await self._settle(Settled(job=job, tried=False, again_at=now), kept)

    async def _hand_on(self, job: Job, delivery: Delivery | None, kept: Kept | None) -> None:
        await self._store.hand_on((), (job,), (delivery,) if delivery else (), kept=kept)
        self._signals.changed(job.tenant_id)

    async def _settle(self, settled: Settled, kept: Kept | None) -> None:
        """The answer is kept after it: settling once more does no harm, and an answer alone would be a lie."""
        await self._store.settle(settled.job.tenant_id, (settled,))
        self._signals.changed(settled.job.tenant_id)
        await self._keep(settled.job.tenant_id, kept)

    async def _keep(self, tenant_id: str, kept: Kept | None) -> None:
        if kept is not None:
            await self._store.keep(tenant_id, kept)


def replay_job(subscription: Subscription, range_: Range, now: datetime, after: str = "", page: int = 0) -> Job:
    """A page of a replay: the events past `after`. Pages are tasks one after the other, each with an id of its own."""
    payload = {
        "replay_id": range_.id,
        "subscription_id": subscription.id,
        "first": time_text(range_.first),
        "end": time_text(range_.end),
        "after": after,
        "page": page,
    }
    id_ = range_.id if page == 0 else outgoing.message_id(ids.created_at(range_.id), range_.id, page)
    return Job(
        tenant_id=subscription.tenant_id,
        id=id_,
        order_id=range_.id,
        kind=outgoing.REPLAY,
        payload=json.dumps(payload),
        due_at=now,
        lane=f"replay:{range_.id}",
        place=page,
    )


def _pick(hooks: Hooks, made: Sequence[Occasion], topics: Sequence[str]) -> tuple[Occasion, Draft]:
    """The first sample of a wanted topic; of one that no sample has, the first sample under that name."""
    if DISABLED in topics and len(topics) == 1:
        return made[0], Draft(DISABLED, {"webhook": {}})
    renamed = [replace(made[0], event=replace(made[0].event, type=topic)) for topic in topics]
    found = [(occasion, draft) for occasion in (*made, *renamed) for draft in hooks.drafts(occasion)]
    for occasion, draft in found:
        if not topics or draft.topic in topics:
            return occasion, draft
    occasion, draft = found[0]
    return occasion, Draft(topics[0], draft.content)
