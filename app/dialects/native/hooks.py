"""The native API's webhooks: a message for each event, in the words of `GET /api/events`, as Standard Webhooks has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

import msgspec

from app.core import times
from app.dialects.native import mapping, mapping_requests
from app.service.hooks import DISABLED, WHSEC, Draft, Envelope, Hooks, Occasion, Outgoing

EVENTS = (
    "order.created",
    "order.opened",
    "order.updated",
    "order.held",
    "order.resumed",
    "order.allocated",
    "order.dispatched",
    "lines.opened",
    "allocation.updated",
    "fulfillment.requested",
    "order.fulfilled",
    "cancellation.requested",
    "cancellation.matched",
    "cancellation.forwarded",
    "cancellation.overdue",
    "cancellation.answered",
    "cancellation.accepted",
    "cancellation.rejected",
    "cancel.approved",
    "cancel.rejected",
    "cancel.restocked",
    "cancel.finished",
    "return.announced",
    "return.rejected",
    "return.received",
    "return.approved",
    "return.restocked",
    "return.finished",
    "fees.credited",
    "order.refunded",
    "mail.requested",
    "fulfillment.delivered",
    "fulfillment.voided",
    "fulfillment.updated",
    "order.archived",
    "order.unarchived",
)
"""Every type of event that the core writes."""

_MINUTE = 60.0
_HOUR = 60 * _MINUTE
_SECRET = "whsec_"  # noqa: S105 - what a secret begins with


class NativeHooks(Hooks):
    topics = (*EVENTS, DISABLED)
    # About three days, each wait about twice the one before it.
    schedule = (
        5.0,
        30.0,
        *(minutes * _MINUTE for minutes in (2, 10, 30)),
        *(hours * _HOUR for hours in (1, 2, 4, 8, 16, 16, 24)),
    )
    disable_after = sum(schedule)
    client_secret = False
    secret_form = WHSEC

    def drafts(self, occasion: Occasion) -> Sequence[Draft]:
        """One for each type: who listens for cancellations hears of one that came along with a refund."""
        event, order = mapping_requests.from_event(occasion.event), mapping.from_order(occasion.ledger)
        types = dict.fromkeys([event["type"], *(each["type"] for each in event.get("also", ()))])
        return [Draft(type_, {"event": event, "order": order}) for type_ in types]

    def body(self, draft: Draft, envelope: Envelope) -> bytes:
        """`content` is the `data` of the message; without an event in it, it came to be with the message."""
        event = draft.content.get("event")
        at = event["at"] if event is not None else times.text(envelope.at)
        return msgspec.json.encode({"type": draft.topic, "timestamp": at, "data": draft.content})

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        at = str(int(outgoing.at.timestamp()))
        signed = f"{outgoing.id}.{at}.".encode() + outgoing.body
        return {
            "Content-Type": "application/json",
            "webhook-id": outgoing.id,
            "webhook-timestamp": at,
            "webhook-signature": " ".join(_signature(secret, signed) for secret in outgoing.secrets),
        }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_SECRET) + "==")  # whether or not it came padded
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


HOOKS = NativeHooks()
