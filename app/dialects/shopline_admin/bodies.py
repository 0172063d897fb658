"""What SHOPLINE reads: bodies (contract 1.4, 2.6, 2.7, 4.5) and queries (1.5, 1.6). Unknown keys are ignored, since
what a version knows is only added to by the next."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from app.dialects.shopline_admin import times
from app.web.decode import Body, Key, QueryString, Text, Whole

MOST_LINES = 2_000
MOST_IDS = 100
MOST_TRACKINGS = 10
_Ids = Annotated[str, Field(max_length=16_000, pattern="^[ -~]*$")]
_Note = Annotated[str, Field(max_length=10_000)]
_Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
_Number = Annotated[float, Field(ge=0, le=9_999_999_999)]
_Price = Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,4})?$")]


def _text(value: Any) -> Any:
    """JSON numbers as they are written, without an exponent."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{Decimal(str(value)):f}".removesuffix(".0")
    return value


Amount = Annotated[_Price, BeforeValidator(_text, json_schema_input_type=_Number | _Price)]
"""A number in cancels, a text in most other places."""
Id = Annotated[Key, BeforeValidator(_text, json_schema_input_type=Key | int)]
"""Ids are texts, but for those of line items in a refund (2.7)."""


class CancelIn(Body):
    """Row 1. Every key may be left out, or null.

    `amount` goes back with it; without it nothing does, whatever `refund_type` says (gap 3: inferred).
    """

    cancel_reason: str | None = None
    restock: bool | None = None
    email: bool | None = None
    amount: _Number | None = None
    currency: _Currency | None = None
    processed_at: times.Moment | None = None
    refund_type: Literal["OriginalPayment Refund", "Manual"] | None = None


class TrackingIn(Body):
    tracking_company: Text | None = None
    tracking_number: Text | None = None
    tracking_url: Annotated[str, Field(max_length=2_000)] | None = None


class FulfillmentLineIn(Body):
    id: Id
    quantity: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None


class FulfillmentParts(TrackingIn):
    line_items: Annotated[list[FulfillmentLineIn], Field(min_length=1, max_length=MOST_LINES)] | None = None
    tracking_info_list: Annotated[list[TrackingIn], Field(max_length=MOST_TRACKINGS)] | None = None
    notify_customer: bool | None = None


class FulfillmentIn(Body):
    """Row 17. Without line items: all that is open."""

    fulfillment: FulfillmentParts


class ShippingIn(Body):
    """How much of the shipping fee goes back."""

    full_refund: bool | None = None
    amount: Amount | None = None


class RefundLineIn(Body):
    """`Unshipped` units are cancelled with it, `Returned` ones have come back."""

    line_item_id: Id
    quantity: Annotated[Whole, Field(ge=1, le=1_000_000)]
    location_id: Key | None = None
    restock_type: Literal["no_restock", "cancel", "return"] | None = None
    type: Literal["Unshipped", "Returned"] | None = None


class CalculateIn(Body):
    """Row 10."""

    currency: _Currency | None = None
    shipping: ShippingIn | None = None
    refund_line_items: Annotated[list[RefundLineIn], Field(max_length=MOST_LINES)] | None = None


class TransactionIn(Body):
    id: Id | None = None
    amount: Amount
    currency: _Currency | None = None
    gateway: Text | None = None


class RefundIn(CalculateIn):
    """Row 9. Without line items and shipping the transactions say how much; beside them they have to add up."""

    order_id: Id
    note: _Note | None = None
    notify: bool | None = None
    processed_at: times.Moment | None = None
    transactions: Annotated[list[TransactionIn], Field(max_length=100)] | None = None


TOPICS = (
    "orders/create",
    "orders/updated",
    "orders/edited",
    "orders/paid",
    "orders/fulfilled",
    "orders/partially_fulfilled",
    "orders/cancelled",
    "orders/delete",
    "refunds/create",
    "refunds/update",
    "fulfillments/create",
    "fulfillments/update",
)
_Topic = Literal[
    "orders/create",
    "orders/updated",
    "orders/edited",
    "orders/paid",
    "orders/fulfilled",
    "orders/partially_fulfilled",
    "orders/cancelled",
    "orders/delete",
    "refunds/create",
    "refunds/update",
    "fulfillments/create",
    "fulfillments/update",
]
_Address = Annotated[str, Field(min_length=1, max_length=255, description="Where to send to; https.")]
_Version = Annotated[str, Field(pattern="^v20(2406|2412|25(03|06|12)|26(03|06|09|12)|2703)01$")]


class WebhookParts(Body):
    """`api_version` is v20240601 or later. `shop_domain` is ours: what `X-Shopline-Shop-Domain` says."""

    topic: _Topic
    address: _Address
    api_version: _Version = "v20240601"
    shop_domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")] | None = None


class WebhookIn(Body):
    webhook: WebhookParts


class WebhookChanges(Body):
    topic: _Topic | None = None
    address: _Address | None = None
    api_version: _Version | None = None


class WebhookPatch(Body):
    """What is left out stays as it is."""

    webhook: WebhookChanges


class _Times(QueryString):
    """Bounds are inclusive."""

    created_at_min: times.Moment | None = None
    created_at_max: times.Moment | None = None
    updated_at_min: times.Moment | None = None
    updated_at_max: times.Moment | None = None


_Financial = Literal[
    "unpaid", "authorized", "pending", "partially_paid", "paid", "partially_refunded", "refunded", "any"
]


class OrderQuery(_Times):
    """`ids` are comma separated; `page_info` comes from a `link` header."""

    ids: _Ids | None = None
    name: Text | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    page_info: Annotated[str, Field(max_length=1_000)] | None = None
    since_id: Text | None = None
    sort_condition: Annotated[str, Field(pattern="^(order_at|id):(asc|desc)(,(order_at|id):(asc|desc))?$")] | None = (
        None
    )
    status: Literal["open", "cancelled", "any"] | None = None
    hidden_order: bool | None = None
    financial_status: _Financial | None = None
    fulfillment_status: Literal["unshipped", "partial", "shipped"] | None = None
    buyer_id: Text | None = None
    email: Text | None = None
    location: Text | None = None
    contract_ids: Text | None = None


_Source = Literal["oneshop", "web", "mc", "live", "post", "shopee", "lazada", "buy_button", "pos", "any"]


class CountQuery(_Times):
    status: Literal["open", "cancelled", "hidden", "any"] | None = None
    financial_status: _Financial | None = None
    fulfillment_status: Literal["unshipped", "partial", "shipped", "any"] | None = None
    location_id: Text | None = None
    order_source: _Source | None = None
