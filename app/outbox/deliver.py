"""One try of one message: signed, sent, and what follows from the answer."""

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.core.outbox import Attempt, Delivery, DeliveryState, Job, Settled, Subscription
from app.core.refusal import Refusal
from app.outbox.handling import NEVER_ENDED
from app.outbox.health import Health
from app.outbox.sender import Answer, Sender
from app.service import outgoing, tracing
from app.service.clock import Clock
from app.service.hooks import Hooks, Outgoing
from app.service.metering import Meter
from app.service.vault import Vault

log = logging.getLogger("dragoman.outbox")

_GONE = 410
_HELD = timedelta(days=36_500)
"""Until somebody redelivers or skips it: the head of a blocking subscription's lane, after its last try."""
_MOST_ATTEMPTS = 50
_SPARE = 24
"""Tries that may end with their worker. More than other tasks have: what ends a worker each time takes along all that
is in its hands, and must be set aside before they are.
"""
OFF = "The webhook was disabled or removed."


@dataclass(frozen=True, slots=True)
class Message:
    job: Job
    delivery: Delivery
    subscription: Subscription


class Deliverer:
    def __init__(
        self,
        sender: Sender,
        hooks: Mapping[str, Hooks],
        *,
        vault: Vault,
        health: Health,
        clock: Clock,
        meter: Meter,
    ) -> None:
        self._sender = sender
        self._hooks = hooks
        self._vault = vault
        self._health = health
        self._clock = clock
        self._meter = meter

    async def attempt(self, message: Message) -> tuple[Settled, bool]:
        """What becomes of it, and whether the receiver did well."""
        subscription = message.subscription
        if self._health.is_off(subscription):
            return self.off(message.job, message.delivery), True
        if self._never_ends(message):
            return self.off(message.job, message.delivery, NEVER_ENDED), True
        facts = {"dialect": subscription.dialect, "topic": message.delivery.topic}
        with tracing.Carried(_trace(message)), tracing.span("webhook", tracing.Kind.CLIENT, **facts) as span:
            at = self._clock.now()
            answer = await self._send(message, at)
            settled, outcome = self._settled(message, answer, at)
            span.tell(**{"http.response.status_code": answer.status or 0})
            if not answer.ok:
                span.fail(_why(answer))
        self._meter.delivered(subscription.dialect, outcome, answer.seconds)
        await self._judge(message, answer)
        return settled, answer.ok

    async def _send(self, message: Message, at: datetime) -> Answer:
        try:
            headers, body = self._headers(message, at), message.delivery.body.encode()
        except Exception as error:  # a fault of ours, which a later version may not have
            log.error("a message cannot be signed", exc_info=error, extra={"facts": {"delivery": message.delivery.id}})
            return Answer(0.0, error="it could not be signed")
        return await self._sender.post(message.subscription.url, headers, body)

    @staticmethod
    def _never_ends(message: Message) -> bool:
        """Whether tries of it were begun and never ended: each may have been what ended its worker."""
        logged = len(message.delivery.attempts)
        return logged < _MOST_ATTEMPTS and message.job.attempts - logged >= _SPARE

    def off(self, job: Job, delivery: Delivery, why: str = OFF) -> Settled:
        """Given up without a try: nobody listens any more, or else `why`."""
        now = self._clock.now()
        attempt = Attempt(at=now, seconds=0.0, error=why)
        return Settled(job=job, delivery=_logged(delivery, DeliveryState.FAILED, attempt))

    def _headers(self, message: Message, at: datetime) -> dict[str, str]:
        subscription, delivery = message.subscription, message.delivery
        signed = self._hooks[subscription.dialect].headers(
            Outgoing(
                id=delivery.id,
                topic=delivery.topic,
                body=delivery.body.encode(),
                secrets=[self._vault.open(each.text) for each in outgoing.in_force(subscription.secrets, at)],
                at=at,
                tenant_id=delivery.tenant_id,
                subscription=subscription,
            )
        )
        ours = {name.lower() for name in signed}
        own = {name: value for name, value in subscription.headers.items() if name.lower() not in ours}
        marked = {"X-Dragoman-Test": "true"} if outgoing.is_test(delivery) else {}
        return {**own, **signed, **marked, tracing.KEY: tracing.current()}

    def _settled(self, message: Message, answer: Answer, at: datetime) -> tuple[Settled, str]:
        job, delivery = message.job, message.delivery
        attempt = Attempt(
            at=at, seconds=answer.seconds, status=answer.status, response=answer.text, error=answer.error
        )  # fmt: skip
        if answer.ok:
            return Settled(job=job, delivery=_logged(delivery, DeliveryState.DELIVERED, attempt)), "delivered"
        again = self._again(message, answer)
        if again is None:
            return Settled(job=job, delivery=_logged(delivery, DeliveryState.FAILED, attempt)), "lost"
        waiting = _logged(delivery, DeliveryState.PENDING, attempt)
        settled = Settled(job=job, again_at=self._clock.now() + again, error=_why(answer), delivery=waiting)
        return settled, "failed"

    def _again(self, message: Message, answer: Answer) -> timedelta | None:
        schedule = self._hooks[message.subscription.dialect].schedule
        if answer.status == _GONE:
            return None
        # One that ended with its worker is no try of the receiver's, and not in the log.
        tries = min(message.job.attempts, len(message.delivery.attempts))
        if tries < len(schedule):
            return timedelta(seconds=max(schedule[tries], answer.retry_after or 0.0))
        return _HELD if message.subscription.blocking else None

    async def _judge(self, message: Message, answer: Answer) -> None:
        """The message has its outcome already: what cannot be noted now is noted with the next one."""
        at = self._clock.now()
        try:
            if answer.ok:
                await self._health.well(message.subscription)
            elif answer.status == _GONE:
                await self._health.gone(message.subscription, message.delivery, at)
            else:
                await self._health.failed(message.subscription, message.delivery, at)
        except Refusal as refusal:
            log.warning("a webhook's state could not be written", extra={"facts": {"cause": refusal.code.value}})


def _trace(message: Message) -> str:
    """That of the request at its beginning, where that had one; else all messages of an event are of the same."""
    carried = tracing.read(json.loads(message.job.payload).get(tracing.KEY))
    return carried or f"00-{message.delivery.event_id.replace('-', '')}-{secrets.token_hex(8)}-00"


def _why(answer: Answer) -> str:
    return answer.error or f"status {answer.status}"


def _logged(delivery: Delivery, state: DeliveryState, attempt: Attempt) -> Delivery:
    attempts = (*delivery.attempts, attempt)[-_MOST_ATTEMPTS:]
    return replace(delivery, state=state, attempts=attempts, updated_at=attempt.at)
