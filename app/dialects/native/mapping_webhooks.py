"""Webhooks, deliveries and tasks to native wire shapes. Pure."""

import json

from app.core import times
from app.core.outbox import Attempt, Delivery, Job, Subscription
from app.dialects.native import wire_webhooks as wire
from app.service.deliveries import Range
from app.service.hooks import Hooks
from app.service.outgoing import is_test
from app.service.tracing import KEY


def from_subscription(subscription: Subscription, secret: str | None = None) -> wire.Webhook:
    shown: wire.Webhook = {
        "id": subscription.id,
        "dialect": subscription.dialect,
        "url": subscription.url,
        "topics": list(subscription.topics) or None,
        "headers": dict(subscription.headers),
        "settings": dict(subscription.settings),
        "blocking": subscription.blocking,
        "active": subscription.active,
        "failing_since": times.maybe_text(subscription.failing_since),
        "disabled_reason": subscription.disabled_reason,
        "created_at": times.text(subscription.created_at),
        "updated_at": times.text(subscription.updated_at),
    }
    return shown if secret is None else {**shown, "secret": secret}


def from_hooks(dialect: str, hooks: Hooks) -> wire.Topics:
    return {"dialect": dialect, "topics": list(hooks.topics), "client_secret": hooks.client_secret}


def from_delivery(delivery: Delivery) -> wire.Delivery:
    test = is_test(delivery)
    return {
        "id": delivery.id,
        "webhook_id": delivery.subscription_id,
        "event_id": None if test else delivery.event_id,
        "order_id": None if test else delivery.order_id,
        "topic": delivery.topic,
        "test": test,
        "state": delivery.state.value,
        "body": delivery.body,
        "attempts": [_from_attempt(attempt) for attempt in delivery.attempts],
        "created_at": times.text(delivery.created_at),
        "updated_at": times.text(delivery.updated_at),
    }


def _from_attempt(attempt: Attempt) -> wire.Attempt:
    return {
        "at": times.text(attempt.at),
        "ms": round(attempt.seconds * 1000),
        "status": attempt.status,
        "response": attempt.response,
        "error": attempt.error,
    }


def from_range(range_: Range) -> wire.Replay:
    return {"id": range_.id, "from": times.text(range_.first), "until": times.text(range_.end)}


def from_task(job: Job) -> wire.Task:
    payload = {name: value for name, value in json.loads(job.payload).items() if name != KEY}
    return {
        "id": job.id,
        "kind": job.kind,
        "order_id": job.order_id,
        "payload": payload,
        "attempts": job.attempts,
        "error": job.error,
        "failed_at": times.maybe_text(job.failed_at),
    }
