"""Shopline's webhooks (contract 4.5): topics by what the order shows, signed with the client secret."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from app.core.ledger import Ledger
from app.core.ports import StoredEvent
from app.dialects.shopline import goods, picture, statuses
from app.service.hooks import ANY_TEXT, Draft, Envelope, Hooks, Occasion, Outgoing

CREATE, UPDATE, PAID, FULFILLED, CANCELLED, DELETE, PARTIALLY_REFUNDED = (
    f"orders/{what}" for what in ("create", "update", "paid", "fulfilled", "cancelled", "delete", "partially_refunded")
)
SHIPMENT = "fulfillments/create"
API_VERSION = "2022-01"
SHOP_DOMAIN = "shop_domain"
"""The setting of a subscription for stores whose receivers know them by a domain."""

_MINUTE = 60.0
_HOUR = 60 * _MINUTE


class ShoplineHooks(Hooks):
    # Nothing here deletes an order: a subscription to that is taken, and stays silent.
    topics = (CREATE, UPDATE, PAID, FULFILLED, CANCELLED, DELETE, PARTIALLY_REFUNDED, SHIPMENT)
    # Public docs.
    schedule = (*(minutes * _MINUTE for minutes in (1, 2, 2, 5, 20, 30)), 1 * _HOUR, 2 * _HOUR, *[4 * _HOUR] * 11)
    disable_after = sum(schedule)
    client_secret = True
    secret_form = ANY_TEXT

    def drafts(self, occasion: Occasion) -> Sequence[Draft]:
        ledger, event = occasion.ledger, occasion.event
        order = {"order": picture.from_order(ledger)}
        return [
            *(
                Draft(SHIPMENT, {"fulfillment": goods.from_fulfillment(ledger, made)})
                for made in ledger.order.fulfillments
                if made.version == event.version
            ),
            *(Draft(topic, order) for topic in _topics(event, ledger)),
        ]

    def body(self, draft: Draft, envelope: Envelope) -> bytes:
        return msgspec.json.encode(draft.content)

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """One signature: with two secrets in force that of the newer one."""
        subscription = outgoing.subscription
        digest = hmac.digest(outgoing.secrets[0].encode(), outgoing.body, hashlib.sha256)
        return {
            "Content-Type": "application/json",
            "X-Shoplazza-Topic": outgoing.topic,
            "X-Shoplazza-Hmac-Sha256": base64.b64encode(digest).decode(),
            # Without a domain of its own a store is its tenant's id: no receiver may take another's host for it.
            "X-Shoplazza-Shop-Domain": str(subscription.settings.get(SHOP_DOMAIN, outgoing.tenant_id)),
            "X-Shoplazza-Api-Version": API_VERSION,
            "X-Shoplazza-Deduplication-ID": outgoing.id,
        }


def _topics(event: StoredEvent, ledger: Ledger) -> Iterator[str]:
    """By the words that the order shows now and did not show before (inferred: when a topic fires is not public)."""
    before, facts = json.loads(event.before), statuses.facts_of(ledger)
    if not before:
        yield CREATE
        # Payment comes with the order; nothing changes it afterwards.
        if statuses.shown(statuses.FINANCIAL, facts) == "paid":
            yield PAID
    elif ledger.order.facts_at is None:
        yield UPDATE
    if before.get("state") != facts["states"].value and statuses.shown(statuses.STATUS, facts) == "finished":
        yield FULFILLED
    if not before.get("cancelled") and facts["cancelled"]:
        yield CANCELLED
    # A name that only receivers in the wild know (inferred); for a full refund there is none.
    refunded = event.type == "order.refunded" and statuses.shown(statuses.FINANCIAL, facts) == "partially_refunded"
    if refunded:
        yield PARTIALLY_REFUNDED


HOOKS = ShoplineHooks()
