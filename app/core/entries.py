"""What happens to the units and the money of an order: entries that are appended and never rewritten."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core.people import Actor, Reason
from app.core.units import Units


class Step(StrEnum):
    """Where an adjustment stands; a cancel starts at requested, awaiting_approval or its end, a return at announced."""

    REQUESTED = "requested"
    ANNOUNCED = "announced"
    RECEIVED = "received"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    RESTOCKED = "restocked"
    FINISHED = "finished"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class LineUnits:
    line_id: str
    units: Units


@dataclass(frozen=True, slots=True)
class StepEntry:
    """`version` is the order's when the step was taken: it orders acceptances across adjustments."""

    step: Step
    version: int
    at: datetime


@dataclass(frozen=True, kw_only=True)  # without slots: see `copying`
class Adjustment:
    """A ledger entry: the units of one line that a case takes, from one allocation or from none.

    An adjustment steps as a whole: when only some of its units do, these part from it, into an entry whose `root` is
    the one that all its units started in. `asked` is the location whose answer it waits for. `amount` is what the
    units cost the buyer (`money.Worth`), tax included. A return of goods never sold here has no line: then `sku`,
    `title` and `amount` are its own. `contra_ids` are the ids a client gave to the unit's contra item. `reason`:
    another than the case's.
    """

    id: str
    case_id: str
    line_id: str | None
    allocation_id: str | None = None
    asked: str | None = None
    units: Units
    amount: int
    sku: str | None = None
    title: str | None = None
    contra_ids: Mapping[str, str] = field(default_factory=dict)
    reason: Reason | None = None
    root: str | None = None
    steps: tuple[StepEntry, ...]

    @property
    def step(self) -> Step:
        return self.steps[-1].step

    @property
    def origin(self) -> str:
        """The id of the entry that its units started in: theirs for good, however they part."""
        return self.root or self.id


@dataclass(frozen=True, slots=True)
class TakenUnits:
    """Units of an adjustment by its origin, which holds when they part later."""

    origin: str
    units: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeCredit:
    """Part of a fee, or all of it, that is not to be paid after all; `items` are what it was credited with."""

    id: str
    fee_id: str
    amount: int
    items: tuple[TakenUnits, ...]
    actor: Actor
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RefundedUnits(LineUnits):
    """`reason`: another than the refund's. A line is there once for each reason."""

    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that goes back: for certain units, for fees with the last of them, or an `amount` alone (no `items`)."""

    id: str
    amount: int
    fees: int = 0
    items: tuple[RefundedUnits, ...] = ()
    reason: Reason
    actor: Actor
    version: int
    created_at: datetime
