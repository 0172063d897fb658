"""Events with the order as of each, and what a dialect makes of them; no test and no fixture is here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.core.ledger import Ledger
from app.core.messages import Change, Event
from app.core.model import Actor, Party
from app.core.outbox import Subscription
from app.core.ports import StoredEvent
from app.core.write import summary
from app.service.hooks import Envelope, Hooks, Occasion, Outgoing

EVENT_ID = "01a1fc9b-5083-7b1e-9fce-7941a2d5c2a8"
MESSAGE_ID = "01a1fc9b-5090-7aaa-8bbb-0123456789ab"
AT = datetime(2026, 3, 1, 10, 30, 0, 250_000, tzinfo=UTC)
_ACTOR = Actor("credential-1", "native", Party.SELLER)


def occasion(change: Change) -> Occasion:
    event = change.event
    assert event is not None
    stored = StoredEvent(
        id=EVENT_ID,
        order_id=event.order_id,
        version=event.version,
        type=event.type,
        at=event.at,
        credential_id=event.actor.credential_id,
        dialect=event.actor.dialect,
        party=event.actor.party.value,
        case_id=event.case_id,
        before=json.dumps(event.before),
        after=json.dumps(event.after),
    )
    return Occasion(stored, change.ledger)


def created(ledger: Ledger) -> Change:
    """As when the order came to be."""
    event = Event("order.created", ledger.order.id, 1, AT, _ACTOR, None, {}, summary(ledger, ledger.positions))
    return Change(ledger=ledger, event=event, new=True)


def subscription(dialect: str, **facts: Any) -> Subscription:
    given = {"id": "hook-1", "credential_id": "credential-1", "url": "https://example.com/hook", **facts}
    return Subscription(tenant_id="tenant-1", dialect=dialect, created_at=AT, updated_at=AT, **given)


@dataclass(frozen=True)
class Message:
    topic: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def content(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Mailbox:
    """Makes messages as the worker does, for one subscription and with these secrets in force, newest first."""

    hooks: Hooks
    subscription: Subscription
    secrets: tuple[str, ...]
    at: datetime = AT

    def messages(self, change: Change) -> list[Message]:
        return [self._message(draft) for draft in self.hooks.drafts(occasion(change))]

    def topics(self, change: Change) -> list[str]:
        return [draft.topic for draft in self.hooks.drafts(occasion(change))]

    def _message(self, draft: Any) -> Message:
        envelope = Envelope(id=MESSAGE_ID, tenant_id="tenant-1", at=AT, subscription=self.subscription)
        body = self.hooks.body(draft, envelope)
        return Message(draft.topic, body, self.headers(draft.topic, body))

    def headers(self, topic: str, body: bytes) -> Mapping[str, str]:
        return self.hooks.headers(
            Outgoing(
                id=MESSAGE_ID,
                topic=topic,
                body=body,
                secrets=self.secrets,
                at=self.at,
                tenant_id="tenant-1",
                subscription=self.subscription,
            )
        )
