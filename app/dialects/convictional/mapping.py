"""Convictional's shapes to commands and back. Pure; looks at no order to decide anything."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.core import ids, money, people, times
from app.core import units as u
from app.core.ledger import Ledger
from app.core.messages import Cancel, Fulfil, FulfilItem, Target
from app.core.model import Address, Fulfillment, FulfillmentState, LineUnits, PaymentStatus, Reason, Scope
from app.core.ports import Query, Ref
from app.dialects.convictional import billing, bodies, chain, versions, wire
from app.dialects.convictional.chain import NAME, Item
from app.web import currency

_SECONDS_PER_HOUR = 3600


def to_cancel(body: bodies.OrderCancellation) -> Cancel:
    """Contract 1.4, 3.4."""
    return Cancel(scope=Scope.REST if body.unfulfilled_only else Scope.ORDER, reason=_reason(body.reason))


def to_item_cancel(item_id: str, body: bodies.OrderItemCancellation) -> Cancel:
    """Contract 1.4, 3.3. `newQuantity` units stay: what goes follows from the order, so the core is told what stays."""
    target = Target(ref=item_id, keep=body.new_quantity, chained=True, field="newQuantity")
    return Cancel(scope=Scope.LINES, targets=(target,), reason=_reason(body.reason))


def _reason(text: str) -> Reason:
    return Reason(text=text or None)


def to_fulfil(body: bodies.FulfillmentIn, lines: Mapping[int, str]) -> Fulfil:
    """Contract 2.4. `lines` are the order's by ordinal, for items that name no sku."""
    return Fulfil(
        items=tuple(
            FulfilItem(
                sku=item.sku,
                line=None if item.sku is not None else lines.get(item.id or 0, ""),
                quantity=item.quantity,
                field=f"items.{n}",
            )
            for n, item in enumerate(body.items or [])
        ),
        carrier=body.carrier,
        tracking_code=body.tracking_code,
        tracking_urls=tuple(body.tracking_urls or ()),
    )


def needs_ordinals(body: bodies.FulfillmentIn) -> bool:
    return any(item.sku is None for item in body.items or ())


def ordinals(ledger: Ledger) -> dict[int, str]:
    return {n: line.id for n, line in enumerate(ledger.order.lines, start=1)}


def to_query(asked: bodies.OrdersQuery) -> Query:
    """Contract 1.3. Refunded: some money went back, whoever gave it."""
    given = set(people.REFUNDED)
    return Query(
        payments=None if asked.refunded is None else [s for s in PaymentStatus if (s in given) is asked.refunded],
        extra=None if asked.billed is None else (NAME, billing.BILLED_AT, asked.billed),
        opened=asked.posted,
        shipped=asked.shipped,
        number=asked.buyer_order_code,
        refs=None if asked.seller_order_code is None else _by_core_id(asked.seller_order_code),
        created_from=asked.created_min,
        changed_from=asked.updated,
        offset=asked.page * asked.limit,
        limit=asked.limit,
    )


def _by_core_id(text: str) -> list[Ref]:
    return [Ref(text, NAME, "order", "")] if ids.looks_like_ours(text) else []


def from_order(ledger: Ledger, version: str) -> wire.Order:
    order, bill = ledger.order, billing.of(ledger.order)
    shipped_at = _shipped_at(ledger)
    total = currency.number(money.order_goods(order), order.currency)
    shown: wire.Order = {
        "_id": order.keys.get(NAME, order.id),
        "buyerOrderCode": order.number,
        "sellerOrderCode": order.id,
        "buyerCompanyId": "",
        "sellerCompanyId": order.tenant_id,
        "buyerCompanyObjectId": "",
        "sellerCompanyObjectId": order.tenant_id,
        "buyerCreatedDate": times.text(order.placed_at),
        "buyerEmail": order.customer.email or "",
        "note": order.note or "",
        "currency": order.currency,
        "hasCancellations": ledger.has_cancellations,
        "shippingAddress": _address(order.shipping_address),
        "billingAddress": _address(order.billing_address),
        "fillTime": None if shipped_at is None else _hours(order.opened_at or order.created_at, shipped_at),
        "shipTime": 0 if shipped_at is None else _hours(order.created_at, shipped_at),
        "packingSlip": "",
        "custom": [],
        "items": [shown_item(ledger, item) for item in chain.items(ledger)],
        "created": times.text(order.created_at),
        "updated": times.text(order.changed_at),
        "posted": order.opened_at is not None,
        "postedDate": times.maybe_text(order.opened_at),
        "shipped": ledger.shipped,
        "shippedDate": times.maybe_text(shipped_at),
        "billed": bill.at is not None,
        "billedDate": bill.at,
        "invoice": billing.invoice(ledger),
        "fulfillments": _fulfillments(ledger),
        "refunds": [billing.refund(ledger, made) for made in order.refunds],
        "attributes": bill.attributes,
        "totalPrice": total,
        "totalRetailPrice": total,
    }
    return with_old_names(shown) if version == versions.OLDEST else shown


