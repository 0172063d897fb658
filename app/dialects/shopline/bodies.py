"""What Shopline reads: bodies (contract 1.3 and 1.5, flat, not wrapped) and queries (1.4). Unknown keys are ignored."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.dialects.shopline import times
from app.web.decode import Body, Key, QueryString, Text, Whole

MOST_LINES = 2_000
MOST_IDS = 250
# Escaped they must fit into a URL that the server reads, 64 KB.
_Ids = Annotated[str, Field(max_length=16_000, pattern="^[ -~]*$")]
_Long = Annotated[str, Field(max_length=10_000)]
# Two decimals whatever the currency (2.1); whether the currency has them is seen later.
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?$")]
_Discount = Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?%?$")]


class CancelIn(Body):
    """No limit of `reason` is published (3.4); the body's own limit holds. Null is as absent, empty is kept."""

    reason: str | None = None


class ExtraInfoIn(Body):
    cpf: Text | None = None
    tax_text: Text | None = None
    id_number: Text | None = None
    id_number_text: Text | None = None
    addition: Text | None = None


class AddressIn(Body):
    """Street and flat are `address` and `address1`; without `address` they are `address1` and `address2`.

    The latter is how answers have them (inferred): a client may send back what it read.
    """

    first_name: Text | None = None
    last_name: Text | None = None
    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    phone_area_code: Text | None = None
    company: Text | None = None
    address: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    zip: Text | None = None
    area: Text | None = None
    province: Text | None = None
    province_code: Text | None = None
    country: Text | None = None
    country_code: Text | None = None
    latitude: Text | None = None
    longitude: Text | None = None
    extra_info: ExtraInfoIn | None = None


class NewAddressIn(AddressIn):
    last_name: Text
    email: Text
    address: Text
    city: Text
    province: Text
    province_code: Text
    country: Text
    country_code: Text


class NewLineItemIn(Body):
    """There is no catalogue here to look a variant up in: `price`, `sku` and the titles are ours (inferred).

    Without `sku` the variant's id is the sku; without `price` the line costs nothing.
    """

    variant_id: Key
    product_id: Key
    quantity: Annotated[Whole, Field(ge=1, le=1_000_000)]
    custom_properties: dict[str, Any] | None = None
    price: Amount | None = None
    sku: Key | None = None
    product_title: Text | None = None
    variant_title: Text | None = None


class NewShippingLineIn(Body):
    name: Text
    shipping_price: Amount
    desc: _Long | None = None


class OrderIn(Body):
    """`discount` is an amount, or a percentage of the goods such as `10%`."""

    tax_total: Amount
    discount: _Discount
    currency_code: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    shipping_address: NewAddressIn
    line_items: Annotated[list[NewLineItemIn], Field(min_length=1, max_length=MOST_LINES)]
    shipping_line: NewShippingLineIn
    tags: Annotated[list[Text], Field(max_length=100)] | None = None
    note: _Long | None = None
    payment_line: Text | None = None


class OrderPatch(Body):
    """What is left out stays as it is. `buyer_accespts_marketing` is the partner's own misspelling (row 7)."""

    note: _Long | None = None
    tags: Annotated[str, Field(max_length=25_600)] | None = None
    buyer_accepts_marketing: bool | None = None
    buyer_accespts_marketing: bool | None = None
    shipping_address: AddressIn | None = None


class FulfillmentLineIn(Body):
    """`ship_quantity` 0: all that is open."""

    id: Key
    ship_quantity: Annotated[Whole, Field(ge=0, le=1_000_000)] = 0


class FulfillmentIn(Body):
    """Either `line_item_ids` or `line_items`; without both, all that is open."""

    line_item_ids: Annotated[list[Key], Field(min_length=1, max_length=MOST_LINES)] | None = None
    line_items: Annotated[list[FulfillmentLineIn], Field(min_length=1, max_length=MOST_LINES)] | None = None
    tracking_number: Text | None = None
    tracking_company: Text | None = None
    tracking_company_code: Text | None = None
    tracking_url: Annotated[str, Field(max_length=2_000)] | None = None


class FulfillmentPatch(FulfillmentIn):
    """Row 21. What is left out stays as it is; line items cannot be changed. Nobody is sent mail from here."""

    send_email: bool | None = None


_Address = Annotated[str, Field(min_length=1, max_length=2_048, description="Where to send to; https.")]
_Topic = Literal[
    "orders/create",
    "orders/update",
    "orders/paid",
    "orders/fulfilled",
    "orders/cancelled",
    "orders/delete",
    "orders/partially_refunded",
    "fulfillments/create",
]


class WebhookIn(Body):
    """Row 27. `shop_domain` is ours: what `X-Shoplazza-Shop-Domain` says, for receivers that know the store by it."""

    address: _Address
    topic: _Topic
    shop_domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")] | None = None


class WebhookPatch(Body):
    """Row 28. What is left out stays as it is."""

    address: _Address | None = None
    topic: _Topic | None = None


Limit = Annotated[int, Field(ge=1, le=250)]
Page = Annotated[int, Field(ge=1, le=1_000_000_000)]


class OrderFilters(QueryString):
    """Bounds are inclusive."""

    created_at_min: times.Bound | None = None
    created_at_max: times.Bound | None = None
    updated_at_min: times.Bound | None = None
    updated_at_max: times.Bound | None = None
    status: Literal["opened", "placed", "finished", "cancelled", "closed"] | None = None
    financial_status: (
        Literal[
            "waiting",
            "paying",
            "paid",
            "cancelled",
            "failed",
            "refunding",
            "refund_failed",
            "refunded",
            "partially_refunded",
        ]
        | None
    ) = None
    fulfillment_status: (
        Literal[
            "initialled",
            "waiting",
            "partially_shipped",
            "shipped",
            "partially_finished",
            "finished",
            "cancelled",
            "returning",
            "returned",
            "partially_returned",
        ]
        | None
    ) = None


class OrderQuery(OrderFilters):
    """`ids` are comma separated."""

    ids: _Ids | None = None
    limit: Limit = 10
    page: Page = 1
    placed_at_min: times.Bound | None = None
    placed_at_max: times.Bound | None = None
    recovery_status: Literal["waiting", "sending", "recalling", "failed", "success"] | None = None
    location_id: str | None = None


class FulfillmentFilters(QueryString):
    """Bounds are inclusive."""

    created_at_min: times.Bound | None = None
    created_at_max: times.Bound | None = None
    updated_at_min: times.Bound | None = None
    updated_at_max: times.Bound | None = None


class FulfillmentQuery(FulfillmentFilters):
    limit: Limit = 50
    page: Page = 1


class WebhookFilters(QueryString):
    """`address` and `topic` match exactly, bounds are inclusive."""

    address: str | None = None
    topic: str | None = None
    created_at_min: times.Bound | None = None
    created_at_max: times.Bound | None = None
    updated_at_min: times.Bound | None = None
    updated_at_max: times.Bound | None = None


class WebhookQuery(WebhookFilters):
    limit: Limit = 50
    page: Page = 1
