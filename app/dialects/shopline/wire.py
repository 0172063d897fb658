"""What Shopline answers, as typed dictionaries, every key of contract section 2 (seed: 2.1; public docs: the rest).

Money is a decimal text, a time RFC 3339 UTC with `Z` and no fraction, except in the fulfilment routes (2.6).
"""

from typing import Any, NotRequired

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


class Customer(TypedDict):
    id: str
    email: str
    first_name: str
    last_name: str
    phone: str
    created_at: str
    updated_at: str
    orders_count: int
    total_spent: str


class Address(TypedDict):
    first_name: str
    last_name: str
    name: str
    address1: str
    address2: str
    city: str
    zip: str
    area: str
    company: str
    province: str
    province_code: str
    country: str
    country_code: str
    latitude: str
    longitude: str
    email: str
    phone: str


class ExtraInfo(TypedDict):
    cpf: str
    tax_text: str
    id_number: str
    id_number_text: str
    addition: str


class ShippingAddress(Address):
    phone_area_code: str
    extra_info: ExtraInfo


class PaymentLine(TypedDict):
    payment_channel: str
    payment_method: str
    transaction_no: str
    merchant_id: str
    merchant_email: str


class Property(TypedDict):
    name: str
    value: str


class Item(TypedDict):
    """What a line shows wherever it stands."""

    id: str
    product_id: str
    variant_id: str
    product_title: str
    variant_title: str
    product_handle: str
    product_url: str
    sku: str
    vendor: str
    note: str
    image: str
    quantity: int
    fulfillment_status: str
    total: str
    weight_unit: str
    properties: list[Property]
    custom_properties: dict[str, Any]
    refund_quantity: int
    refund_total: str


class LineItem(Item):
    """`quantity` and prices stay as placed; `refund_quantity`: cancelled, came back or refunded, each unit once."""

    price: str
    compare_at_price: str
    weight: str


class Shipped(TypedDict):
    taxable: bool
    requires_shipping: bool
    shipping_quantity: int


class ShippedLineItem(LineItem, Shipped):
    """A line of a fulfilment inside an order."""


class FulfillmentLineItem(Item, Shipped):
    """A line of a fulfilment in the fulfilment routes: numbers, and `total` with its currency."""

    price: float
    compare_at_price: float
    weight: float


class Parcel(TypedDict):
    id: str
    order_id: str
    status: str
    tracking_company: str
    tracking_number: str
    tracking_company_code: str
    created_at: str
    updated_at: str


class OrderFulfillment(Parcel):
    """Inside an order."""

    line_items: list[ShippedLineItem]


class Fulfillment(Parcel):
    """In the fulfilment routes; times have the offset `+00:00`."""

    line_items: list[FulfillmentLineItem]


class Webhook(TypedDict):
    """Contract 4.5. One that the native API made for several topics shows them all, comma separated.

    `secret` is ours, and only where the token's own cannot sign.
    """

    id: str
    address: str
    topic: str
    format: str
    created_at: str
    updated_at: str
    secret: NotRequired[str]


class Visit(TypedDict):
    data: str
    created_at: str


class ShippingLine(TypedDict):
    name: str


class AdditionalPrice(TypedDict):
    name: str
    price: str


class LocationLine(TypedDict):
    id: str
    location_id: str
    location_name: str


class CurrencySymbol(TypedDict):
    code: str
    val: str
    left: str
    right: str


class MarketPriceSetting(TypedDict):
    local_currency_enabled: bool
    custom_rate_enabled: bool
    price_round_enabled: bool
    custom_rate: float | None
    rate: float | None
    back_rate: float | None
    actual_rate: float | None
    base_to_local: int | None
    local_to_base: int | None
    adjust: int | None


class MarketSetting(TypedDict):
    primary_market_lang: str
    market_lang: str
    market_id: str
    market_base_id: str
    primary_market_id: str
    market_currency: str
    market_base_currency: str
    primary_market_currency: str
    market_country: str
    market_currency_symbol: CurrencySymbol
    market_base_currency_symbol: CurrencySymbol
    primary_market_currency_symbol: CurrencySymbol
    market_price_setting: MarketPriceSetting


class OrderConfig(TypedDict):
    page_type: str
    requires_shipping: bool
    product_tax_included: bool
    checkout_business_type: int
    checkout_template_type: int
    market_setting: MarketSetting


class Amounts(TypedDict):
    """As placed, and refunded of it. `addtional_prices` is the partner's own spelling."""

    total_price: str
    sub_total: str
    total_discount: str
    total_tax: str
    total_shipping: str
    code_discount_total: str
    line_item_discount_total: str
    gift_card_total: str
    total_refund_price: str
    total_refund_discount: str
    total_refund_tax: str
    additional_total: str
    addtional_prices: list[AdditionalPrice]
    shipping_tax_total: str
    total_tip_received: str
    total_paid: str


class NotKept(TypedDict):
    """Fields of the seed that nothing here ever fills."""

    discount_code: str
    discount_applications: str
    customer_note: str
    landing_site: str
    customer_deleted_at: str | None
    deleted_at: str | None
    browser_ip: str
    last_landing_url: str
    source: str
    source_name: Visit
    last_referrer_show: Visit
    logistics_code: str
    refer_info: str
    sales_platform: str
    checkout_url: str
    location_line: LocationLine
    invoice_url: str


class Order(Amounts, NotKept):
    """The whole order. `canceled_at` has one `l`."""

    id: str
    note: str | None
    number: str
    financial_status: str
    status: str
    cancel_reason: str | None
    fulfillment_status: str
    email_status: str
    recovery_status: str
    refund_status: str
    payment_method: str
    buyer_accepts_marketing: bool
    currency: str
    product_tax_included: bool
    created_at: str
    updated_at: str
    canceled_at: str | None
    placed_at: str | None
    tags: str
    shipping_line: ShippingLine
    customer: Customer
    shipping_address: ShippingAddress
    billing_address: Address
    payment_line: PaymentLine
    line_items: list[LineItem]
    fulfillments: list[OrderFulfillment]
    config: OrderConfig
