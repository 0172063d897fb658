"""Afosto's webhooks (contract 4.4): the order as it is, without what is still to be done, signed in hexadecimal."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.core.ledger import Ledger
from app.core.model import FulfillmentState
from app.core.ports import StoredEvent
from app.dialects.afosto import picture
from app.dialects.afosto.picture import OrderPicture
from app.service.hooks import ANY_TEXT, Draft, Envelope, Hooks, Occasion, Outgoing

OPENED, UPDATED, CLOSED = "ORDER_OPENED", "ORDER_UPDATED", "ORDER_CLOSED"
IN_TRANSIT, DELIVERED = "IN_TRANSIT", "DELIVERED"
SIGNATURE = "X-Afosto-Hmac-Sha256"
# Nothing that a message shows changes with them.
_SILENT = frozenset(
    {
        "mail.requested",
        "cancellation.matched",
        "cancellation.forwarded",
        "cancellation.overdue",
        "order.archived",
        "order.unarchived",
    }
)
_MINUTE = 60.0
_HOUR = 60 * _MINUTE


class AfostoHooks(Hooks):
    topics = (OPENED, UPDATED, CLOSED, IN_TRANSIT, DELIVERED)
    # Ours: how often the partner tries is not public.
    schedule = (
        10.0,
        *(minutes * _MINUTE for minutes in (1, 5, 15, 30)),
        *(hours * _HOUR for hours in (1, 2, 4, 8)),
        *[12 * _HOUR] * 4,
    )
    disable_after = sum(schedule)
    client_secret = False
    secret_form = ANY_TEXT

    def drafts(self, occasion: Occasion) -> Sequence[Draft]:
        """First what happened, then that the order is done with, where it is."""
        topics = _topics(occasion.event, occasion.ledger)
        order = of_order(occasion.ledger) if topics else None
        return [Draft(topic, order) for topic in topics]

    def body(self, draft: Draft, envelope: Envelope) -> bytes:
        return msgspec.json.encode(
            {
                "event": draft.topic,
                "data": draft.content,
                "entity_id": draft.content["id"],
                "entity_type": "ORDER",
                "message_id": envelope.id,
                "triggered_at": picture.milliseconds(envelope.at),
            }
        )

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """One signature: with two secrets in force that of the newer one."""
        return {
            "Content-Type": "application/json",
            SIGNATURE: hmac.digest(outgoing.secrets[0].encode(), outgoing.body, hashlib.sha256).hex(),
            "X-Afosto-Endpoint": outgoing.subscription.id,
            "X-Afosto-Tenant": outgoing.tenant_id,
        }


def _topics(event: StoredEvent, ledger: Ledger) -> list[str]:
    if event.type in _SILENT:
        return []
    before, status = json.loads(event.before), picture.status(ledger)
    started = before.get("state", "draft") == "draft"
    if started and status == "CONCEPT" and not before:
        return []  # there is no word for an order that is only written down
    first = OPENED if started and status == "OPEN" else _moved(event, ledger) or UPDATED
    return [first, CLOSED] if status == "CLOSED" and _closes(event, before, ledger) else [first]


def _moved(event: StoredEvent, ledger: Ledger) -> str | None:
    shipments = ledger.order.fulfillments
    if any(made.version == event.version for made in shipments):
        return IN_TRANSIT
    if event.type == "fulfillment.delivered" and any(f.state is FulfillmentState.DELIVERED for f in shipments):
        return DELIVERED
    return None


def _closes(event: StoredEvent, before: Mapping[str, Any], ledger: Ledger) -> bool:
    """It was not completed before, or the last of its steps was taken now."""
    taken = any(a.steps[-1].version == event.version for a in ledger.order.adjustments)
    return before.get("state") != "completed" or taken


def of_order(ledger: Ledger) -> dict[str, Any]:
    """4.4: without `actions` and `fees`."""
    shown = OrderPicture(ledger)
    names = ("id", "number", "status", "progress", "currency", "total", "subtotal", "total_excluding_vat", "vat")
    more = ("is_cancelled", "is_including_vat", "customer", "billing", "delivery", "phone_number", "meta_data")
    times = ("created_at", "updated_at")
    return {
        **{name: getattr(shown, name) for name in (*names, *more, *times)},
        "items": [_row(row) for row in shown.items],
    }


def _row(row: Any) -> dict[str, Any]:
    names = ("ids", "quantity", "sku", "label", "type", "is_contra", "reason", "subtotal", "total", "vat", "details")
    return {name: getattr(row, name) for name in names}


HOOKS = AfostoHooks()
