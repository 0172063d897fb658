"""An order as its buyer sees it (contract 2.5): the order, and within it the one order of its seller. Pure.

What both see alike is read off the seller's picture, so that the two cannot come apart.
"""

from collections.abc import Mapping, Sequence

from app.core import money, times
from app.core import units as u
from app.core.ledger import Ledger
from app.core.model import Line, Order
from app.core.ports import Query
from app.dialects.convictional import billing, bodies, chain, mapping, versions, wire, wire_buyer
from app.dialects.convictional.chain import NAME, Item
from app.web.currency import number


def names(order: Order) -> frozenset[str]:
    """The ids of the order, which are those of its seller order, too."""
    return frozenset({order.id, order.keys.get(NAME, order.id)})


def to_query(asked: bodies.PageQuery) -> Query:
    """One more than the page holds: whether there is one tells whether there is a next page."""
    return Query(offset=asked.page * asked.limit, limit=asked.limit + 1)


def from_order(ledger: Ledger) -> wire_buyer.BuyerOrder:
    order, seen = ledger.order, mapping.from_order(ledger, versions.NEWEST)
    return {
        "id": seen["_id"],
        "buyerReference": seen["buyerOrderCode"],
        "customerReference": "",
        "customerEmail": seen["buyerEmail"],
        "orderedDate": seen["buyerCreatedDate"],
        "created": seen["created"],
        "updated": seen["updated"],
        "address": seen["shippingAddress"],
        "items": [_ordered(ledger, line, n) for n, line in enumerate(order.lines, start=1)],
        "itemsNotAccepted": [],
        "fulfillments": _fulfillments(ledger, {line.id: _id(line) for line in order.lines}),
        "sellerOrders": [_seller_order(ledger, seen)],
        "metafields": [],
        "attributes": seen["attributes"],
        "quoteId": "",
        "isTest": False,
        "note": seen["note"],
    }


def from_page(found: Sequence[Ledger], asked: bodies.PageQuery, pages: Mapping[int, str]) -> wire_buyer.BuyerOrders:
    """`pages` are the URLs of the pages around this one, by number."""
    more = len(found) > asked.limit
    return {
        "data": [from_order(ledger) for ledger in found[: asked.limit]],
        "hasMore": more,
        "next": pages[asked.page + 1] if more else "",
        "previous": pages[asked.page - 1] if asked.page else "",
    }


def from_seller_order(ledger: Ledger) -> wire_buyer.SellerOrder:
    return _seller_order(ledger, mapping.from_order(ledger, versions.NEWEST))


def _seller_order(ledger: Ledger, seen: wire.Order) -> wire_buyer.SellerOrder:
    order, invoice = ledger.order, seen["invoice"]
    return {
        "id": seen["_id"],
        "buyerOrderId": seen["_id"],
        "buyerReference": seen["buyerOrderCode"],
        "sellerReference": seen["sellerOrderCode"],
        "customerReference": "",
        "companyId": seen["sellerCompanyId"],
        "address": seen["shippingAddress"],
        "baseCurrency": seen["currency"],
        "packingSlipUrl": seen["packingSlip"],
        "invoiceId": invoice["_id"] if invoice else "",
        "hasCancellations": seen["hasCancellations"],
        "posted": seen["posted"],
        "postedDate": seen["postedDate"],
        "fulfilled": seen["shipped"],
        "fulfilledDate": seen["shippedDate"],
        "invoiced": seen["billed"],
        "invoicedDate": seen["billedDate"],
        "refunded": billing.is_refunded(order),
        "refundedDate": billing.refunded_at(order),
        "flagged": False,
        "flaggedDate": None,
        "flaggedMessage": "",
        "flaggedAt": None,
        "created": seen["created"],
        "updated": seen["updated"],
        "attributes": seen["attributes"],
        "isTest": False,
        "fulfillments": _fulfillments(ledger, chain.tails(ledger)),
        "items": [_item(ledger, item) for item in chain.items(ledger)],
    }


def from_item(ledger: Ledger, item_id: str) -> wire_buyer.SellerOrderItem:
    return _item(ledger, chain.named(ledger, item_id))


def _item(ledger: Ledger, item: Item) -> wire_buyer.SellerOrderItem:
    seen, price = mapping.shown_item(ledger, item), _price(ledger, item.line)
    return {
        "id": seen["_id"],
        "variantId": seen["sellerVariantCode"],
        "buyerReference": seen["sellerItemCode"],
        "quantity": seen["quantity"],
        "basePrice": price,
        "retailPrice": price,
        "cancelled": seen["cancelled"],
        "cancelledReason": seen["cancelledReason"],
        "cancelledBy": seen["cancelledBy"],
        "cancelledDate": seen["cancelledDate"],
    }


def _ordered(ledger: Ledger, line: Line, ordinal: int) -> wire_buyer.BuyerItem:
    order = ledger.order
    return {
        "id": _id(line),
        "productId": "",
        "variantId": line.sku,
        "buyerVariantCode": "",
        "buyerReference": str(ordinal),
        "sellerOrderId": order.keys.get(NAME, order.id),
        "sellerOrderItemId": _id(line),
        "quantity": line.quantity,
        "retailPrice": _price(ledger, line),
    }


def _id(line: Line) -> str:
    return line.keys.get(NAME, line.id)


def _price(ledger: Ledger, line: Line) -> float:
    order = ledger.order
    return number(money.line_gross(line, 1, tax_included=order.prices_include_tax), order.currency)


def _fulfillments(ledger: Ledger, items: Mapping[str, str]) -> list[wire_buyer.BuyerFulfillment]:
    """`items` are the ids that their parts go by, by line."""
    ordinals = {line_id: n for n, line_id in mapping.ordinals(ledger).items()}
    return [
        {
            "id": made.id,
            "posted": True,
            "postedDate": times.text(made.created_at),
            "created": times.text(made.created_at),
            "updated": times.text(made.updated_at),
            "carrier": made.carrier or "",
            "trackingCode": made.tracking_code or "",
            "trackingUrls": list(made.tracking_urls),
            "items": [
                {
                    "id": f"{made.id}.{ordinals[part.line_id]}",
                    "orderItemId": items[part.line_id],
                    "quantity": u.count(part.units),
                }
                for part in made.items
            ],
        }
        for made in mapping.standing(ledger.order.fulfillments)
    ]


def from_refund(made: wire.Refund) -> wire_buyer.BuyerRefund:
    return {
        "id": made["_id"],
        "created": made["created"],
        "refundedBy": made["refundedBy"],
        "currency": made["currency"],
        "amount": made["amount"],
        "fees": made["fees"],
        "items": made["items"],
    }
