"""What the contract shows and says of webhooks and tasks."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import ids
from app.core.model import Actor, Party
from app.core.outbox import Attempt, Delivery, DeliveryState, Job, Subscription
from app.dialects.native import mapping_webhooks as mapping
from app.dialects.native.hooks import HOOKS
from app.service import outgoing, samples
from app.service.deliveries import Range

_TENANT_ID = "5f1d2c3b4a59"
_AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
_SECRET = "whsec_c2hvd24gb25seSBoZXJlLCB3aGVuIGl0IGlzIG1hZGU="  # noqa: S105 - says that it is none
_ADD = {"url": "https://example.com/hooks", "dialect": "native", "topics": ["cancellation.accepted"]}
_RANGE = {"from": "2026-01-31T00:00:00.000Z", "until": "2026-01-31T12:00:00.000Z"}


_TOPICS = {"dialect": "native", "topics": ["cancellation.accepted", "order.fulfilled"], "client_secret": False}


def _subscription() -> Subscription:
    return Subscription(
        tenant_id=_TENANT_ID,
        id=ids.uuid7(_AT, 0x51),
        dialect="native",
        credential_id="9e8d7c6b5a493827",
        url=str(_ADD["url"]),
        topics=("cancellation.accepted",),
        created_at=_AT,
        updated_at=_AT,
    )


def _sent(*, test: bool = False) -> Delivery:
    """As it stands before the first try."""
    actor = Actor("9e8d7c6b5a493827", "native", Party.SELLER)
    order_id, event_id = ids.order_id(_AT, 1 << 40), ids.uuid7(_AT, 0x52)
    occasion = next(samples.occasions(_TENANT_ID, order_id, event_id, actor, _AT))
    [made] = outgoing.messages(occasion, _subscription(), HOOKS, HOOKS.drafts(occasion), _AT)
    return replace(made, event_id=made.id) if test else made


def _tried(delivery: Delivery, state: DeliveryState, *attempts: Attempt) -> Delivery:
    return replace(delivery, state=state, attempts=attempts, updated_at=attempts[-1].at)


def _task() -> Job:
    case_id = ids.child(ids.order_id(_AT, 1 << 40), 7)
    return Job(
        tenant_id=_TENANT_ID,
        id=ids.uuid7(_AT, 0x53),
        order_id=ids.order_id(_AT, 1 << 40),
        kind="warehouse",
        payload=json.dumps({"case_id": case_id, "location_id": ids.uuid7(_AT, 0x2B1C)}),
        due_at=_AT,
        attempts=12,
        failed_at=_AT + timedelta(hours=6),
        error="ConnectionRefusedError",
    )


def _examples() -> Mapping[str, Any]:
    webhook, sent, task = mapping.from_subscription(_subscription()), _sent(), _task()
    refused = Attempt(at=_AT, seconds=0.031, status=503, response="Service Unavailable")
    taken = Attempt(at=_AT + timedelta(seconds=5), seconds=0.012, status=200, response="{}")
    delivered = mapping.from_delivery(_tried(sent, DeliveryState.DELIVERED, refused, taken))
    pending = {**delivered, "state": "pending"}
    given_up = mapping.from_delivery(_tried(sent, DeliveryState.FAILED, refused))
    replay = Range(ids.uuid7(_AT, 0x54), _AT - timedelta(hours=12), _AT)
    return {
        "add_webhook": {"request": _ADD, "answer": {**webhook, "secret": _SECRET}},
        "list_webhooks": {"answer": {"webhooks": [webhook]}},
        "get_webhook": {"answer": webhook},
        "edit_webhook": {"request": {"rotate_secret": True}, "answer": {**webhook, "secret": _SECRET}},
        "remove_webhook": {"answer": webhook},
        "list_topics": {"answer": {"dialects": [_TOPICS]}},
        "list_deliveries": {"answer": {"deliveries": [delivered], "next_cursor": None}},
        "get_delivery": {"answer": delivered},
        "redeliver": {"answer": pending},
        "skip_delivery": {"answer": given_up},
        "replay_events": {"request": _RANGE, "answer": mapping.from_range(replay)},
        "test_webhook": {
            "request": {"topic": "cancellation.accepted"},
            "answer": mapping.from_delivery(_sent(test=True)),
        },
        "list_tasks": {"answer": {"tasks": [mapping.from_task(task)], "next_cursor": None}},
        "retry_task": {"answer": {"id": task.id}},
    }


EXAMPLES: Mapping[str, Any] = _examples()

PARAMETERS: Mapping[str, str] = {
    "webhook_id": "The id of a webhook.",
    "delivery_id": "The id of a delivery of this webhook.",
    "task_id": "The id of a task that was set aside.",
    "dialect": "Only those in the words of this dialect.",
}
