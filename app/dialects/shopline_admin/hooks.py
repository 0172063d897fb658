"""SHOPLINE's webhooks (contract 4.5): topics by what the order shows, the bare order, signed with the app's secret."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from app.core.ledger import Ledger
from app.core.model import PaymentStatus
from app.core.ports import StoredEvent
from app.dialects.shopline_admin import bodies, goods, picture, refunds, statuses
from app.service.hooks import ANY_TEXT, Draft, Envelope, Hooks, Occasion, Outgoing

API_VERSION = "api_version"
"""The setting of a subscription: which version it was made for."""
SHOP_DOMAIN = "shop_domain"
OLDEST = "v20240601"
_MINUTE = 60.0
_HOUR = 60 * _MINUTE


class ShoplineAdminHooks(Hooks):
    # Nothing here deletes an order, and a refund never changes: subscriptions to these stay silent.
    topics = bodies.TOPICS
    # Ours: the partner's is not public (gap 5).
    schedule = (*(minutes * _MINUTE for minutes in (1, 5, 15, 30)), 1 * _HOUR, 2 * _HOUR, *[6 * _HOUR] * 8)
    disable_after = sum(schedule)
    client_secret = True
    secret_form = ANY_TEXT

    def drafts(self, occasion: Occasion) -> Sequence[Draft]:
        ledger, event = occasion.ledger, occasion.event
        order = picture.to_send(ledger)
        return [
            *(
                Draft("refunds/create", refund)
                for made, refund in zip(ledger.order.refunds, refunds.all_of(ledger), strict=True)
                if made.version == event.version
            ),
            *_shipments(event, ledger),
            *(Draft(topic, order) for topic in _topics(event, ledger)),
        ]

    def body(self, draft: Draft, envelope: Envelope) -> bytes:
        return msgspec.json.encode(draft.content)

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """In lower-case hex, as the vendor's own SDK compares it; its samples show base64 (4.5).

        One signature: with two secrets in force that of the newer one.
        """
        settings = outgoing.subscription.settings
        return {
            "Content-Type": "application/json",
            "X-Shopline-Topic": outgoing.topic,
            "X-Shopline-Hmac-Sha256": hmac.new(outgoing.secrets[0].encode(), outgoing.body, hashlib.sha256).hexdigest(),
            # Without a domain of its own a store is its tenant's id: no receiver may take another's host for it.
            "X-Shopline-Shop-Domain": str(settings.get(SHOP_DOMAIN, outgoing.tenant_id)),
            "X-Shopline-Shop-Id": outgoing.tenant_id,
            "X-Shopline-Merchant-Id": outgoing.tenant_id,
            "X-Shopline-API-Version": str(settings.get(API_VERSION, OLDEST)),
            "X-Shopline-Webhook-Id": outgoing.id,
        }


def _shipments(event: StoredEvent, ledger: Ledger) -> Iterator[Draft]:
    for shipment in ledger.order.fulfillments:
        if shipment.version == event.version:
            yield Draft("fulfillments/create", goods.from_fulfillment(ledger, shipment))
        elif event.type.startswith("fulfillment.") and shipment.updated_at == ledger.order.updated_at:
            yield Draft("fulfillments/update", goods.from_fulfillment(ledger, shipment))


def _topics(event: StoredEvent, ledger: Ledger) -> Iterator[str]:
    """By the words that the order shows now and did not show before (inferred: when a topic fires is not public)."""
    before, shown = json.loads(event.before), statuses.fulfillment(ledger)
    if not before:
        yield "orders/create"
        # Payment comes with the order; nothing changes it afterwards.
        if ledger.order.payment.status is PaymentStatus.PAID:
            yield "orders/paid"
    elif ledger.order.facts_at is None:  # else a warehouse was asked, which nothing here shows
        yield "orders/updated"
    if before.get("state") != ledger.order.state.value and shown == "fulfilled" and not ledger.cancelled:
        yield "orders/fulfilled"
    if event.type == "order.fulfilled" and shown == "partial":
        yield "orders/partially_fulfilled"
    if event.type == "order.updated":
        yield "orders/edited"
    if ledger.cancelled and not before.get("cancelled"):
        yield "orders/cancelled"


HOOKS = ShoplineAdminHooks()
