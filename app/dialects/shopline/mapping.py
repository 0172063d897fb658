"""Shopline's requests to commands and queries. Pure; looks at no order to decide anything."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.core import model
from app.core.aftersales import EditFulfillment
from app.core.messages import Cancel, CreateOrder, EditOrder, Fulfil, FulfilItem, NewFee, NewLine
from app.core.ports import Query, Ref
from app.core.refusal import Code, Refusal
from app.dialects.shopline import addresses, bodies, statuses
from app.dialects.shopline.goods import NAME
from app.web import bounds
from app.web.currency import exponent
from app.web.faults import Detail, Fault, FaultCode


def to_ref(order_id: str) -> Ref:
    """The partner's own id, or the core's."""
    return Ref.to_order(NAME, order_id)


def to_cancel(body: bodies.CancelIn) -> Cancel:
    """Shipped units stay shipped (3.4, partly shipped: accept). Nothing says where to restock to, so nothing is."""
    return Cancel(scope=model.Scope.ORDER, keep_shipped=True, reason=model.Reason(None, body.reason))


def to_create(body: bodies.OrderIn) -> CreateOrder:
    """Tax and discount of the whole order (1.5) become fees, so that every face sees the total that this one shows."""
    currency, given = body.currency_code, body.shipping_address.model_dump(exclude_none=True)
    lines = tuple(_new_line(n, line, currency) for n, line in enumerate(body.line_items))
    shipping = minor(body.shipping_line.shipping_price, currency, "shipping_line.shipping_price")
    fees = [NewFee(kind=model.FeeKind.SHIPPING, title=body.shipping_line.name, amount=shipping)]
    extras: dict[str, Any] = {"lines": [_kept_of(line) for line in body.line_items], "shipping_address": given}
    # As they were said: a percentage, or more than the goods cost, cannot be told from the fees.
    extras |= {"tax_total": body.tax_total, "discount": body.discount}
    if tax := minor(body.tax_total, currency, "tax_total"):
        extras["tax_fee"] = len(fees)
        fees.append(NewFee(kind=model.FeeKind.OTHER, title="Tax", amount=tax))
    if discount := _discount(body, sum(line.unit_price * line.quantity for line in lines)):
        fees.append(NewFee(kind=model.FeeKind.OTHER, title="Discount", amount=-discount))
    address = addresses.to_address(given)
    return CreateOrder(
        currency=currency,
        customer=model.Customer(name=address.name, email=address.email, phone=address.phone),
        shipping_address=address,
        lines=lines,
        fees=tuple(fees),
        prices_include_tax=False,
        payment=model.Payment(method=body.payment_line),
        note=body.note,
        tags=tuple(body.tags or ()),
        extras={NAME: extras},
    )


def _new_line(n: int, line: bodies.NewLineItemIn, currency: str) -> NewLine:
    sku = line.sku or line.variant_id
    return NewLine(
        sku=sku,
        title=line.product_title or sku,
        quantity=line.quantity,
        unit_price=minor(line.price or "0", currency, f"line_items.{n}.price"),
    )


def _kept_of(line: bodies.NewLineItemIn) -> dict[str, Any]:
    return line.model_dump(
        include={"variant_id", "product_id", "variant_title", "custom_properties"}, exclude_none=True
    )


def minor(amount: str, currency: str, field: str) -> int:
    minor = Decimal(amount).scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise invalid(field, f"must have at most {exponent(currency)} decimals in {currency}")
    return int(minor)


def _discount(body: bodies.OrderIn, goods: int) -> int:
    """In minor units, and never more than the goods cost (inferred: an order does not pay the buyer)."""
    if body.discount.endswith("%"):
        share = Decimal(body.discount[:-1]) / 100
        return min(goods, int((goods * share).to_integral_value(ROUND_HALF_UP)))
    return min(goods, minor(body.discount, body.currency_code, "discount"))


def to_edit(body: bodies.OrderPatch) -> EditOrder:
    """The address is replaced as a whole."""
    extras: dict[str, Any] = {}
    address = None
    accepts = body.buyer_accepts_marketing
    accepts = body.buyer_accespts_marketing if accepts is None else accepts
    if accepts is not None:
        extras["buyer_accepts_marketing"] = accepts
    if body.shipping_address is not None:
        extras["shipping_address"] = given = body.shipping_address.model_dump(exclude_none=True)
        address = addresses.to_address(given)
    tags = None if body.tags is None else tuple(tag for part in body.tags.split(",") if (tag := part.strip()))
    return EditOrder(note=body.note, tags=tags, shipping_address=address, extras=extras or None, unarchived=True)


def to_fulfil(body: bodies.FulfillmentIn) -> Fulfil:
    """The core keeps one name of a carrier: the company's, else its code."""
    if body.line_item_ids is not None and body.line_items is not None:
        raise invalid("line_items", "cannot be used together with LineItemIds")
    items = [FulfilItem(line=id_, field=f"line_item_ids.{n}") for n, id_ in enumerate(body.line_item_ids or ())]
    items += [
        FulfilItem(line=line.id, quantity=line.ship_quantity or None, field=f"line_items.{n}")
        for n, line in enumerate(body.line_items or ())
    ]
    return Fulfil(
        items=tuple(items),
        carrier=body.tracking_company or body.tracking_company_code,
        tracking_code=body.tracking_number,
        tracking_urls=(body.tracking_url,) if body.tracking_url else (),
    )