def with_old_names(order: wire.Order) -> wire.Order:
    """Contract 2.1, public docs: what version 2022-03-03 removed, under its old names."""
    return {
        **order,
        "invoiceId": order["invoice"]["_id"] if order["invoice"] else "",
        "code": order["buyerOrderCode"],
        "parentCode": order["sellerOrderCode"],
        "companyId": order["sellerCompanyId"],
        "partner": order["buyerCompanyId"],
        "date": order["buyerCreatedDate"],
        "email": order["buyerEmail"],
        "tags": "",
        "addresses": None,
        "charge": None,
    }


def from_item(ledger: Ledger, item_id: str) -> wire.OrderItem:
    return shown_item(ledger, chain.named(ledger, item_id))


def shown_item(ledger: Ledger, item: Item) -> wire.OrderItem:
    ended = item.ended
    price = money.line_gross(item.line, item.quantity, tax_included=ledger.order.prices_include_tax)
    shown = currency.number(price, ledger.order.currency)
    return {
        "_id": item.id,
        "sellerItemCode": str(item.ordinal),
        "sellerVariantCode": item.line.sku,
        "buyerVariantCode": "",
        "quantity": item.quantity,
        "cancelled": ended is not None,
        "cancelledReason": ended.reason.shown or "" if ended else "",
        "cancelledBy": chain.by(ended.case.actor.party) if ended else "",
        "cancelledDate": times.text(chain.accepted_at(ended)) if ended else None,
        "extendedPrice": shown,
        "extendedRetailPrice": shown,
    }


def _fulfillments(ledger: Ledger) -> list[wire.Fulfillment]:
    """A void one is left out: its units are open again, and clients add up what they see (2.2)."""
    tails = chain.tails(ledger)
    codes = {line_id: str(n) for n, line_id in ordinals(ledger).items()}
    return [
        {
            "_id": made.id,
            "buyerFulfillmentCode": "",
            "sellerFulfillmentCode": made.id,
            "carrier": made.carrier or "",
            "trackingCode": made.tracking_code or "",
            "trackingUrls": list(made.tracking_urls),
            "items": [
                _fulfilled(ledger, made, part, tails[part.line_id], codes[part.line_id]) for part in made.items
            ],
        }
        for made in standing(ledger.order.fulfillments)
    ]  # fmt: skip


def standing(fulfillments: Iterable[Fulfillment]) -> list[Fulfillment]:
    return [made for made in fulfillments if made.state is not FulfillmentState.VOID]


def _fulfilled(
    ledger: Ledger, made: Fulfillment, part: LineUnits, item_id: str, code: str
) -> wire.FulfillmentItem:  # fmt: skip
    order, line = ledger.order, ledger.positions[part.line_id].line
    price = currency.number(money.line_gross(line, 1, tax_included=order.prices_include_tax), order.currency)
    return {
        "_id": f"{made.id}.{code}",
        "orderItemId": item_id,
        "quantity": u.count(part.units),
        "sku": line.sku,
        "buyerItemCode": "",
        "sellerItemCode": code,
        "buyerVariantCode": "",
        "sellerVariantCode": line.sku,
        "buyerProductCode": "",
        "sellerProductCode": "",
        "type": "",
        "title": line.title,
        "price": price,
        "retailPrice": price,
        "barcode": "",
        "barcodeType": "",
        "weight": 0,
        "custom": [],
    }


def from_fulfilling(ledger: Ledger) -> wire.FulfillmentCreated:
    return {"id": ledger.order.fulfillments[-1].id}


def _shipped_at(ledger: Ledger) -> datetime | None:
    """When nothing was left to fulfill: by the last shipment, or by cancelling what was left (3.3, inferred)."""
    if not ledger.shipped:
        return None
    accepted = (link for line in ledger.order.lines for link in ledger.acceptances(line.id))
    shipments = (made.created_at for made in standing(ledger.order.fulfillments))
    return max((*shipments, *(chain.accepted_at(link) for link in accepted)))


def _address(address: Address | None) -> wire.Address | None:
    if address is None:
        return None
    return {
        "name": address.name or "",
        "company": address.company or "",
        "addressOne": address.address1 or "",
        "addressTwo": address.address2 or "",
        "city": address.city or "",
        "state": address.province or "",
        "zip": address.zip or "",
        "country": address.country_code or "",
    }


def _hours(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds() / _SECONDS_PER_HOUR, 4)
