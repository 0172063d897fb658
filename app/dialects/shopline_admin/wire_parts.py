"""What SHOPLINE answers beside the order itself, as typed dictionaries (contract 2, public docs).

Money is a decimal text, where it is not a number; a time has an offset and no fraction.
"""

from typing import Any

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


class Money(TypedDict):
    amount: str
    currency_code: str


class MoneySet(TypedDict):
    """In the store's currency, and in the buyer's."""

    shop_money: Money
    presentment_money: Money


class TaxLine(TypedDict):
    title: str
    price: str
    price_set: MoneySet
    rate: float
    type: str


class PlainAddress(TypedDict):
    first_name: str
    last_name: str
    name: str
    phone: str
    address1: str
    address2: str
    city: str
    province: str
    province_code: str
    country: str
    country_code: str
    zip: str


class Address(PlainAddress):
    company: str
    standard_province_code: str


class ShippingAddress(Address):
    latitude: str
    longitude: str
    district: str
    district_code: str
    delivery_store_code: str
    delivery_store_name: str


class Customer(TypedDict):
    """`addresses` is one object (2.2)."""

    id: str
    email: str
    phone: str
    area_code: str
    first_name: str
    last_name: str
    currency: str
    created_at: str
    updated_at: str
    addresses: PlainAddress


class LineItem(TypedDict):
    """`quantity` is as placed, `fulfillable_quantity` what is neither shipped nor cancelled of it."""

    id: str
    product_id: str
    variant_id: str
    sku: str
    title: str
    name: str
    variant_title: str
    vendor: str
    location_id: str
    quantity: int
    fulfillable_quantity: int
    price: str
    price_set: MoneySet
    grams: float
    fulfillment_service: str
    fulfillment_status: str | None
    requires_shipping: bool
    taxable: bool
    gift_card: bool
    tax_lines: list[TaxLine]
    discount_allocations: list[Any]
    duties: list[Any]
    country_code_of_origin: str
    harmonized_system_code: str


class ShippingLine(TypedDict):
    title: str
    code: str
    price: str
    price_set: MoneySet
    discounted_price: str
    discounted_price_set: MoneySet
    shipping_price: str
    shipping_price_set: MoneySet
    source: str
    requested_fulfillment_service_id: str
    tax_lines: list[TaxLine]
    discount_allocations: list[Any]


class Tracking(TypedDict):
    tracking_company: str
    tracking_number: str
    tracking_url: str


class Fulfillment(Tracking):
    """The single fields of tracking are the first of the list (2.6). `quantity` of a line item is what was shipped."""

    id: str
    order_id: str
    status: str
    shipment_status: str | None
    tracking_info_list: list[Tracking]
    created_at: str
    updated_at: str
    line_items: list[LineItem]
    name: str


class RefundLineItem(TypedDict):
    """`restock_type` says whether the goods went back to stock, and how they came there."""

    id: str
    line_item_id: str
    line_item: LineItem
    quantity: int
    restock_type: str
    subtotal: float
    subtotal_set: MoneySet
    total_tax: float
    total_tax_set: MoneySet


class Transaction(TypedDict):
    id: str
    order_id: str
    user_id: str
    amount: str
    currency: str
    kind: str
    status: str
    created_at: str
    processed_at: str


class RefundParts(TypedDict):
    id: str
    order_id: str
    user_id: str
    note: str
    processed_at: str
    refund_line_items: list[RefundLineItem]
    order_adjustments: list[Any]


class Refund(RefundParts):
    created_at: str
    transactions: list[Transaction]


class NewRefund(RefundParts):
    """What the POST answers: `create_at`, in milliseconds, is the partner's own name (2.7)."""

    create_at: str
    transactions: list[Transaction]


class Calculated(TypedDict):
    """`transactons` is the partner's own misspelling (1.3, row 10)."""

    currency: str
    shipping: Money
    refund_line_items: list[RefundLineItem]
    transactons: list[Transaction]


class PaymentDetail(TypedDict):
    pay_seq: str
    order_seq: str
    pay_amount: float
    pay_status: str
    pay_channel_deal_id: str
    status_code: str
    status_msg: str
    create_time: str
    processed_at: str
    gateway: str
    pay_channel: str
    payment_method: str
    settle_currency: str
    settle_pay_amount: float
