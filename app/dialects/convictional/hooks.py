"""Convictional's webhooks (contract 4.5): what was cancelled or fulfilled, signed with every secret in force."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import msgspec

from app.core.ledger import Ledger
from app.dialects.convictional import mapping, versions
from app.service.hooks import ANY_TEXT, Draft, Envelope, Hooks, Occasion, Outgoing

CANCELLED = "order.cancelled"
FULFILLED = "order.fulfilled"

_MINUTE = 60.0
_HOUR = 60 * _MINUTE


class ConvictionalHooks(Hooks):
    topics = (CANCELLED, FULFILLED)
    # Public docs say "more than 3 days"; the steps on the way there are ours (inferred).
    schedule = (
        *(minutes * _MINUTE for minutes in (1, 4, 10, 15, 30)),
        *(hours * _HOUR for hours in (1, 2, 4, 8)),
        *[8 * _HOUR] * 7,
    )
    disable_after = 72 * _HOUR
    client_secret = False
    secret_form = ANY_TEXT

    def drafts(self, occasion: Occasion) -> Sequence[Draft]:
        """One of each at most, whatever the number of items: "one or more lines of an existing order cancelled"."""
        ledger, version = occasion.ledger, occasion.event.version
        topics = [FULFILLED] * _fulfilled(ledger, version) + [CANCELLED] * _cancelled(ledger, version)
        if not topics:
            return ()
        order = mapping.from_order(ledger, versions.NEWEST)
        return [Draft(topic, order) for topic in topics]

    def body(self, draft: Draft, envelope: Envelope) -> bytes:
        """In the version of the format that the subscription was made in; the names of keys are inferred."""
        order = draft.content
        if envelope.subscription.settings.get("version") == versions.OLDEST:
            order = mapping.with_old_names(order)
        return msgspec.json.encode({"id": envelope.id, "event_type": draft.topic, "data": order})

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """The unit of the time is not known (gap 11): seconds, as everywhere. It is that of this very try."""
        at = str(int(outgoing.at.timestamp()))
        signed = f"{at}.".encode() + outgoing.body
        signatures = [hmac.digest(secret.encode(), signed, hashlib.sha256).hex() for secret in outgoing.secrets]
        return {"Content-Type": "application/json", "Convictional-Signature": ",".join([at, *signatures])}


def _fulfilled(ledger: Ledger, version: int) -> bool:
    """Whether a fulfillment was added at that version of the order."""
    return any(made.version == version for made in ledger.order.fulfillments)


def _cancelled(ledger: Ledger, version: int) -> bool:
    """Whether units were cancelled for good at that version: what still waits for a warehouse was not."""
    return any(link.version == version for line in ledger.order.lines for link in ledger.acceptances(line.id))


HOOKS = ConvictionalHooks()
