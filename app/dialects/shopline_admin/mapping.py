"""SHOPLINE's requests to commands and queries. Pure; looks at no order to decide anything."""

from typing import Any

from app.core import model
from app.core.aftersales import GiveBack
from app.core.messages import Cancel, Fulfil, FulfilItem, Target
from app.core.ports import Query, Ref
from app.dialects.shopline_admin import bodies, statuses, sums
from app.dialects.shopline_admin.goods import NAME
from app.dialects.shopline_admin.paging import Place
from app.web import bounds
from app.web.faults import Detail, Fault, FaultCode


def to_ref(order_id: str) -> Ref:
    """The partner's own id, or the core's."""
    return Ref.to_order(NAME, order_id)


def to_cancel(body: bodies.CancelIn) -> Cancel:
    """An order of which something was shipped is refused (3.2). Goods go back to the location that held them."""
    return Cancel(
        scope=model.Scope.ORDER,
        reason=model.Reason(None, body.cancel_reason),
        restock=bool(body.restock),
        mail=bool(body.email),
    )


def to_cancel_with_refund(body: bodies.CancelIn, currency: str) -> GiveBack:
    """Both, or neither. `refund_type` says who moves the money; here it is recorded either way."""
    _check_currency(body.currency, currency, "currency")
    amount = sums.minor(body.amount or 0, currency, "amount")
    reason = model.Reason(None, body.cancel_reason)
    return GiveBack(amount=amount, reason=reason, along=to_cancel(body), field="amount")


def to_fulfil(body: bodies.FulfillmentIn) -> Fulfil:
    """The core has one carrier and one number for a shipment, and any number of addresses to track it at."""
    parts = body.fulfillment
    trackings: list[bodies.TrackingIn] = list(parts.tracking_info_list or [parts])
    if len({(each.tracking_company, each.tracking_number) for each in trackings}) > 1:
        raise _invalid("fulfillment.tracking_info_list", "must be of one parcel: send the others as fulfillments")
    first = trackings[0]
    return Fulfil(
        items=tuple(
            FulfilItem(line=line.id, quantity=line.quantity, field=f"fulfillment.line_items.{n}")
            for n, line in enumerate(parts.line_items or ())
        ),
        carrier=first.tracking_company,
        tracking_code=first.tracking_number,
        tracking_urls=tuple(each.tracking_url for each in trackings if each.tracking_url),
    )


def to_calculate(body: bodies.CalculateIn, currency: str, note: str | None = None) -> GiveBack:
    """Units, and what of the fees goes back beside them.

    Goods go to stock by their `restock_type`: what was never shipped to the location that held it, what came back to
    the one that is named. One request does one of these to all of its items.
    """
    _check_currency(body.currency, currency, "currency")
    lines, shipping = body.refund_line_items or [], body.shipping or bodies.ShippingIn()
    types = {line.restock_type or "no_restock" for line in lines}
    places = {line.location_id for line in lines if line.restock_type not in {None, "no_restock"}}
    if len(types) > 1 or len(places) > 1:
        raise _invalid("refund_line_items", "must all have one restock_type and one location_id")
    fees = None if shipping.amount is None else sums.minor(shipping.amount, currency, "shipping.amount")
    return GiveBack(
        targets=tuple(
            Target(ref=line.line_item_id, quantity=line.quantity, field=f"refund_line_items.{n}")
            for n, line in enumerate(lines)
        ),
        # Without a word about shipping it stays, also with the last units: 0 is an answer, too.
        fees=None if shipping.full_refund else fees or 0,
        all_fees=bool(shipping.full_refund),
        cancel=any(line.type == "Unshipped" or line.restock_type == "cancel" for line in lines),
        receive=any(line.type == "Returned" or line.restock_type == "return" for line in lines),
        restock="cancel" in types,
        restock_to=next(iter(places), None),
        reason=model.Reason(None, note),
    )


def to_refund(body: bodies.RefundIn, currency: str) -> GiveBack:
    if body.refund_line_items or body.shipping:
        return to_calculate(body, currency, body.note)
    _check_currency(body.currency, currency, "currency")
    told = told_amount(body, currency)
    if not told:
        raise _invalid("transactions", "or refund_line_items or shipping must say what goes back")
    return GiveBack(amount=told, reason=model.Reason(None, body.note), field="transactions")


def told_amount(body: bodies.RefundIn, currency: str) -> int | None:
    """What the transactions add up to. None: there are none."""
    if not body.transactions:
        return None
    for n, each in enumerate(body.transactions):
        _check_currency(each.currency, currency, f"transactions.{n}.currency")
    return sum(
        sums.minor(each.amount, currency, f"transactions.{n}.amount") for n, each in enumerate(body.transactions)
    )  # fmt: skip


def to_list_query(asked: bodies.OrderQuery, place: Place) -> Query:
    """Oldest first unless it is said otherwise (inferred); one more than the page, to know whether there is a next.

    Orders are sorted by when they came to be: that is the order of their ids, and of `order_at`.
    """
    descending = bool(asked.sort_condition) and str(asked.sort_condition).split(",")[0].endswith(":desc")
    named = asked.ids is not None or asked.name is not None
    hidden = asked.hidden_order if named or asked.hidden_order is not None else False
    filters = statuses.narrowed(asked.status, asked.financial_status, asked.fulfillment_status)
    if asked.buyer_id or asked.location or asked.contract_ids:
        filters["states"] = []  # no order here shows one
    return Query(
        refs=_refs(asked.ids) if asked.ids is not None else None,
        number=asked.name,
        email=asked.email,
        after=(None, place.since_id) if place.since_id else None,
        descending=descending != place.backwards,
        limit=asked.limit + 1,
        **{"archived": hidden, **filters, **_bounds(asked)},
    )


def to_count_query(asked: bodies.CountQuery) -> Query:
    filters = statuses.narrowed(asked.status, asked.financial_status, asked.fulfillment_status)
    if asked.location_id or asked.order_source not in {None, "any"}:
        filters["states"] = []
    return Query(**filters, **_bounds(asked))


def _bounds(asked: Any) -> dict[str, Any]:
    return {
        "created_from": bounds.first(asked.created_at_min),
        "created_before": bounds.end(asked.created_at_max),
        "changed_from": bounds.first(asked.updated_at_min),
        "changed_before": bounds.end(asked.updated_at_max),
    }


def _refs(ids: str) -> list[Ref]:
    parts = [part.strip() for part in ids.split(",")]
    if len(parts) > bodies.MOST_IDS:
        raise Fault(FaultCode.INVALID, Detail("ids", f"must be at most {bodies.MOST_IDS}", where="query"))
    return [to_ref(part) for part in parts]


def _check_currency(given: str | None, currency: str, field: str) -> None:
    if given not in {None, currency}:
        raise _invalid(field, f"must be that of the order, {currency}")


def _invalid(field: str, problem: str) -> Fault:
    return Fault(FaultCode.INVALID, Detail(field, problem))
