"""What Convictional reads: bodies and queries (contract 1.3, 1.4, 2.4). Unknown keys are ignored (inferred)."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel, to_pascal

from app.service.hooks import ANY_TEXT
from app.web.decode import Body, Key, QueryString, Text, Whole

_LONGEST_REASON = 10_000
_MOST_ITEMS = 2_000
_LAST_PAGE = 10**12
_MOST_SECRETS = 5
_Reason = Annotated[str, Field(max_length=_LONGEST_REASON, description="Free text.")]


def _moment(text: Any) -> Any:
    """RFC 3339 with an offset; a number, which pydantic would take for seconds, is none."""
    if not isinstance(text, str) or "T" not in text:
        raise ValueError("must be an RFC 3339 time such as 2020-05-01T19:35:00.000Z")
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is not a time that can be in UTC") from error


_Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_moment, json_schema_input_type=Annotated[str, Field(json_schema_extra={"format": "date-time"})]),
]


class _In(Body):
    model_config = ConfigDict(alias_generator=to_camel)


class OrderCancellation(_In):
    """Contract 1.4 (S3). No body, an empty one and `{}` are alike; `null` is a value of the wrong type (inferred)."""

    unfulfilled_only: Annotated[bool, Field(description="Cancel just what is not fulfilled yet.")] = False
    reason: _Reason = ""


class OrderItemCancellation(_In):
    """Contract 1.4 (S4). `newQuantity` units stay uncancelled; 2.0 is 2, 1.5 is never rounded (inferred)."""

    new_quantity: Annotated[
        Whole, Field(description="Units that stay uncancelled: at least those fulfilled, fewer than the item has.")
    ] = 0
    reason: _Reason = ""


_Amount = Annotated[float, Field(ge=0, le=1e12)]
_MOST_ENTRIES = 100


class RefundItemIn(Body):
    """Contract S7: capitals inside items. Both needed (ours): a misspelt quantity would give back all of it."""

    model_config = ConfigDict(alias_generator=to_pascal)

    item_id: Annotated[Key, Field(description="The item's `_id`.")]
    quantity_to_refund: Annotated[Whole, Field(ge=1, description="Units whose money goes back.")]
    reason: _Reason = ""


class RefundIn(_In):
    """Contract S7, B7. Without items there is nothing to refund (ours)."""

    cancel_unfulfilled: Annotated[bool, Field(description="Cancel what is refunded and not shipped, too.")] = False
    items: Annotated[list[RefundItemIn], Field(min_length=1, max_length=_MOST_ITEMS)]


class TaxIn(_In):
    """Contract S6. In major units."""

    amount: _Amount
    type: Literal["GS", "SP"]


class InvoiceIn(_In):
    """Contract S6. No body, an empty one and `{}` are alike: an invoice without taxes of its own."""

    taxes: Annotated[list[TaxIn], Field(max_length=_MOST_ENTRIES)] = Field(default_factory=list)


class OrderPatch(_In):
    """Contract S8: what is not there stays as it is. `attributes` are replaced together (inferred)."""

    billed: Annotated[bool, Field(description="Invoiced outside the platform, or not so after all.")] | None = None
    note: Annotated[str, Field(max_length=_LONGEST_REASON)] | None = None
    attributes: Annotated[list[dict[str, Any]], Field(max_length=_MOST_ENTRIES)] | None = None


class FulfillmentItemIn(_In):
    """Contract 2.4. `sku` names the goods, else `id` the item by its `sellerItemCode`; no quantity: all of it."""

    id: Annotated[Whole, Field(description="Pairs with the item's `sellerItemCode`; `sku` goes first.")] | None = None
    sku: Key | None = None
    quantity: Whole | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "FulfillmentItemIn":
        if self.id is None and self.sku is None:
            raise ValueError("needs a sku or an id")
        return self


class FulfillmentIn(_In):
    """Contract 2.4 (S5). Without items: everything that is open."""

    carrier: Text | None = None
    tracking_code: Text | None = None
    tracking_urls: Annotated[
        list[Annotated[str, Field(max_length=2_000)]], Field(max_length=100)
    ] | None = None  # fmt: skip
    items: Annotated[list[FulfillmentItemIn], Field(max_length=_MOST_ITEMS)] | None = None


class WebhookSecretIn(_In):
    """Signs until `expiresDate`, or without end."""

    secret: Annotated[str, Field(max_length=255, pattern=f"^{ANY_TEXT}$")]
    expires_date: _Moment | None = None


_Rate = Annotated[Whole, Field(ge=1, le=1_000_000)]


class WebhookIn(_In):
    """Contract 4.5. What is needed is ours to say (inferred): a message to nowhere, of nothing or unsigned is none."""

    target_url: Annotated[str, Field(min_length=1, max_length=2_048, description="Where to send to; https.")]
    topics: Annotated[list[Literal["order.cancelled", "order.fulfilled"]], Field(min_length=1, max_length=10)]
    secrets: Annotated[list[WebhookSecretIn], Field(min_length=1, max_length=_MOST_SECRETS)]
    limiter_rate: _Rate | None = None
    limiter_burst: _Rate | None = None


class PageQuery(QueryString):
    """Contract 1.5 (B3). Pages are counted from zero."""

    model_config = ConfigDict(alias_generator=to_camel)

    page: Annotated[int, Field(ge=0, le=_LAST_PAGE)] = 0
    limit: Annotated[int, Field(ge=1, le=250)] = 50


class OrdersQuery(PageQuery):
    """Contract 1.3. Times are inclusive (inferred: loses nothing)."""

    shipped: bool | None = None
    posted: bool | None = None
    billed: bool | None = None
    refunded: bool | None = None
    created_min: _Moment | None = None
    buyer_order_code: str | None = None
    seller_order_code: str | None = None
    updated: _Moment | None = None
