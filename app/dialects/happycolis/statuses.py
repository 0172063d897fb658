"""What the ledger reads as here: states and statuses of orders, delivery orders and their lines, and their events.

Spelling (contract 2.8): one L in an enum's value, two in an event's name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.core import units as u
from app.core.ledger import CANCELLED, Ledger
from app.core.model import (
    Adjustment,
    Allocation,
    CaseKind,
    Fulfillment,
    FulfillmentState,
    Line,
    LineUnits,
    OrderState,
    Stage,
    Step,
    StepEntry,
)
from app.core.units import Units

ORDER = {OrderState.DRAFT: "DRAFT", OrderState.OPEN: "OPENED", OrderState.COMPLETED: "COMPLETED"}
ASKED = (Stage.REQUESTED, Stage.ACCEPTED, Stage.PICKING)
_LADDER = (Stage.PLANNED, Stage.OPENED, *ASKED)
# 3.2: production started is ACCEPTED, picking started IN_PROGRESS.
_LINE = {
    Stage.PLANNED: "NEW",
    Stage.OPENED: "PENDING",
    Stage.REQUESTED: "PENDING",
    Stage.ACCEPTED: "ACCEPTED",
    Stage.PICKING: "IN_PROGRESS",
    Stage.CANCELLED: "CANCELED",
}
_DELIVERY_ORDER = {
    Stage.PLANNED: "DRAFT",
    Stage.OPENED: "PENDING",
    Stage.REQUESTED: "PENDING",
    Stage.ACCEPTED: "OPENED",
    Stage.PICKING: "OPENED",
}


@dataclass(frozen=True, slots=True)
class Count:
    """Of a line, or of what a delivery order has of it: `quantity` is what stands (placed, if nothing does)."""

    quantity: int
    fulfilled: int
    status: str


def of_line(ledger: Ledger, line: Line) -> Count:
    return _count(ledger, LineUnits(line.id, u.span(line.quantity)), _order_line(ledger, line))


def of_item(ledger: Ledger, allocation: Allocation, item: LineUnits) -> Count:
    return _count(ledger, item, _LINE[allocation.stage])


def _order_line(ledger: Ledger, line: Line) -> str:
    """By the most advanced of those that hold some of it."""
    stages = [
        allocation.stage
        for allocation in ledger.order.allocations
        if allocation.stage in ASKED and any(item.line_id == line.id for item in allocation.items)
    ]
    if stages:
        return _LINE[max(stages, key=_LADDER.index)]
    return "NEW" if ledger.order.state is OrderState.DRAFT else "PENDING"


def _count(ledger: Ledger, item: LineUnits, working: str) -> Count:
    held = ledger.positions[item.line_id]
    placed = u.count(item.units)
    fulfilled = u.both(item.units, held.fulfilled)
    stands = placed - u.count(u.both(item.units, held.cancelled))
    if not stands:
        return Count(placed, 0, "CANCELED")
    if not fulfilled:
        return Count(stands, 0, working)
    if u.count(fulfilled) < stands:
        return Count(stands, u.count(fulfilled), "PARTIALLY_FULFILLED")
    arrived = _arrived(ledger, item.line_id)
    return Count(stands, stands, "FULFILLED" if u.minus(fulfilled, arrived) else "DELIVERED")


def _arrived(ledger: Ledger, line_id: str) -> Units:
    units = u.NONE
    for fulfillment in ledger.order.fulfillments:
        if fulfillment.state is FulfillmentState.DELIVERED:
            for item in fulfillment.items:
                units = u.union(units, item.units if item.line_id == line_id else u.NONE)
    return units


def finished(ledger: Ledger, allocation: Allocation) -> bool:
    """Cancelled, or nothing of it is left to send."""
    return allocation.stage is Stage.CANCELLED or not any(
        u.both(item.units, u.union(held.open, held.pending))
        for item in allocation.items
        for held in (ledger.positions[item.line_id],)
    )


def of_delivery_order(ledger: Ledger, allocation: Allocation) -> str:
    """3.5: there is no cancelled status."""
    return "COMPLETED" if finished(ledger, allocation) else _DELIVERY_ORDER[allocation.stage]


def locked(ledger: Ledger) -> bool:
    """2.5: while fulfilment is in progress; false once completed or cancelled."""
    return ledger.order.state is OrderState.OPEN and any(
        allocation.stage in ASKED and not finished(ledger, allocation) for allocation in ledger.order.allocations
    )


def requested_at(ledger: Ledger) -> datetime | None:
    asked = [entry.at for a in ledger.order.allocations for entry in a.trail if entry.stage in ASKED]
    return min(asked, default=None)


def completed_at(ledger: Ledger) -> datetime | None:
    """When the last unit left, one way or the other."""
    if not ledger.done:
        return None
    shipped = [f.created_at for f in ledger.order.fulfillments if f.state is not FulfillmentState.VOID]
    taken = [entry.at for a in ledger.order.adjustments if (entry := accepted(ledger, a)) is not None]
    return max(shipped + taken, default=None)


def accepted(ledger: Ledger, adjustment: Adjustment) -> StepEntry | None:
    """When its units were cancelled for good: whatever step comes after that, they stay so. None of a return."""
    if ledger.cases[adjustment.case_id].kind is not CaseKind.CANCEL:
        return None
    return next((entry for entry in adjustment.steps if entry.step in CANCELLED), None)


@dataclass(frozen=True, slots=True)
class Happening:
    """A fulfilment event. `version` is the order's when it happened."""

    type: str
    version: int
    at: datetime
    level: str = "NORMAL"
    message: str | None = None


