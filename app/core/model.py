"""The neutral facts about an order that every dialect needs, and nothing else.

Frozen dataclasses of the standard library. Amounts are integer minor units of the order's currency, times are UTC
with milliseconds. Lines are never rewritten: what happens to units is appended as adjustments and fulfillments.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.core import entries, people

Actor = people.Actor
Address = people.Address
Adjustment = entries.Adjustment
Customer = people.Customer
FeeCredit = entries.FeeCredit
LineUnits = entries.LineUnits
Party = people.Party
Payment = people.Payment
PaymentStatus = people.PaymentStatus
Reason = people.Reason
Refund = entries.Refund
RefundedUnits = entries.RefundedUnits
Step = entries.Step
StepEntry = entries.StepEntry
_NOBODY = Customer()
_UNPAID = Payment()


class OrderState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    COMPLETED = "completed"


class LineType(StrEnum):
    OFFER = "offer"
    PART = "part"
    PRICED_PART = "priced_part"
    ASSEMBLE_BUNDLE = "assemble_bundle"


class Stage(StrEnum):
    """How far a location is with its units. `shipped` is not here: it follows from fulfillments."""

    PLANNED = "planned"
    OPENED = "opened"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    PICKING = "picking"
    CANCELLED = "cancelled"


class FulfillmentState(StrEnum):
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    VOID = "void"


class CaseKind(StrEnum):
    CANCEL = "cancel"
    RETURN = "return"


class CaseState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Scope(StrEnum):
    """What was asked for: the whole order, what is not fulfilled of it, or certain lines."""

    ORDER = "order"
    REST = "rest"
    LINES = "lines"


class FeeKind(StrEnum):
    SHIPPING = "shipping"
    PAYMENT = "payment"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    id: str
    sku: str
    title: str
    quantity: int
    unit_price: int
    tax_rate: Decimal = Decimal(0)
    type: LineType = LineType.OFFER
    parent_id: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    id: str
    kind: FeeKind
    title: str
    amount: int


@dataclass(frozen=True, slots=True)
class StageEntry:
    """`version` is the order's when the stage was reached."""

    stage: Stage
    version: int
    at: datetime


@dataclass(frozen=True, kw_only=True)  # without slots: see `copying`
class Allocation:
    """Units given to a location. `connector` is the location's as it was then; with one, changes may need its word."""

    id: str
    location_id: str
    connector: str | None
    stage: Stage
    items: tuple[LineUnits, ...]
    trail: tuple[StageEntry, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfillment:
    id: str
    items: tuple[LineUnits, ...]
    state: FulfillmentState = FulfillmentState.SHIPPED
    carrier: str | None = None
    tracking_code: str | None = None
    tracking_urls: tuple[str, ...] = ()
    version: int
    created_at: datetime
    updated_at: datetime
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The question to one location of a case, and its answer once there is one.

    `reference` is what the location's own system calls the question.
    """

    location_id: str
    state: CaseState = CaseState.PENDING
    reference: str | None = None
    message: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)  # without slots: see `copying`
class Case:
    """One cancellation or return that somebody asked for. A `stepwise` cancel is approved by somebody, step by step.

    `deadline`: until when the locations that are asked should have answered, where the policy sets a time.
    """

    id: str
    kind: CaseKind
    scope: Scope
    actor: Actor
    reason: Reason
    state: CaseState
    stepwise: bool = False
    restock_to: str | None = None
    restock: bool = False
    mail: bool = False
    asks: tuple[Ask, ...] = ()
    message: str | None = None
    created_at: datetime
    deadline: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)  # without slots: see `copying`
class Order:
    """`manual`: somebody says which location gets what. `held`: no location is asked to go ahead for now.

    `language` is the customer's, as BCP 47 writes it. `archived_at`: done with, until something starts it again.
    `facts_at` is set as long as only questions to warehouses came after it: see `changed_at`.
    """

    tenant_id: str
    id: str
    number: str
    state: OrderState
    version: int
    currency: str
    prices_include_tax: bool
    track_inventory: bool
    manual: bool = False
    held: bool = False
    lines: tuple[Line, ...]
    fees: tuple[Fee, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    fulfillments: tuple[Fulfillment, ...] = ()
    cases: tuple[Case, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    fee_credits: tuple[FeeCredit, ...] = ()
    refunds: tuple[Refund, ...] = ()
    customer: Customer = _NOBODY
    shipping_address: Address | None = None
    billing_address: Address | None = None
    payment: Payment = _UNPAID
    keys: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    children: int
    placed_at: datetime
    opened_at: datetime | None = None
    archived_at: datetime | None = None
    facts_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def changed_at(self) -> datetime:
        """The last change that was more than a question to a warehouse, or its refusal; never after `updated_at`.

        For faces that show a cancellation once units are gone: their picture is still that of this time.
        """
        return self.facts_at or self.updated_at
