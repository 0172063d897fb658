"""The core's order as HappyColis shows it: orders and delivery orders for queries. Pure."""

from collections.abc import Mapping
from typing import Any

from app.core import model, money, times
from app.core import units as u
from app.core.ledger import Ledger
from app.core.model import Address, Allocation, FeeKind, LineUnits, Order
from app.dialects.happycolis import statuses
from app.web.currency import number

NAME = "happycolis"
REFERENCE = "happycolis-reference"
"""Under this name an order's key is `<tpAppId>:<externalReference>`: a reference is unique within its application."""

_NONE: Mapping[str, Any] = {}


def kept(order: Order) -> Mapping[str, Any]:
    """What only this face knows of the order."""
    known: Mapping[str, Any] = order.extras.get(NAME, _NONE)
    return known


def id_of(thing: model.Order | model.Line) -> str:
    return thing.keys.get(NAME, thing.id)


def reference(order: Order) -> tuple[str | None, str]:
    """The application and what it calls the order; without one, the number by which people know it."""
    application, _, given = order.keys.get(REFERENCE, "").partition(":")
    return (application, given) if given else (None, order.number)


def from_order(ledger: Ledger, names: Mapping[str, str] = _NONE) -> dict[str, Any]:
    """`names` are those of locations by id, as far as somebody wants to know them."""
    order = ledger.order
    return {
        **head(ledger),
        "invoiceNumber": kept(order).get("invoiceNumber"),
        "inventoryPolicy": kept(order).get("inventoryPolicy", "DENY"),
        "comment": order.note,
        "currency": order.currency,
        "issuedAt": times.text(order.placed_at),
        "completedAt": times.maybe_text(statuses.completed_at(ledger)),
        "fulfillmentData": {
            "deliveryOrders": [from_allocation(ledger, allocation, names) for allocation in order.allocations]
        },
        "tags": [{"value": tag} for tag in order.tags],
    }


def head(ledger: Ledger) -> dict[str, Any]:
    """What queries and webhooks show of an order alike."""
    order, known = ledger.order, kept(ledger.order)
    application, external = reference(order)
    return {
        "id": id_of(order),
        "externalReference": external,
        "tpAppId": application,
        "organizationId": order.tenant_id,
        "state": statuses.ORDER[order.state],
        "type": known.get("type", "B2C"),
        "dispatchingType": "MANUAL" if order.manual else "AUTOMATIC",
        "priority": priority(order),
        **_totals(order),
        "locked": statuses.locked(ledger),
        "fulfillmentRequestedAt": times.maybe_text(statuses.requested_at(ledger)),
        "deliveryContact": contact(order.shipping_address, order.customer),
        "billingContact": contact(order.billing_address),
        "buyer": contact(None, order.customer),
        "lines": [_line(ledger, line) for line in order.lines],
    }


def priority(order: Order, allocation: Allocation | None = None) -> str:
    own = allocation.extras.get(NAME, _NONE).get("priority") if allocation is not None else None
    return str(own or kept(order).get("priority", "NORMAL"))


def _totals(order: Order) -> dict[str, float]:
    """As placed. What the client called the total without tax is shown as it said; all else follows from the order."""

    def fees(kind: FeeKind, sign: int) -> int:
        return sum(fee.amount for fee in order.fees if fee.kind is kind and fee.amount * sign > 0)

    gross = money.order_total(order)
    return {
        "total": kept(order).get("total") or number(gross - money.order_tax(order), order.currency),
        "totalTaxInclusive": number(gross, order.currency),
        "totalShipping": number(fees(FeeKind.SHIPPING, 1), order.currency),
        "totalDiscount": number(-fees(FeeKind.OTHER, -1), order.currency),
    }


def contact(address: Address | None, customer: model.Customer | None = None) -> dict[str, str | None] | None:
    """An address, and where it says nothing, the person."""
    if address is None and (customer is None or customer == model.Customer()):
        return None
    at, who = address or Address(), customer or model.Customer()
    return {
        "fullname": at.name or who.name,
        "email": at.email or who.email,
        "address": at.address1,
        "addressComplement": at.address2,
        "zipcode": at.zip,
        "city": at.city,
        "country": at.country_code,
        "phone": at.phone or who.phone,
    }


def _line(ledger: Ledger, line: model.Line) -> dict[str, Any]:
    return {"id": id_of(line), "sku": line.sku, "label": line.title, **_counted(statuses.of_line(ledger, line))}


def _counted(count: statuses.Count) -> dict[str, Any]:
    return {"quantity": count.quantity, "fulfilledQuantity": count.fulfilled, "status": count.status}


def from_allocation(ledger: Ledger, allocation: Allocation, names: Mapping[str, str] = _NONE) -> dict[str, Any]:
    order = ledger.order
    return {
        "id": allocation.id,
        "orderNumber": f"DO-{order.number}-{1 + [a.id for a in order.allocations].index(allocation.id)}",
        "invoiceNumber": kept(order).get("invoiceNumber"),
        "status": statuses.of_delivery_order(ledger, allocation),
        # 7: in queries how it is fulfilled, in webhooks B2B or B2C.
        "type": fulfillment_type(allocation),
        "priority": priority(order, allocation),
        "total": number(sum(_net(ledger, item) for item in allocation.items), order.currency),
        "currency": order.currency,
        "location": {"id": allocation.location_id, "name": names.get(allocation.location_id)},
        "deliveryAddress": contact(order.shipping_address, order.customer),
        "orders": [{"id": id_of(order)}],
        "lines": items(ledger, allocation),
        "fulfillmentData": {"events": events(ledger, allocation)},
    }


def fulfillment_type(allocation: Allocation) -> str:
    return "WAREHOUSE" if allocation.connector else "INTERNAL"


def _net(ledger: Ledger, item: LineUnits) -> int:
    """Of these units, without tax: the part of the line's that is theirs."""
    line, included = ledger.positions[item.line_id].line, ledger.order.prices_include_tax
    gross = money.units_gross(line, item.units, tax_included=included)
    tax = money.line_tax(line, u.count(item.units), tax_included=included)
    return gross - tax


def items(ledger: Ledger, allocation: Allocation) -> list[dict[str, Any]]:
    """A delivery order's line has the id of the order's line: there is at most one of each."""
    return [_item(ledger, allocation, item) for item in allocation.items]


def _item(ledger: Ledger, allocation: Allocation, item: LineUnits) -> dict[str, Any]:
    line = ledger.positions[item.line_id].line
    counted = _counted(statuses.of_item(ledger, allocation, item))
    return {"id": id_of(line), "sku": line.sku, "label": line.title, **counted}


def events(ledger: Ledger, allocation: Allocation) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{allocation.id}.{n}",
            "type": happening.type,
            "level": happening.level,
            "message": happening.message,
            "date": times.text(happening.at),
        }
        for n, happening in enumerate(statuses.happenings(ledger, allocation), 1)
    ]
