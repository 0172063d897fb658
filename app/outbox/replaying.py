"""A page of a replay: what a subscription was, or would have been, sent of a time range, under the same ids."""

import json
from datetime import UTC, datetime

from app.core.outbox import DeliveryState, Job, Outbox
from app.core.ports import Moved
from app.outbox.fan_out import FanOut, Messages
from app.service.clock import Clock
from app.service.deliveries import Range, replay_job

_PAGE = 100


class Replaying:
    """The handler of `replay` tasks."""

    def __init__(self, store: Outbox, fan_out: FanOut, clock: Clock) -> None:
        self._store = store
        self._fan_out = fan_out
        self._clock = clock

    async def __call__(self, job: Job) -> None:
        asked = json.loads(job.payload)
        subscription = await self._store.subscription(job.tenant_id, asked["subscription_id"])
        if subscription is None or not subscription.active:
            return
        range_ = Range(asked["replay_id"], _time(asked["first"]), _time(asked["end"]))
        page = await self._store.published_between(job.tenant_id, range_.first, range_.end, asked["after"], _PAGE)
        now = self._clock.now()
        made = []
        for published in page:
            occasion = self._fan_out.occasion(published)
            if occasion is not None:
                drafts = self._fan_out.drafts(subscription.dialect, occasion)
                made.append(self._fan_out.messages(occasion, subscription, drafts, now))
        rest = await self._unsent(job.tenant_id, Messages.together(made))
        if len(page) == _PAGE:
            rest.jobs.append(replay_job(subscription, range_, now, page[-1].event.id, asked["page"] + 1))
        await self._add(rest)

    async def _unsent(self, tenant_id: str, made: Messages) -> Messages:
        """Without what waits to be sent anyway; of what the log knows, only the jobs."""
        known = {
            each.id: each for each in await self._store.deliveries(tenant_id, [each.id for each in made.deliveries])
        }
        waiting = {each.id for each in known.values() if each.state is DeliveryState.PENDING}
        rest = made.without(waiting)
        rest.deliveries = [each for each in rest.deliveries if each.id not in known]
        return rest

    async def _add(self, rest: Messages) -> None:
        try:
            await self._store.hand_on((), rest.jobs, rest.deliveries)
        except Moved:
            deliveries = {each.id: each for each in rest.deliveries}
            for job in rest.jobs:
                await self._add_one(job, Messages(deliveries=[deliveries[job.id]] if job.id in deliveries else []))

    async def _add_one(self, job: Job, beside: Messages) -> None:
        try:
            await self._store.hand_on((), [job], beside.deliveries)
        except Moved:
            return  # it is on its way already


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