def happenings(ledger: Ledger, allocation: Allocation) -> list[Happening]:
    """Oldest first. A stage that was leapt over was passed all the same."""
    found = [*_stages(ledger, allocation), *_refusals(ledger, allocation), *_completion(ledger, allocation)]
    return sorted(found, key=lambda happening: happening.version)


def _stages(ledger: Ledger, allocation: Allocation) -> Iterator[Happening]:
    reached = -1
    for entry in allocation.trail:
        if entry.stage is Stage.CANCELLED:
            words = _words(ledger, allocation, entry.version)
            yield Happening("CANCELED", entry.version, entry.at, message=words)
            continue
        place = _LADDER.index(entry.stage)
        for stage, name in ((Stage.REQUESTED, "FULFILLMENT_REQUESTED"), (Stage.ACCEPTED, "FULFILLMENT_ACCEPTED")):
            if reached < _LADDER.index(stage) <= place:
                yield Happening(name, entry.version, entry.at)
        reached = place


def taken_at(ledger: Ledger, allocation: Allocation, version: int, *, cancelled: bool) -> list[Adjustment]:
    """Its units that a case took for good, or gave back after a refusal, at that version."""
    return [
        a
        for a in ledger.order.adjustments
        if a.allocation_id == allocation.id and version in (_taken(ledger, a) if cancelled else _given_back(a))
    ]


def _taken(ledger: Ledger, adjustment: Adjustment) -> set[int]:
    entry = accepted(ledger, adjustment)
    return {entry.version} if entry is not None else set()


def _given_back(adjustment: Adjustment) -> set[int]:
    return {entry.version for entry in adjustment.steps if _refused(adjustment, entry.step)}


def _refused(adjustment: Adjustment, step: Step) -> bool:
    return step is Step.REJECTED and adjustment.asked is not None


def _words(ledger: Ledger, allocation: Allocation, version: int) -> str | None:
    """What the location said when it agreed."""
    for adjustment in taken_at(ledger, allocation, version, cancelled=True):
        for ask in ledger.cases[adjustment.case_id].asks:
            if ask.location_id == allocation.location_id:
                return ask.message
    return None


def _refusals(ledger: Ledger, allocation: Allocation) -> Iterator[Happening]:
    """3.5: a refused cancellation is a WARNING with the warehouse's words (inferred); one for each case."""
    told: set[str] = set()
    for adjustment in ledger.order.adjustments:
        last = adjustment.steps[-1]
        if adjustment.allocation_id != allocation.id or not _refused(adjustment, last.step):
            continue
        case = ledger.cases[adjustment.case_id]
        if case.id not in told:
            told.add(case.id)
            words = next((ask.message for ask in case.asks if ask.location_id == adjustment.asked), None)
            yield Happening("CANCELLATION_REJECTED", last.version, last.at, "WARNING", words)


def _completion(ledger: Ledger, allocation: Allocation) -> Iterator[Happening]:
    """Once all that stands of it was shipped; what was cancelled in between may have been the last to go."""
    shipments = [f for f in ledger.order.fulfillments if sends(f, allocation)]
    if allocation.stage is Stage.CANCELLED or not shipments or not finished(ledger, allocation):
        return
    last = max(((f.version, f.created_at) for f in shipments), key=lambda moment: moment[0])
    for adjustment in ledger.order.adjustments:
        entry = accepted(ledger, adjustment)
        if adjustment.allocation_id == allocation.id and entry is not None:
            last = max(last, (entry.version, entry.at), key=lambda moment: moment[0])
    yield Happening("COMPLETED", *last)


def sends(fulfillment: Fulfillment, allocation: Allocation) -> bool:
    return fulfillment.state is not FulfillmentState.VOID and holds(fulfillment, allocation)


def holds(fulfillment: Fulfillment, allocation: Allocation) -> bool:
    """Whether units of it are, or were before it was void, in that shipment."""
    return any(
        u.both(mine.units, sent.units)
        for mine in allocation.items
        for sent in fulfillment.items
        if mine.line_id == sent.line_id
    )
