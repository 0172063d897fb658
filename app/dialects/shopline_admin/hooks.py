"""Shopline Admin's webhooks: topics by what happened, signed with the subscription's secret."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

import msgspec

from app.dialects.shopline_admin import mapping
from app.service.hooks import ANY_TEXT, Draft, Envelope, Hooks, Occasion, Outgoing

CREATED, UPDATED, CANCELLED = "order.created", "order.updated", "order.cancelled"
TOPIC, SIGNATURE = "X-Shopline-Admin-Topic", "X-Shopline-Admin-Signature"
_MINUTE = 60.0
_HOUR = 60 * _MINUTE


class ShoplineAdminHooks(Hooks):
    topics = (CREATED, UPDATED, CANCELLED)
    schedule = (1 * _MINUTE, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, *[8 * _HOUR] * 5)
    disable_after = sum(schedule)
    client_secret = False
    secret_form = ANY_TEXT

    def drafts(self, occasion: Occasion) -> Sequence[Draft]:
        before, order = json.loads(occasion.event.before), mapping.from_order(occasion.ledger)
        topics = [UPDATED if before else CREATED]
        if occasion.ledger.cancelled and not before.get("cancelled"):
            topics.append(CANCELLED)
        return [Draft(topic, order) for topic in topics]

    def body(self, draft: Draft, envelope: Envelope) -> bytes:
        return msgspec.json.encode({"id": envelope.id, "topic": draft.topic, "order": draft.content})

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """One signature: with two secrets in force that of the newer one."""
        signature = hmac.new(outgoing.secrets[0].encode(), outgoing.body, hashlib.sha256).hexdigest()
        return {"Content-Type": "application/json", TOPIC: outgoing.topic, SIGNATURE: signature}


HOOKS = ShoplineAdminHooks()
