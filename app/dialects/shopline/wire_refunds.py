"""What Shopline answers about refunds and after-sales, as typed dictionaries (contract 2.9, public docs)."""

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict

from app.dialects.shopline.wire import LineItem, Order


class RefundLineItem(TypedDict):
    refund_quantity: int
    line_item_id: str
    line_item: LineItem


class RefundRecord(TypedDict):
    """One refund. `id` is digits; `refund_line_items` is empty for a refund of a price alone."""

    id: str
    order_id: str
    note: str
    refund_price: str
    currency: str
    created_at: str
    updated_at: str
    refund_line_items: list[RefundLineItem]


class Refunded(TypedDict):
    """The answer to a refund, bare. `refunds` is one object, in spite of its name."""

    id: str
    status: str
    number: str
    created_at: str
    note: str
    refund_fail_reason: str
    all_refunded: bool
    refund_status: str
    order: Order
    refunds: RefundRecord


class RefundList(TypedDict):
    """The refunds of an order, bare, oldest first."""

    order_status: str
    all_refunded: bool
    refund_status: str
    refund_total: str
    refund_tax_total: str
    refund_discount_total: str
    refunds: list[RefundRecord]


class RefundRecords(TypedDict):
    records: list[RefundRecord]


class PostSale(TypedDict):
    """An order in after-sales, or that was (inferred: no source spells the fields).

    `created_at` is when the latest return, refund or step-by-step cancellation of it began. `line_items` are those that
    something was or is being done to.
    """

    order_id: str
    number: str
    status: str
    order_status: str
    financial_status: str
    fulfillment_status: str
    refund_status: str
    refund_total: str
    currency: str
    created_at: str
    updated_at: str
    line_items: list[LineItem]


class AfterSales(TypedDict):
    """`count`: of all that match; the other two: how many of the time asked for are pending, or being worked on."""

    count: int
    pending_count: int
    processing_count: int
    post_sales: list[PostSale]
