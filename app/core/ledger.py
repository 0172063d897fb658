"""Where every unit of an order is, folded from its append-only entries, and what follows from that.

The rule, for each line and always: quantity = open + pending + cancelled + fulfilled, returned within fulfilled,
every unit in exactly one place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from app.core import balance, money
from app.core import units as u
from app.core.model import (
    Adjustment,
    Allocation,
    Case,
    CaseKind,
    CaseState,
    FulfillmentState,
    Line,
    LineUnits,
    Order,
    Reason,
    Scope,
    Stage,
    Step,
)
from app.core.units import Units

PENDING = frozenset({Step.REQUESTED, Step.AWAITING_APPROVAL})
CANCELLED = frozenset({Step.APPROVED, Step.RESTOCKED, Step.FINISHED})
_STAGES = {stage: rank for rank, stage in enumerate(Stage)}
RETURNED = frozenset({Step.RECEIVED, Step.AWAITING_APPROVAL, Step.APPROVED, Step.RESTOCKED, Step.FINISHED})


@dataclass(slots=True)
class Position:
    """The units of one line by where they are. `returned` and `announced` are inside `fulfilled`.

    `refunded` are those whose money went back, wherever they are.
    """

    line: Line
    open: Units
    pending: Units = u.NONE
    cancelled: Units = u.NONE
    fulfilled: Units = u.NONE
    announced: Units = u.NONE
    returned: Units = u.NONE
    refunded: Units = u.NONE

    def counts(self) -> dict[str, int]:
        return {
            "open": u.count(self.open),
            "pending": u.count(self.pending),
            "cancelled": u.count(self.cancelled),
            "fulfilled": u.count(self.fulfilled),
            "returned": u.count(self.returned),
        }


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Units of one line that one case took for good at one moment; Convictional shows each as a link of its chain.

    `id` is that of `adjustment`, one of those that make it up: the same for good, however they step on and part.
    """

    id: str
    case: Case
    version: int
    units: Units
    adjustment: Adjustment

    @property
    def reason(self) -> Reason:
        return self.adjustment.reason or self.case.reason


