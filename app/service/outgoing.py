"""Messages on their way to subscriptions: the same ids, bodies and places whoever makes them, however often."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.core import ids
from app.core.outbox import Delivery, Job, SealedSecret, Subscription
from app.service import tracing
from app.service.hooks import Draft, Envelope, Hooks, Occasion

WEBHOOK = "webhook"
REPLAY = "replay"

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_PLACES = 1_000_000
_HASHED = 54
"""Of the 74 bits that an id has besides its time; the 20 before them hold a place within a millisecond."""


def message_id(at: datetime, *parts: str | int, place: int = 0) -> str:
    """A UUIDv7 of that time whose other bits follow from the parts: made twice, it is the same.

    Ids of one millisecond sort by place, so a log tells of an order in the order of its changes.
    """
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    hashed = int.from_bytes(digest[:7], "big") >> 56 - _HASHED
    return ids.uuid7(at, place % _PLACES << _HASHED | hashed)


def messages(
    occasion: Occasion, subscription: Subscription, hooks: Hooks, drafts: Sequence[Draft], now: datetime
) -> Iterable[Delivery]:
    """The drafts that the subscription asked for. A draft's number counts all of the occasion, whoever wants them."""
    event = occasion.event
    for n, draft in enumerate(drafts):
        if subscription.topics and draft.topic not in subscription.topics:
            continue
        place = place_of(event.at, event.version, n)
        id_ = message_id(event.at, event.id, subscription.id, n, place=place)
        envelope = Envelope(id=id_, tenant_id=subscription.tenant_id, at=event.at, subscription=subscription)
        yield Delivery(
            tenant_id=subscription.tenant_id,
            id=id_,
            subscription_id=subscription.id,
            event_id=event.id,
            order_id=event.order_id,
            topic=draft.topic,
            body=hooks.body(draft, envelope).decode(),
            place=place,
            created_at=now,
            updated_at=now,
        )


def place_of(at: datetime, version: int, n: int) -> int:
    """By time, since one lane may hold several orders; of one order, whose time never goes back, by version."""
    return (at - _EPOCH) // _MILLISECOND * _PLACES + version % 1000 * 1000 + min(n, 999)


def job_of(delivery: Delivery, subscription: Subscription, due_at: datetime, trace: str = "") -> Job:
    """What sends it, under its own id: a message has one job at most. Orders wait for each other only if `blocking`.

    `trace` is the trace that it is part of.
    """
    of_order = f"{subscription.id}:{delivery.order_id}"
    return Job(
        tenant_id=delivery.tenant_id,
        id=delivery.id,
        order_id=delivery.order_id,
        kind=WEBHOOK,
        payload=json.dumps({tracing.KEY: trace}) if trace else "{}",
        due_at=due_at,
        lane=subscription.id if subscription.blocking else of_order,
        place=delivery.place,
        channel=subscription.id,
    )


def apart(job: Job) -> Job:
    """The same in a lane of its own, past all that waits."""
    return replace(job, lane=f"{job.channel}:{job.id}")


def in_force(secrets: Sequence[SealedSecret], now: datetime) -> tuple[SealedSecret, ...]:
    """Newest first, without those whose time has passed."""
    return tuple(secret for secret in secrets if secret.until is None or secret.until > now)


def is_test(delivery: Delivery) -> bool:
    """A test stands for no event: it is its own."""
    return delivery.event_id == delivery.id
