"""What the native API answers about orders, as typed dictionaries. Amounts in minor units, times RFC 3339 UTC, `Z`."""

from typing import Any, NotRequired

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict

from app.dialects.native.wire_requests import LineUnits, Reason, Request, TakenUnits


class Address(TypedDict):
    name: str | None
    company: str | None
    address1: str | None
    address2: str | None
    city: str | None
    zip: str | None
    province: str | None
    country_code: str | None
    phone: str | None
    email: str | None


class Customer(TypedDict):
    name: str | None
    email: str | None
    phone: str | None


class Counts(TypedDict):
    open: int
    pending: int
    cancelled: int
    fulfilled: int
    returned: int


class Line(Counts):
    """`refunded` are units whose money went back, wherever they are."""

    id: str
    sku: str
    title: str
    type: str
    parent_id: str | None
    quantity: int
    unit_price: int
    tax_rate: float
    total: int
    refunded: int
    keys: dict[str, str]


class Fee(TypedDict):
    """`credited` of `amount` is not to be paid after all."""

    id: str
    kind: str
    title: str
    amount: int
    credited: int


class FeeCredit(TypedDict):
    """`adjustments` are what it was credited with, by their `origin`."""

    id: str
    fee_id: str
    amount: int
    adjustments: list[TakenUnits]
    dialect: str
    party: str
    credential_id: str
    created_at: str


class Refund(TypedDict):
    """`fees` is within `amount`. Without `lines` it is an amount alone."""

    id: str
    amount: int
    fees: int
    lines: list[LineUnits]
    reason: Reason
    dialect: str
    party: str
    credential_id: str
    created_at: str


class Payment(TypedDict):
    """`amount` is what came in, where somebody said so."""

    status: str
    method: str | None
    amount: int | None


class Allocation(TypedDict):
    id: str
    location_id: str
    connector: str | None
    stage: str
    lines: list[LineUnits]
    created_at: str
    updated_at: str


class Fulfillment(TypedDict):
    id: str
    state: str
    lines: list[LineUnits]
    carrier: str | None
    tracking_code: str | None
    tracking_urls: list[str]
    created_at: str
    updated_at: str
    delivered_at: str | None


class Order(TypedDict):
    """`total` is as placed; `due` is what the order comes to now. `paid` came in, `refunded` of it went back."""

    id: str
    number: str
    state: str
    cancelled: bool
    has_cancellations: bool
    shipped: bool
    currency: str
    prices_include_tax: bool
    track_inventory: bool
    held: bool
    total: int
    due: int
    paid: int
    refunded: int
    lines: list[Line]
    fees: list[Fee]
    fee_credits: list[FeeCredit]
    refunds: list[Refund]
    allocations: list[Allocation]
    fulfillments: list[Fulfillment]
    cases: list[Request]
    customer: Customer
    shipping_address: Address | None
    billing_address: Address | None
    payment: Payment
    keys: dict[str, str]
    language: str | None
    note: str | None
    tags: list[str]
    metadata: dict[str, Any]
    version: int
    placed_at: str
    archived_at: str | None
    created_at: str
    updated_at: str


class Allocating(Allocation):
    """The allocation that was made or moved, with the whole order beside it."""

    order: Order


class Fulfilling(Fulfillment):
    """The shipment that was made or changed, with the whole order beside it."""

    order: Order


class OrderList(TypedDict):
    orders: list[Order]
    next_cursor: str | None


class Movement(TypedDict):
    location_id: str
    sku: str
    quantity: int


class WouldDo(TypedDict):
    """What a dry run says: each unit's fate, what it is worth, which stock would move."""

    amount: int
    currency: str
    stock: list[Movement]


class CalledBack(TypedDict):
    """The requests that a call back spoke about; none if it was about something else."""

    requests: list[str]


class Cancelled(TypedDict):
    """`dry_run` only in the answer to one."""

    request: Request
    order: Order
    dry_run: NotRequired[WouldDo]


class Invalid(TypedDict):
    field: str
    message: str


class Problem(TypedDict):
    """RFC 9457. `code` is stable; `title` and `detail` are for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: NotRequired[list[Invalid]]