class Ledger:
    """An order with its positions, folded once and shared by everybody who draws the order."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.cases = {case.id: case for case in order.cases}
        self.positions = _fold(order, self.cases)

    @cached_property
    def worth(self) -> money.Worth:
        """What its units cost the buyer."""
        return money.Worth(self.order)

    @property
    def open_units(self) -> int:
        return sum(u.count(held.open) for held in self.positions.values())

    @property
    def pending_units(self) -> int:
        return sum(u.count(held.pending) for held in self.positions.values())

    @property
    def cancelled_units(self) -> int:
        return sum(u.count(held.cancelled) for held in self.positions.values())

    @property
    def fulfilled_units(self) -> int:
        return sum(u.count(held.fulfilled) for held in self.positions.values())

    @cached_property
    def done(self) -> bool:
        """Nothing open or pending: such an order is completed."""
        return bool(self.positions) and not any(held.open or held.pending for held in self.positions.values())

    @property
    def cancelled(self) -> bool:
        """Cancelled as a whole: a case of scope order was accepted (part may have been shipped), or every unit is."""
        if not self.done:
            return False
        if not self._fulfilled:
            return True
        return any(
            case.kind is CaseKind.CANCEL and case.scope is Scope.ORDER and case.state is CaseState.ACCEPTED
            for case in self.order.cases
        )

    @property
    def working(self) -> bool:
        """Something was cancelled or comes back, and not all of its steps were taken."""
        return any(a.step not in {Step.FINISHED, Step.REJECTED} for a in self.order.adjustments)

    def holders(self, line_id: str) -> list[tuple[Allocation, Units]]:
        """Who was given units of a line and may still have them, the least advanced stage first."""
        return self._holders.get(line_id, [])

    @cached_property
    def _holders(self) -> dict[str, list[tuple[Allocation, Units]]]:
        by_line: dict[str, list[tuple[Allocation, Units]]] = {}
        for allocation in sorted(self.order.allocations, key=lambda each: _STAGES[each.stage]):
            if allocation.stage is not Stage.CANCELLED:
                for item in allocation.items:
                    by_line.setdefault(item.line_id, []).append((allocation, item.units))
        return by_line

    @property
    def has_cancellations(self) -> bool:
        return any(held.cancelled for held in self.positions.values())

    @cached_property
    def _fulfilled(self) -> bool:
        return any(held.fulfilled for held in self.positions.values())

    @property
    def shipped(self) -> bool:
        """Something was shipped and nothing is left to ship."""
        return self.done and self._fulfilled

    def acceptances(self, line_id: str) -> list[Acceptance]:
        """What was cancelled of a line, in the order of acceptance; one entry per case and moment."""
        return self._acceptances.get(line_id, [])

    @cached_property
    def _acceptances(self) -> dict[str, list[Acceptance]]:
        found: dict[tuple[int, str, str], Acceptance] = {}
        for adjustment in self.order.adjustments:
            case = self.cases[adjustment.case_id]
            if adjustment.line_id is None or adjustment.step not in CANCELLED or case.kind is not CaseKind.CANCEL:
                continue
            version = next(entry.version for entry in adjustment.steps if entry.step in CANCELLED)
            key = (version, case.id, adjustment.line_id)
            held = found.get(key)
            units = u.union(held.units, adjustment.units) if held else adjustment.units
            named = adjustment
            if held and held.adjustment.origin == adjustment.origin:
                # One that parts later has a later id than what it parts from, and so leaves the name alone.
                named = min(held.adjustment, adjustment, key=lambda a: a.id)
            found[key] = Acceptance(named.id, case, version, units, named)
        by_line: dict[str, list[Acceptance]] = {}
        for key in sorted(found):
            by_line.setdefault(key[2], []).append(found[key])
        return by_line


def _fold(order: Order, cases: dict[str, Case]) -> dict[str, Position]:
    positions = {line.id: Position(line, u.span(line.quantity)) for line in order.lines}
    for item in _shipped(order):
        held = positions[item.line_id]
        held.fulfilled = u.union(held.fulfilled, item.units)
        held.open = u.minus(held.open, item.units)
    for adjustment in order.adjustments:
        if adjustment.line_id is not None and adjustment.step is not Step.REJECTED:
            held = positions[adjustment.line_id]
            if cases[adjustment.case_id].kind is CaseKind.CANCEL:
                _fold_cancel(held, adjustment)
            else:
                _fold_return(held, adjustment)
    for given in (given for refund in order.refunds for given in refund.items):
        held = positions[given.line_id]
        held.refunded = u.union(held.refunded, given.units)
    return positions


def _shipped(order: Order) -> Iterator[LineUnits]:
    for fulfillment in order.fulfillments:
        if fulfillment.state is not FulfillmentState.VOID:
            yield from fulfillment.items


def _fold_cancel(held: Position, adjustment: Adjustment) -> None:
    held.open = u.minus(held.open, adjustment.units)
    if adjustment.step in PENDING:
        held.pending = u.union(held.pending, adjustment.units)
    else:
        held.cancelled = u.union(held.cancelled, adjustment.units)


def _fold_return(held: Position, adjustment: Adjustment) -> None:
    if adjustment.step in RETURNED:
        held.returned = u.union(held.returned, adjustment.units)
    else:
        held.announced = u.union(held.announced, adjustment.units)


def imbalances(ledger: Ledger) -> Iterator[str]:
    """Every breach of the ledger rule, in words; none for an order that was only ever changed by `decide_*`."""
    for line_id, held in ledger.positions.items():
        counts = held.counts()
        places = counts["open"] + counts["pending"] + counts["cancelled"] + counts["fulfilled"]
        if places != held.line.quantity:
            yield f"line {line_id}: {held.line.quantity} units, {places} accounted for"
        everywhere = (held.open, held.pending, held.cancelled, held.fulfilled)
        if u.count(u.union_all(everywhere)) != places:
            yield f"line {line_id}: a unit is in two places"
        if u.minus(u.union(held.returned, held.announced), held.fulfilled):
            yield f"line {line_id}: a unit came back that was never shipped"
        if u.minus(u.union_all(everywhere), u.span(held.line.quantity)):
            yield f"line {line_id}: a unit that was never ordered"
    if (ledger.order.state == "completed") != ledger.done:
        yield f"state {ledger.order.state} with {ledger.open_units} open and {ledger.pending_units} pending"
    yield from _entry_imbalances(ledger)
    yield from _case_imbalances(ledger)
    yield from balance.breaches(ledger.order)


def _entry_imbalances(ledger: Ledger) -> Iterator[str]:
    """Two entries that took the same unit: folded, they would look like one."""
    taken: dict[tuple[str, str], list[Units]] = {}
    for item in _shipped(ledger.order):
        taken.setdefault((item.line_id, "fulfillment"), []).append(item.units)
    for adjustment in ledger.order.adjustments:
        if adjustment.line_id is not None and adjustment.step is not Step.REJECTED:
            kind = ledger.cases[adjustment.case_id].kind.value
            taken.setdefault((adjustment.line_id, kind), []).append(adjustment.units)
    for (line_id, kind), sets in taken.items():
        if sum(map(u.count, sets)) != u.count(u.union_all(sets)):
            yield f"line {line_id}: a unit in two entries of kind {kind}"


def _case_imbalances(ledger: Ledger) -> Iterator[str]:
    for case in ledger.order.cases:
        steps = [a.step for a in ledger.order.adjustments if a.case_id == case.id]
        waiting = any(step in PENDING or step is Step.ANNOUNCED for step in steps)
        if case.kind is CaseKind.CANCEL and waiting != (case.state is CaseState.PENDING):
            yield f"case {case.id}: {case.state} with steps {steps}"
        if (case.state is CaseState.PENDING) == (case.decided_at is not None):
            yield f"case {case.id}: {case.state}, decided at {case.decided_at}"
