"""What the native API answers about orders, as typed dictionaries. Amounts in minor units, times RFC 3339 UTC, `Z`."""

from typing import Any, Literal, NotRequired

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


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
    id: str
    sku: str
    title: str
    type: str
    parent_id: str | None
    quantity: int
    unit_price: int
    tax_rate: float
    total: int
    keys: dict[str, str]


class Fee(TypedDict):
    id: str
    kind: str
    title: str
    amount: int


class Payment(TypedDict):
    status: str
    method: str | None


class LineUnits(TypedDict):
    """`units` are ranges of unit numbers, from 1: `[[1, 3]]`."""

    line_id: str
    quantity: int
    units: list[list[int]]


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


class Reason(TypedDict):
    code: str | None
    text: str | None


class Step(TypedDict):
    step: str
    at: str


class Adjustment(TypedDict):
    id: str
    line_id: str | None
    allocation_id: str | None
    quantity: int
    units: list[list[int]]
    amount: int
    step: str
    steps: list[Step]


class Ask(TypedDict):
    location_id: str
    state: str
    message: str | None
    answered_at: str | None


class Request(TypedDict):
    """A case: one cancellation or return that somebody asked for."""

    id: str
    order_id: str
    type: Literal["CANCEL", "RETURN"]
    scope: str
    state: Literal["PENDING", "ACCEPTED", "REJECTED"]
    message: str | None
    dialect: str
    party: str
    credential_id: str
    reason: Reason
    created_at: str
    decided_at: str | None
    asked: list[Ask]
    adjustments: list[Adjustment]


class Order(TypedDict):
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
    lines: list[Line]
    fees: list[Fee]
    allocations: list[Allocation]
    fulfillments: list[Fulfillment]
    cases: list[Request]
    customer: Customer
    shipping_address: Address | None
    billing_address: Address | None
    payment: Payment
    keys: dict[str, str]
    note: str | None
    tags: list[str]
    metadata: dict[str, Any]
    version: int
    placed_at: str
    created_at: str
    updated_at: str


class Allocating(Allocation):
    """The allocation that was made or moved, with the whole order beside it."""

    order: Order


class Fulfilling(Fulfillment):
    """The shipment that was made, with the whole order beside it."""

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


class Summary(TypedDict, total=False):
    state: str
    cancelled: bool
    lines: dict[str, Counts]


class Event(TypedDict):
    id: str
    type: str
    order_id: str
    version: int
    at: str
    dialect: str
    party: str
    credential_id: str
    request_id: str | None
    before: Summary
    after: Summary


class EventList(TypedDict):
    events: list[Event]
    next_cursor: str | None


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


class ImportResult(TypedDict):
    """One line of an import's answer. `exists` is an order that was there already, by its keys or its number."""

    line: int
    status: Literal["created", "exists", "rejected"]
    id: str | None
    number: str | None
    problem: NotRequired[Problem]


class BulkResult(TypedDict):
    """One line of a bulk cancellation's answer; `id` is as it was sent."""

    line: int
    id: str | None
    status: Literal["cancelled", "pending", "refused"]
    request_id: str | None
    problem: NotRequired[Problem]
