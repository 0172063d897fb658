"""HappyColis' webhooks (contract 4): whole snapshots in an envelope, signed with the client's secret."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

import msgspec

from app.core import times
from app.dialects.happycolis import snapshots, topics
from app.service.hooks import ANY_TEXT, Draft, Envelope, Hooks, Occasion, Outgoing

SIGNATURE = "x-happycolis-webhook-signature"
_MINUTE = 60.0
_HOUR = 60 * _MINUTE


class HappyColisHooks(Hooks):
    topics = topics.ALL
    # Ours. The partner never tries again: its queue stays blocked until somebody clears it (4.6). A subscription of
    # ours may be `blocking`, too, and goes on by itself once the receiver does.
    schedule = (
        10.0,
        *(minutes * _MINUTE for minutes in (1, 5, 15, 30)),
        *(hours * _HOUR for hours in (1, 2, 4, 8)),
        *[12 * _HOUR] * 4,
    )
    disable_after = sum(schedule)
    client_secret = True
    secret_form = ANY_TEXT

    def drafts(self, occasion: Occasion) -> Sequence[Draft]:
        """4.3: first what happened to each delivery order, then how the order ended; but the order begins first."""
        event, ledger = occasion.event, occasion.ledger
        first, last = topics.of_order(event, ledger)
        between = [
            Draft(topic, snapshots.of_delivery_order(ledger, allocation))
            for allocation in ledger.order.allocations
            for topic in topics.of_allocation(event, ledger, allocation)
        ]
        order = snapshots.of_order(ledger) if first or last else None
        return [*(Draft(topic, order) for topic in first), *between, *(Draft(topic, order) for topic in last)]

    def body(self, draft: Draft, envelope: Envelope) -> bytes:
        """4.5: as `JSON.stringify({header, body})` writes it, compact and with `header` first."""
        header = {
            "organizationId": envelope.tenant_id,
            "messageId": envelope.id,
            "webhookId": envelope.subscription.id,
            "type": draft.topic,
            "date": times.text(envelope.at),
        }
        return msgspec.json.encode({"header": header, "body": draft.content})

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """One signature: with two secrets in force that of the newer one."""
        digest = hmac.digest(outgoing.secrets[0].encode(), outgoing.body, hashlib.sha256)
        return {"Content-Type": "application/json", SIGNATURE: base64.b64encode(digest).decode()}


HOOKS = HappyColisHooks()
