"""HappyColis' inputs to commands. Pure; looks at no order to decide anything."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pydantic.alias_generators import to_camel

from app.core import model, money
from app.core.commands import Dispatch, EditAllocation, ReviseDraft
from app.core.messages import Allocate, Cancel, CreateOrder, NewFee, NewLine, Target
from app.core.ports import Location, Ref
from app.dialects.happycolis import inputs
from app.dialects.happycolis.picture import NAME, REFERENCE
from app.web import tax_rates
from app.web.currency import exponent

CURRENCY = "EUR"
_KEPT = {
    "invoice_number": "invoiceNumber",
    "type": "type",
    "priority": "priority",
    "inventory_policy": "inventoryPolicy",
}


def to_ref(order_id: str) -> Ref:
    """The id by which the order is known here, or the core's."""
    return Ref.to_order(NAME, order_id)


def to_reference(application: str, external: str) -> Ref:
    return Ref(None, REFERENCE, "order", f"{application}:{external}")


def to_allocation_ref(delivery_order_id: str) -> Ref:
    return Ref.through(NAME, "allocation", delivery_order_id)


def to_cancel() -> Cancel:
    """What was shipped stays shipped: only delivery orders that are not terminal are cancelled (3.5)."""
    return Cancel(scope=model.Scope.ORDER, keep_shipped=True)


def to_create(body: inputs.NewOrder, application: str) -> CreateOrder:
    """`application` is the client's id: what it calls the order is unique among what it calls orders."""
    currency = body.currency or CURRENCY
    lines = _lines(body.lines, currency)
    return CreateOrder(
        draft=body.state == "DRAFT",
        currency=currency,
        placed_at=body.issued_at,
        customer=_customer(body.delivery) or model.Customer(),
        shipping_address=_address(body.delivery),
        lines=lines,
        fees=_fees(body, lines, currency),
        prices_include_tax=False,
        manual=body.dispatching_type == "MANUAL",
        keys={REFERENCE: f"{application}:{body.external_reference}"} if body.external_reference else {},
        note=body.comment,
        extras={NAME: _extras(body)},
    )


def to_revise(body: inputs.OrderUpdate, currency: str) -> ReviseDraft:
    """`currency` is what amounts are in. Totals belong to lines: they are told together, or not at all."""
    lines = _lines(body.lines, currency) if body.lines is not None else None
    extras = _extras(body)
    if lines is not None:
        extras.setdefault("total", None)
    return ReviseDraft(
        currency=body.currency if lines is None else currency,
        prices_include_tax=None if lines is None else False,
        lines=lines,
        fees=None if lines is None else _fees(body, lines, currency),
        customer=_customer(body.delivery),
        shipping_address=_address(body.delivery),
        placed_at=body.issued_at,
        note=body.comment,
        manual=None if body.dispatching_type is None else body.dispatching_type == "MANUAL",
        extras=extras or None,
    )


def _extras(body: inputs.NewOrder | inputs.OrderUpdate) -> dict[str, Any]:
    extras = {to_camel(name): value for name in _KEPT if (value := getattr(body, name)) is not None}
    if body.total is not None and body.lines is not None:
        extras["total"] = body.total
    if body.delivery is not None and body.delivery.type is not None:
        extras["deliveryType"] = body.delivery.type
    return extras


def _lines(lines: Iterable[inputs.Line], currency: str) -> tuple[NewLine, ...]:
    return tuple(
        NewLine(
            sku=line.sku,
            title=line.label,
            quantity=line.quantity,
            unit_price=_minor(line.price, currency),
            tax_rate=tax_rates.exact(line.vat_rate),
        )
        for line in lines
    )


def _fees(body: inputs.NewOrder | inputs.OrderUpdate, lines: tuple[NewLine, ...], currency: str) -> tuple[NewFee, ...]:
    """Shipping, and whatever else the given total has beyond the lines, so that every face sees that total."""
    shipping = _minor(body.total_shipping or 0.0, currency)
    fees = [NewFee(kind=model.FeeKind.SHIPPING, title="Shipping", amount=shipping)] if shipping else []
    goods = sum(_gross(line) for line in lines)
    if body.total_tax_inclusive is not None:
        rest = _minor(body.total_tax_inclusive, currency) - goods - shipping
    elif body.total is not None:
        rest = _minor(body.total, currency) - sum(line.unit_price * line.quantity for line in lines) - shipping
    else:
        rest = 0
    if rest:
        title = "Discount" if rest < 0 else "Other"
        fees.append(NewFee(kind=model.FeeKind.OTHER, title=title, amount=max(rest, -goods - shipping)))
    return tuple(fees)


def _gross(line: NewLine) -> int:
    sold = model.Line(
        id="", sku="", title="", quantity=line.quantity, unit_price=line.unit_price, tax_rate=line.tax_rate
    )
    return money.line_gross(sold, line.quantity, tax_included=False)


def _minor(amount: float, currency: str) -> int:
    return int(Decimal(str(amount)).scaleb(exponent(currency)).to_integral_value(ROUND_HALF_UP))


def _address(delivery: inputs.Delivery | None) -> model.Address | None:
    if delivery is None:
        return None
    return model.Address(
        name=delivery.fullname,
        address1=delivery.address,
        address2=delivery.address_complement,
        city=delivery.city,
        zip=delivery.zipcode,
        country_code=delivery.country,
        phone=delivery.phone,
        email=delivery.email,
    )


def _customer(delivery: inputs.Delivery | None) -> model.Customer | None:
    if delivery is None:
        return None
    return model.Customer(name=delivery.fullname, email=delivery.email, phone=delivery.phone)


def to_dispatch(body: inputs.Lines, *, request: bool) -> Dispatch:
    targets = tuple(Target(ref=line_id, field=f"lineIds.{n}") for n, line_id in enumerate(body.line_ids))
    return Dispatch(targets=targets, request=request)


def to_allocate(body: inputs.NewDeliveryOrder, location: Location) -> Allocate:
    return Allocate(
        location_id=location.id,
        connector=location.connector,
        targets=_targets(body.lines),
        extras={"priority": body.priority} if body.priority else {},
    )


def to_edit_allocation(body: inputs.DeliveryOrderUpdate, location: Location | None) -> EditAllocation:
    return EditAllocation(
        allocation_id=body.id,
        location_id=location.id if location else None,
        connector=location.connector if location else None,
        targets=None if body.lines is None else _targets(body.lines),
        extras={"priority": body.priority} if body.priority else None,
    )


def _targets(items: Iterable[inputs.Item]) -> tuple[Target, ...]:
    return tuple(
        Target(ref=item.order_line_id, quantity=item.quantity, field=f"lines.{n}") for n, item in enumerate(items)
    )