def to_edit_fulfillment(fulfillment_id: str, body: bodies.FulfillmentPatch) -> EditFulfillment:
    if body.line_item_ids is not None or body.line_items is not None:
        field = "line_items" if body.line_item_ids is None else "line_item_ids"
        raise invalid(field, "cannot be changed: cancel the fulfillment and create another")
    return EditFulfillment(
        fulfillment_id=fulfillment_id,
        carrier=body.tracking_company or body.tracking_company_code,
        tracking_code=body.tracking_number,
        tracking_urls=None if body.tracking_url is None else ((body.tracking_url,) if body.tracking_url else ()),
    )


def to_number_query(number: str) -> Query:
    """Refuses ORDER_NOT_FOUND for what no order's number can be."""
    if not to_ref(number).storable:
        raise Refusal(Code.ORDER_NOT_FOUND)
    return Query(number=number, limit=1)


def to_list_query(asked: bodies.OrderQuery) -> Query:
    """Newest first (gap 9 of section 5: inferred)."""
    wanted = [statuses.RECOVERY[asked.recovery_status]] if asked.recovery_status else []
    if asked.location_id:
        # No order shows a location (2.8).
        wanted.append(statuses.NOTHING)
    if asked.placed_at_min or asked.placed_at_max:
        wanted.append(statuses.PLACED)
    return Query(
        refs=_refs(asked.ids) if asked.ids else None,
        placed_from=bounds.first(asked.placed_at_min),
        placed_before=bounds.end(asked.placed_at_max),
        descending=True,
        offset=(asked.page - 1) * asked.limit,
        limit=asked.limit,
        **_filters(asked, wanted),
    )


def to_count_query(asked: bodies.OrderFilters) -> Query:
    return Query(**_filters(asked, []))


def _filters(asked: bodies.OrderFilters, wanted: list[statuses.Facts]) -> dict[str, Any]:
    for table, word in (
        (statuses.STATUS, asked.status),
        (statuses.FINANCIAL, asked.financial_status),
        (statuses.FULFILLMENT, asked.fulfillment_status),
    ):
        if word is not None:
            wanted.append(table[word])
    return {
        "created_from": bounds.first(asked.created_at_min),
        "created_before": bounds.end(asked.created_at_max),
        "changed_from": bounds.first(asked.updated_at_min),
        "changed_before": bounds.end(asked.updated_at_max),
        **statuses.narrowed(*wanted),
    }


def listed(field: str, text: str, most: int) -> list[str]:
    """What stands between the commas of a query."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > most:
        raise Fault(FaultCode.INVALID, Detail(field, f"must be at most {most}", where="query"))
    return parts


def _refs(ids: str) -> list[Ref]:
    return [to_ref(part) for part in listed("ids", ids, bodies.MOST_IDS)]


def invalid(field: str, problem: str) -> Fault:
    return Fault(FaultCode.INVALID, Detail(field, problem))
