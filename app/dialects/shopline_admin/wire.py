"""What SHOPLINE answers, as typed dictionaries, every key of contract 2 (public docs). Money is a decimal text."""

from typing import Any

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict

from app.dialects.shopline_admin.wire_parts import (
    Address,
    Customer,
    Fulfillment,
    LineItem,
    MoneySet,
    PaymentDetail,
    Refund,
    ShippingAddress,
    ShippingLine,
    TaxLine,
)


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
