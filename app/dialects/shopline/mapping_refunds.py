"""Shopline's requests about refunds and after-sales to commands and queries. Pure; looks at no order."""

from datetime import datetime

from app.core.aftersales import GiveBack
from app.core.messages import Target
from app.core.ports import Query, RefundQuery
from app.dialects.shopline import bodies_refunds as bodies
from app.dialects.shopline import refunds
from app.dialects.shopline.mapping import invalid, listed, minor, to_ref
from app.web import bounds

_UNKNOWN = ("refund_additional_total", "refund_additional_prices", "refund_payments")


def to_refund(body: bodies.RefundIn, currency: str) -> GiveBack:
    for field in _UNKNOWN:
        if getattr(body, field) is not None:
            raise invalid(field, "is not known in this version")
    if body.refund_total is None:
        return GiveBack()
    return GiveBack(amount=_price(body.refund_total, currency, "refund_total"), field="refund_total")


def to_partial_refund(body: bodies.PartialRefundIn, currency: str) -> GiveBack:
    if body.price is not None and body.line_items is not None:
        raise invalid("line_items", "cannot be used together with Price")
    if body.price is not None:
        amount = _price(body.price, currency, "price")
        return GiveBack(amount=amount, receive=body.is_return, field="price")
    if body.line_items is None:
        raise invalid("price", "or LineItems is required")
    targets = tuple(
        Target(ref=line.id, quantity=line.quantity, field=f"line_items.{n}") for n, line in enumerate(body.line_items)
    )
    return GiveBack(targets=targets, receive=body.is_return)


def _price(text: str, currency: str, field: str) -> int:
    amount = minor(text, currency, field)
    if not amount:
        raise invalid(field, "must be greater than 0")
    return amount


def to_record_query(asked: bodies.RecordQuery) -> RefundQuery:
    """2.9: a refund is done here once it is recorded, so none is `pending` and none `failed`."""
    records = None
    if asked.refund_record_ids:
        named = listed("refund_record_ids", asked.refund_record_ids, bodies.MOST_RECORDS)
        records = [id_ for text in named if (id_ := refunds.id_of_record(text)) is not None]
    if asked.refund_status not in {None, "finished"}:
        records = []
    orders = None
    if asked.order_ids:
        orders = [to_ref(part) for part in listed("order_ids", asked.order_ids, bodies.MOST_ORDERS)]
    starts = [first for at in (asked.created_at_start, asked.updated_at_start) if (first := bounds.first(at))]
    ends = [end for at in (asked.created_at_end, asked.updated_at_end) if (end := bounds.end(at))]
    return RefundQuery(
        orders=orders,
        ids=records,
        created_from=max(starts, default=None),
        created_before=min(ends, default=None),
        descending=asked.sort_direction == "desc",
        offset=(asked.page - 1) * asked.per_page,
        limit=asked.per_page,
    )


def to_after_sales(asked: bodies.AfterSalesQuery, *statuses: str) -> Query:
    """Orders in after-sales, the latest change first; with `statuses`, those that are so far."""
    start: datetime | None = bounds.first(asked.created_at_start)
    return Query(
        after_sales=statuses or ("pending", "processing", "finished"),
        after_sales_from=start,
        after_sales_before=bounds.end(asked.created_at_end),
        by_update=True,
        descending=True,
        offset=(asked.page - 1) * asked.per_page,
        limit=asked.per_page,
    )
