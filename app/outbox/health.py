"""What becomes of subscriptions whose receivers fail: marked, and disabled once it went on for too long."""

import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.core import times
from app.core.outbox import Delivery, Job, Outbox, Subscription
from app.core.ports import Moved
from app.service import outgoing
from app.service.hooks import DISABLED, Draft, Envelope, Hooks

log = logging.getLogger("dragoman.outbox")

_AGAIN = 1.0
"""Seconds within which the same is not marked twice, of all the messages of one subscription that end alike."""
_MOST = 10_000
FAILING = "Every message failed for too long."
GONE = "The receiver answered 410 Gone."


class Health:
    def __init__(self, store: Outbox, hooks: Mapping[str, Hooks]) -> None:
        self._store = store
        self._hooks = hooks
        self._marked: dict[str, tuple[bool, float]] = {}
        self._disabling: set[str] = set()
        self._disabled: dict[str, datetime] = {}

    def is_off(self, subscription: Subscription) -> bool:
        """Whether it was disabled here since it was read: what waits for its turn need not be sent any more."""
        disabled_at = self._disabled.get(subscription.id)
        return disabled_at is not None and disabled_at >= subscription.updated_at

    async def well(self, subscription: Subscription) -> None:
        if subscription.failing_since is not None and self._first(subscription, well=True):
            await self._store.mark_failing(subscription.tenant_id, subscription.id, None)

    async def failed(self, subscription: Subscription, delivery: Delivery, at: datetime) -> None:
        """A blocking one is never disabled: it holds its messages until somebody looks after it."""
        if subscription.failing_since is None:
            if self._first(subscription, well=False):
                await self._store.mark_failing(subscription.tenant_id, subscription.id, at)
            return
        if not subscription.blocking and self._for_too_long(subscription, at):
            await self._disable(subscription, delivery, FAILING, at)

    async def gone(self, subscription: Subscription, delivery: Delivery, at: datetime) -> None:
        await self._disable(subscription, delivery, GONE, at)

    def _first(self, subscription: Subscription, *, well: bool) -> bool:
        now = time.monotonic()
        known, until = self._marked.get(subscription.id, (not well, 0.0))
        if known == well and until > now:
            return False
        if len(self._marked) >= _MOST:
            self._marked.clear()
        self._marked[subscription.id] = (well, now + _AGAIN)
        return True

    async def _disable(self, subscription: Subscription, delivery: Delivery, reason: str, at: datetime) -> None:
        """Of the messages that find this out at the same time, the first does it, unless it went well meanwhile."""
        if subscription.id in self._disabling:
            return
        self._disabling.add(subscription.id)
        try:
            fresh = await self._store.subscription(subscription.tenant_id, subscription.id)
            if fresh is None or not fresh.active or (reason == FAILING and not self._for_too_long(fresh, at)):
                return
            await self._tell_others(fresh, delivery, reason, at)
            await self._store.disable_subscription(fresh.tenant_id, fresh.id, reason, at)
            if len(self._disabled) >= _MOST:
                self._disabled.clear()
            self._disabled[fresh.id] = at
            log.warning("a webhook was disabled", extra={"facts": {"tenant": fresh.tenant_id, "webhook": fresh.id}})
        finally:
            self._disabling.discard(subscription.id)

    def _for_too_long(self, subscription: Subscription, at: datetime) -> bool:
        limit = timedelta(seconds=self._hooks[subscription.dialect].disable_after)
        return subscription.failing_since is not None and at - subscription.failing_since >= limit

    async def _tell_others(self, subscription: Subscription, delivery: Delivery, reason: str, at: datetime) -> None:
        """Before it is disabled: a worker that dies in between does both again, with the same ids."""
        content = {
            "webhook": {
                "id": subscription.id,
                "url": subscription.url,
                "dialect": subscription.dialect,
                "disabled_reason": reason,
                "disabled_at": times.text(at),
            }
        }
        for other in await self._store.subscriptions(subscription.tenant_id):
            hooks = self._hooks.get(other.dialect)
            if not other.active or other.id == subscription.id or hooks is None or DISABLED not in hooks.topics:
                continue
            if not other.topics or DISABLED in other.topics:
                message = _message(other, hooks, delivery, Draft(DISABLED, content), at)
                await self._send(message, outgoing.apart(outgoing.job_of(message, other, at)))

    async def _send(self, message: Delivery, job: Job) -> None:
        try:
            await self._store.hand_on((), (job,), (message,))
        except Moved:
            return  # told already


def _message(to: Subscription, hooks: Hooks, about: Delivery, draft: Draft, at: datetime) -> Delivery:
    """In the log beside the message that was the last straw."""
    id_ = outgoing.message_id(about.created_at, DISABLED, about.id, to.id, place=about.place)
    envelope = Envelope(id=id_, tenant_id=to.tenant_id, at=at, subscription=to)
    return Delivery(
        tenant_id=to.tenant_id,
        id=id_,
        subscription_id=to.id,
        event_id=about.event_id,
        order_id=about.order_id,
        topic=draft.topic,
        body=hooks.body(draft, envelope).decode(),
        place=about.place,
        created_at=at,
        updated_at=at,
    )
