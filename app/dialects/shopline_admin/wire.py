"""What SHOPLINE answers, as typed dictionaries, every key of contract 2 (public docs). Money is a decimal text."""

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


class Amounts(TypedDict):
    """As placed; cancelling changes none of them."""

    current_subtotal_price: str
    current_subtotal_price_set: MoneySet
    current_total_price: str
    current_total_price_set: MoneySet
    current_total_discounts: str
    current_total_discounts_set: MoneySet
    current_total_tax: str
    current_total_tax_set: MoneySet
    current_total_duties_set: MoneySet
    subtotal_price: str
    subtotal_price_set: MoneySet
    total_discounts: str
    total_discounts_set: MoneySet
    total_line_items_price: str
    total_line_items_price_set: MoneySet
    total_outstanding: str
    total_outstanding_set: MoneySet
    total_shipping_price_set: MoneySet
    total_tax: str
    total_tax_set: MoneySet
    total_tip_received: str
    total_tip_received_set: MoneySet
    deduct_member_point_amount: str
    deduct_member_point_amount_set: MoneySet
    adjust_price: str
    adjust_price_set: MoneySet


class ClientDetails(TypedDict):
    browser_ip: str
    session_hash: str
    user_agent: str


class NotKept(TypedDict):
    """Fields that nothing here ever fills."""

    total_weight: float
    tax_number: str
    tax_type: str
    tax_description: str
    note_attributes: list[Any]
    buyer_note: str
    user_id: str
    processed_user_id: str
    discount_applications: list[Any]
    discount_codes: list[Any]
    client_details: ClientDetails
    company: None
    order_source: str
    order_status_url: str
    browser_ip: str
    cart_token: str
    checkout_id: str
    checkout_token: str
    landing_site: str
    referring_site: str
    source_url: str
    source_name: str
    source_identifier: str
    utm_parameters: str
    locations: list[Any]
    pos_location_id: str
    service: None
    contract_seq: str
    po_number: str
    payment_terms: None
    credit_limit: None


class Told(Amounts, NotKept):
    """What is told of an order everywhere."""

    id: str
    name: str
    hidden_order: bool
    financial_status: str
    fulfillment_status: str | None
    cancel_reason: str | None
    cancelled_at: str | None
    created_at: str
    updated_at: str
    processed_at: str | None
    order_at: str
    currency: str
    presentment_currency: str
    taxes_included: bool
    tax_lines: list[TaxLine]
    tags: str
    note: str | None
    email: str
    phone: str
    customer: Customer
    customer_locale: str
    billing_address: Address
    shipping_address: ShippingAddress
    line_items: list[LineItem]
    shipping_lines: list[ShippingLine]
    fulfillments: list[Fulfillment]
    refunds: list[Refund]
    payment_details: list[PaymentDetail]
    payment_gateway_names: list[str]
    store_id: str


class Order(Told):
    """`status` has one `l` in `canceled` (2.9), `cancelled_at` has two."""

    app_id: str
    status: str


class SentOrder(Told):
    """In a webhook, where it is bare (4.5)."""

    draft_order_seq: str
