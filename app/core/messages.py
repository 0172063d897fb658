"""What faces say to the core (commands) and what the core says back (a `Change`); neither knows a wire format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.core import model
from app.core.ledger import Ledger
from app.core.policy import Policy
from app.core.units import NONE, Units

_NO_CUSTOMER = model.Customer()
_NO_PAYMENT = model.Payment()
_NO_REASON = model.Reason()


@dataclass(frozen=True, slots=True)
class Place:
    """A location, and the connector that it has now."""

    location_id: str
    connector: str | None


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, under which policy, at what time. The clock and all randomness come from outside.

    `place` is where the policy dispatches to; looked up only for a command that may need it.
    """

    actor: model.Actor
    policy: Policy
    now: datetime
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """`ref` is a handle for `parent` within the same command, nothing more."""

    ref: str | None = None
    sku: str
    title: str | None = None
    quantity: int
    unit_price: int
    tax_rate: Decimal = Decimal(0)
    type: model.LineType = model.LineType.OFFER
    parent: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFee:
    kind: model.FeeKind
    title: str | None = None
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrder:
    """Without a number one is derived from the id. `track_inventory` None takes the tenant's."""

    number: str | None = None
    draft: bool = False
    currency: str
    placed_at: datetime | None = None
    customer: model.Customer = _NO_CUSTOMER
    shipping_address: model.Address | None = None
    billing_address: model.Address | None = None
    lines: tuple[NewLine, ...]
    fees: tuple[NewFee, ...] = ()
    prices_include_tax: bool = True
    track_inventory: bool | None = None
    manual: bool = False
    payment: model.Payment = _NO_PAYMENT
    keys: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """Draft to open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOrder:
    """Texts that people add. None leaves a field as it is; `extras` are merged into those of the asking dialect,
    `metadata` into what is there, where a None takes a name away.

    `expected` are extras that the asking dialect must find as they were (None: none), so that a value that may be set
    once is set once. `shipped`: only when nothing is left to ship. `unrefunded`: only while no money went back.
    `unarchived`: only while the order is not put away.
    `version`: only of the order as the asker has read it, where what is set was made from that.
    """

    note: str | None = None
    tags: tuple[str, ...] | None = None
    shipping_address: model.Address | None = None
    metadata: Mapping[str, Any] | None = None
    extras: Mapping[str, Any] | None = None
    expected: Mapping[str, Any] = field(default_factory=dict)
    shipped: bool = False
    unrefunded: bool = False
    unarchived: bool = False
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Units of one line: `quantity` that go, or `keep` that stay uncancelled, or certain `units`; none: all open ones.

    `ref` is the line's id, its key in the asking dialect, or, when `chained`, also the id of the adjustment after
    which the caller saw it; a chained target that something else has since changed is refused.
    `contra_ids` are by number of the unit; a unit that was taken under the same one before is left out. `reason`:
    another than the command's. `field` names the request's field for errors.
    """

    ref: str
    quantity: int | None = None
    keep: int | None = None
    units: Units = NONE
    contra_ids: Mapping[str, str] = field(default_factory=dict)
    reason: model.Reason | None = None
    chained: bool = False
    field: str = "lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """`keep_shipped` lets scope `order` leave shipped units alone. `stepwise` waits for somebody's approval.

    `opened`: only of an order that is no draft. `restock`: what a location held goes back to it, whatever the policy
    says. `mail`: the customer is told once it is done, and not if it is refused.
    """

    scope: model.Scope
    targets: tuple[Target, ...] = ()
    keep_shipped: bool = False
    stepwise: bool = False
    opened: bool = False
    reason: model.Reason = _NO_REASON
    restock_to: str | None = None
    restock: bool = False
    mail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A warehouse's word on a case; without a location it is the word of all that were asked."""

    case_id: str
    accepted: bool
    location_id: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """The question of a case is on its way to a location's own system, or has arrived there.

    `order_key` is what that system calls the order, `reference` what it calls the question.
    """

    case_id: str
    location_id: str
    order_key: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """The deadline of a case has passed; `message` is told where the policy answers in place of who said nothing."""

    case_id: str
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilItem:
    """By line or by sku (then over all lines of that sku, in order); without a quantity, all that is open."""

    line: str | None = None
    sku: str | None = None
    quantity: int | None = None
    field: str = "lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfil:
    """Without items: everything open."""

    items: tuple[FulfilItem, ...] = ()
    carrier: str | None = None
    tracking_code: str | None = None
    tracking_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocate:
    """Without targets: everything open that no other location holds."""

    location_id: str
    connector: str | None
    targets: tuple[Target, ...] = ()
    stage: model.Stage = model.Stage.PLANNED
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAllocation:
    allocation_id: str
    stage: model.Stage


Command = (
    OpenOrder | EditOrder | Cancel | Answer | Forwarded | Silence
    | Fulfil | Allocate | MoveAllocation
)  # fmt: skip


class TaskKind(StrEnum):
    PUBLISH = "publish"
    WAREHOUSE = "warehouse"
    DEADLINE = "deadline"
    MAIL = "mail"


TRACE = "traceparent"
"""In a task's payload: the trace that it belongs to, as W3C Trace Context writes it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact per change: `before` and `after` hold the order's state and the unit counts of the lines it touched.

    Where a change is about several cases, or brings one along, `after` has `also`: a type and a case id for each other.
    """

    type: str
    order_id: str
    version: int
    at: datetime
    actor: model.Actor
    case_id: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """`channel`: where it goes, so that a slow one holds up nothing else. Tasks of one `lane` are done in order."""

    kind: TaskKind
    due_at: datetime
    payload: Mapping[str, Any]
    channel: str = ""
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    location_id: str
    sku: str
    delta: int
    adjustment_id: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """An id that a partner gave, findable within its dialect; `kind` is order, line or contra."""

    dialect: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a decision would write. `ledger` is the order after it; a change without an event writes nothing."""

    ledger: Ledger
    case: model.Case | None = None
    event: Event | None = None
    tasks: tuple[Task, ...] = ()
    movements: tuple[Movement, ...] = ()
    keys: tuple[ForeignKey, ...] = ()
    new: bool = False
