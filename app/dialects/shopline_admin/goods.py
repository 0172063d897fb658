"""Line items, shipping lines and fulfilments as SHOPLINE shows them (contract 2.4 to 2.6)."""

from collections.abc import Mapping, Sequence

from app.core import model, money
from app.core import units as u
from app.core.ledger import Ledger, Position
from app.core.model import FulfillmentState
from app.dialects.shopline_admin import statuses, sums, times, wire_parts

NAME = "shopline_admin"


def id_of(thing: model.Order | model.Line) -> str:
    """The partner's own id, else the core's (2.10: ids are texts)."""
    return thing.keys.get(NAME, thing.id)


def line_items(ledger: Ledger) -> dict[str, wire_parts.LineItem]:
    """By core line id, in order."""
    return {id_: _line_item(ledger.order, held) for id_, held in ledger.positions.items()}


def _line_item(order: model.Order, held: Position) -> wire_parts.LineItem:
    line = held.line
    return {
        "id": id_of(line),
        "product_id": "",
        "variant_id": "",
        "sku": line.sku,
        "title": line.title,
        "name": line.title,
        "variant_title": "",
        "vendor": "",
        "location_id": "",
        "quantity": line.quantity,
        "fulfillable_quantity": u.count(held.open) + u.count(held.pending),
        "price": sums.text(line.unit_price, order.currency),
        "price_set": sums.both(line.unit_price, order.currency),
        "grams": 0.0,
        "fulfillment_service": "",
        "fulfillment_status": statuses.of_line(held),
        "requires_shipping": True,
        "taxable": line.tax_rate > 0,
        "gift_card": False,
        "tax_lines": tax_lines(order, [line]),
        "discount_allocations": [],
        "duties": [],
        "country_code_of_origin": "",
        "harmonized_system_code": "",
    }


def tax_lines(order: model.Order, lines: Sequence[model.Line]) -> list[wire_parts.TaxLine]:
    """One for each rate."""
    taxes: dict[float, int] = {}
    for line in lines:
        if line.tax_rate:
            tax = money.line_tax(line, line.quantity, tax_included=order.prices_include_tax)
            taxes[float(line.tax_rate)] = taxes.get(float(line.tax_rate), 0) + tax
    return [
        {
            "title": "Tax",
            "price": sums.text(tax, order.currency),
            "price_set": sums.both(tax, order.currency),
            "rate": rate,
            "type": "product_tax",
        }
        for rate, tax in taxes.items()
    ]


def shipping_lines(order: model.Order) -> list[wire_parts.ShippingLine]:
    return [_shipping_line(fee, order.currency) for fee in order.fees if fee.kind is model.FeeKind.SHIPPING]


def _shipping_line(fee: model.Fee, currency: str) -> wire_parts.ShippingLine:
    price, price_set = sums.text(fee.amount, currency), sums.both(fee.amount, currency)
    return {
        "title": fee.title,
        "code": "",
        "price": price,
        "price_set": price_set,
        "discounted_price": price,
        "discounted_price_set": price_set,
        "shipping_price": price,
        "shipping_price_set": price_set,
        "source": "",
        "requested_fulfillment_service_id": "",
        "tax_lines": [],
        "discount_allocations": [],
    }


def fulfillments(ledger: Ledger) -> list[wire_parts.Fulfillment]:
    items = line_items(ledger)
    return [from_fulfillment(ledger, made, items) for made in ledger.order.fulfillments]


def from_fulfillment(
    ledger: Ledger, made: model.Fulfillment, items: Mapping[str, wire_parts.LineItem] | None = None
) -> wire_parts.Fulfillment:
    order, shown = ledger.order, items or line_items(ledger)
    place = next(n for n, each in enumerate(order.fulfillments, 1) if each.id == made.id)
    urls = made.tracking_urls or ("",)
    trackings: list[wire_parts.Tracking] = [
        {
            "tracking_company": made.carrier or "",
            "tracking_number": made.tracking_code or "",
            "tracking_url": url,
        }
        for url in urls
    ]
    tracked = bool(made.carrier or made.tracking_code or made.tracking_urls)
    return {
        "id": made.id,
        "order_id": id_of(order),
        "status": "cancelled" if made.state is FulfillmentState.VOID else "success",
        "shipment_status": "delivered" if made.state is FulfillmentState.DELIVERED else None,
        **trackings[0],
        "tracking_info_list": trackings if tracked else [],
        "created_at": times.text(made.created_at),
        "updated_at": times.text(made.updated_at),
        "line_items": [{**shown[item.line_id], "quantity": u.count(item.units)} for item in made.items],
        "name": f"{order.number}-F{place}",
    }
